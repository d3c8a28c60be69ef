/** Ends that come at the wrong moment, sides that do not listen, and bytes that come too early or too late. */
import { encodeClose, encodeFrame, encodeFrameHead } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import { handshakeText, keyIn, switching } from '../../support/raw-peer.ts';
import { headEnd } from '../../support/raw-socket.ts';
import { type BadInput, type Bench, endingOf, type Pair } from './bench.ts';
import { noted } from './requests.ts';

const mask = Uint8Array.of(1, 2, 3, 4);
const bufferBytesMax = 256 * 1024;

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** `side` sends the beginning of something and is then gone by `how`; the other side is observed. */
function midway(options: {
  readonly what: string;
  readonly side: 'client' | 'server';
  readonly how: 'end' | 'reset';
  readonly within: 'message' | 'frame';
  readonly expected: { readonly other: string; readonly noted: string };
}): BadInput {
  const { side, how, within, expected } = options;
  return {
    what: options.what,
    client: side === 'client' ? 'gone' : expected.other,
    server: side === 'server' ? 'gone' : expected.other,
    noted: expected.noted,
    run: async (bench) => {
      const pair = await bench.pair();
      const [gone, other] = side === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
      if (within === 'message') gone.frame(opcodes.text, 'the first half', { fin: false });
      else {
        const head = encodeFrameHead({ opcode: opcodes.text, mask: side === 'client' ? mask : null }, 1000);
        gone.write(Buffer.concat([head, Buffer.alloc(400)]));
      }
      await expectBytes(other.raw, 10);
      if (how === 'end') gone.raw.socket.destroySoon();
      else gone.raw.reset();
      const [told, { end }] = await Promise.all([other.ending(), bench.edge.ended()]);
      return { client: side === 'client' ? 'gone' : told, server: side === 'server' ? 'gone' : told, noted: end.cause };
    },
  };
}

async function expectBytes(raw: { until(wanted: (bytes: Buffer) => true | null): Promise<true> }, more: number) {
  let before = -1;
  await raw.until((bytes) => {
    const at = headEnd(bytes) ?? 0;
    before = bytes.length - at;
    return before >= more ? true : null;
  });
}

/** One side sends without end and the other does not read. */
function unread(side: 'client' | 'server'): BadInput {
  return {
    what: `a ${side} that never reads`,
    client: side === 'client' ? 'gone' : 'close 1013',
    server: side === 'server' ? 'gone' : 'close 1013',
    noted: 'slow-consumer',
    route: { limits: { bufferBytesMax, slowConsumerMs: 5000 } },
    run: async (bench) => {
      const pair = await bench.pair();
      const [deaf, sender] = side === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
      deaf.raw.socket.pause();
      await flood(sender);
      const [record] = [...bench.edge.gateway.registry.all()].filter((each) => each.route === 'all');
      must(record!.bufferedBytes > bufferBytesMax, 'the edge does not hold a full buffer');
      // One read of the socket may come on top: 64 KiB.
      must(record!.bufferedBytes <= bufferBytesMax + 65_536 + 200, `the edge holds ${record!.bufferedBytes} bytes`);
      bench.skip(5100);
      const told = await sender.next('close');
      // Its answer lies behind all that it had sent, which the edge reads and drops.
      await sender.ending();
      // Past the grace for the close itself, the one that does not read is cut.
      bench.skip(10_100);
      const { end } = await bench.edge.ended();
      return {
        client: side === 'client' ? 'gone' : `close ${told.code}`,
        server: side === 'server' ? 'gone' : `close ${told.code}`,
        noted: end.cause,
      };
    },
  };
}

/** Sends until nothing moves any more: kernel buffers and the edge's are full. */
async function flood(sender: Pair['client']): Promise<void> {
  const frame = sender.encoded(opcodes.binary, Buffer.alloc(60_000));
  const { socket } = sender.raw;
  for (;;) {
    while (socket.writableLength < 1_000_000) sender.write(frame);
    const before = socket.writableLength;
    const moved = await new Promise<boolean>((resolve) => {
      const quiet = setTimeout(() => resolve(false), 300);
      const look = setInterval(() => {
        if (socket.writableLength === before) return;
        clearTimeout(quiet);
        clearInterval(look);
        resolve(true);
      }, 10);
      setTimeout(() => clearInterval(look), 310);
    });
    if (!moved) return;
  }
}

async function abandoned(bench: Bench, how: 'end' | 'reset') {
  const serverSide = new Promise<string>((resolve) => {
    bench.serve((socket) => void socket.over.then(() => resolve('cut')));
  });
  const client = await bench.dial();
  client.write(handshakeText());
  await until(() => bench.serverAsked === 1);
  if (how === 'end') client.socket.end();
  else client.reset();
  const server = await serverSide;
  await bench.edge.next('refused');
  return { client: 'gone', server, noted: noted(bench) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

function afterClose(side: 'client' | 'server'): BadInput {
  return {
    what: `from the ${side}: data after its close frame`,
    client: 'close 1000',
    server: 'close 1000',
    noted: `${side}-close`,
    run: async (bench) => {
      const pair = await bench.pair();
      const [sender, other] = side === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
      const own = side === 'client' ? mask : null;
      const close = encodeClose({ code: 1000, mask: own });
      const late = encodeFrame({ opcode: opcodes.text, mask: own, payload: Buffer.from('late') });
      sender.write(Buffer.concat([close, late, late]));
      sender.write(late);
      const observed = await endingOf(bench, pair);
      must(!other.events.some((event) => event.kind === 'text'), 'what came after the close was passed on');
      return observed;
    },
  };
}

export const ends: readonly BadInput[] = [
  midway({
    what: 'a client that is reset between two fragments',
    side: 'client',
    how: 'reset',
    within: 'message',
    expected: { other: 'close 1001', noted: 'client-reset' },
  }),
  midway({
    what: 'a client that ends between two fragments',
    side: 'client',
    how: 'end',
    within: 'message',
    expected: { other: 'close 1001', noted: 'client-gone' },
  }),
  midway({
    what: 'a client that is reset within a frame',
    side: 'client',
    how: 'reset',
    within: 'frame',
    expected: { other: 'cut', noted: 'client-reset' },
  }),
  midway({
    what: 'a client that ends within a frame',
    side: 'client',
    how: 'end',
    within: 'frame',
    expected: { other: 'cut', noted: 'client-gone' },
  }),
  midway({
    what: 'a server that is reset between two fragments',
    side: 'server',
    how: 'reset',
    within: 'message',
    expected: { other: 'close 1011', noted: 'server-reset' },
  }),
  midway({
    what: 'a server that ends between two fragments',
    side: 'server',
    how: 'end',
    within: 'message',
    expected: { other: 'close 1011', noted: 'server-gone' },
  }),
  midway({
    what: 'a server that is reset within a frame',
    side: 'server',
    how: 'reset',
    within: 'frame',
    expected: { other: 'cut', noted: 'server-reset' },
  }),
  midway({
    what: 'a server that ends within a frame',
    side: 'server',
    how: 'end',
    within: 'frame',
    expected: { other: 'cut', noted: 'server-gone' },
  }),
  halfClose('client'),
  halfClose('server'),
  unread('client'),
  unread('server'),
  afterClose('client'),
  afterClose('server'),
  {
    what: 'ten thousand tiny frames in one packet',
    client: 'close 1000',
    server: 'close 1000',
    noted: 'client-close',
    run: async (bench) => {
      const pair = await bench.pair();
      const [text, ping] = [pair.client.encoded(opcodes.text, 'x'), pair.client.encoded(opcodes.ping, '')];
      pair.client.write(Buffer.concat(Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? text : ping))));
      await pair.server.next('text', 5000);
      await pair.client.next('pong', 5000);
      pair.client.close(1000);
      return endingOf(bench, pair);
    },
  },
  {
    what: 'frames in the same packet as the handshake',
    client: 'close 1000',
    server: 'close 1000',
    noted: 'client-close',
    run: async (bench) => {
      const early = encodeFrame({ opcode: opcodes.text, mask, payload: Buffer.from('early') });
      const pair = await bench.pair({ handshake: { behind: early } });
      const { data } = await pair.server.next('text');
      must(data === 'early', `the server got ${data}`);
      pair.client.close(1000);
      return endingOf(bench, pair);
    },
  },
  {
    what: 'frames that come before the server has answered',
    client: 'close 1000',
    server: 'close 1000',
    noted: 'server-close',
    run: async (bench) => {
      const frames = ['one', 'two'].map((text) =>
        encodeFrame({ opcode: opcodes.text, mask, payload: Buffer.from(text) }),
      );
      const client = await bench.dial();
      let got = '';
      bench.serve((socket) => {
        void socket.until(headEnd).then(async (end) => {
          const head = socket.received.toString('latin1', 0, end);
          // The second piece of the early bytes is on its way to the edge before the answer is.
          await new Promise((resolve) => client.socket.write(frames[1]!, resolve));
          socket.write(switching(keyIn(head)));
          const [first, second] = frames as [Uint8Array, Uint8Array];
          await socket.until((bytes) => (bytes.length >= end + first.length + second.length ? true : null));
          got = socket.received.subarray(end).equals(Buffer.concat([first, second])) ? 'close 1000' : 'something else';
          socket.write(encodeClose({ code: 1000, mask: null }));
          await socket.over;
          socket.socket.end();
        });
      });
      client.write(Buffer.concat([Buffer.from(handshakeText()), frames[0]!]));
      await client.until((bytes) =>
        bytes.includes(Buffer.from(encodeClose({ code: 1000, mask: null }))) ? true : null,
      );
      client.write(encodeClose({ code: 1000, mask }));
      await client.over;
      client.socket.end();
      const { end } = await bench.edge.ended();
      return { client: 'close 1000', server: got, noted: end.cause };
    },
  },
  {
    what: 'frames in the same packet as the 101',
    client: 'close 1000',
    server: 'close 1000',
    noted: 'client-close',
    run: async (bench) => {
      const early = encodeFrame({ opcode: opcodes.text, mask: null, payload: Buffer.from('welcome') });
      const pair = await bench.pair({ answer: { behind: early } });
      const { data } = await pair.client.next('text');
      must(data === 'welcome', `the client got ${data}`);
      pair.client.close(1000);
      return endingOf(bench, pair);
    },
  },
  {
    what: 'a client that ends while the server is being asked',
    client: 'gone',
    server: 'cut',
    noted: 'client-left',
    run: (bench) => abandoned(bench, 'end'),
  },
  {
    what: 'a client that is reset while the server is being asked',
    client: 'gone',
    server: 'cut',
    noted: 'client-left',
    run: (bench) => abandoned(bench, 'reset'),
  },
  unanswered('server', false),
  unanswered('client', false),
  unanswered('server', true),
];

/** FIN without a close frame, while the other side still has something to say. */
function halfClose(side: 'client' | 'server'): BadInput {
  const other = side === 'client' ? 'server' : 'client';
  const code = side === 'client' ? 1001 : 1011;
  return {
    what: `a ${side} that ends its side without a close frame`,
    client: `close ${code}`,
    server: `close ${code}`,
    noted: `${side}-gone`,
    run: async (bench) => {
      const pair = await bench.pair({ [other]: { manners: 'mute' } });
      pair[side].raw.socket.end();
      await pair[other].next('close');
      // The side that still may speak is heard to its end.
      pair[other].frame(opcodes.text, 'last words');
      await pair[side].next('text');
      pair[other].close(code);
      await pair[other].raw.over;
      pair[other].raw.socket.end();
      return endingOf(bench, pair);
    },
  };
}

/** One side begins the close, the other never answers. */
function unanswered(deaf: 'client' | 'server', kicked: boolean): BadInput {
  const side = deaf === 'client' ? 'server' : 'client';
  return {
    what: kicked ? 'a kick while a close is already under way' : `a ${deaf} that never answers a close frame`,
    client: side === 'client' ? 'cut' : 'close 4000',
    server: side === 'server' ? 'cut' : 'close 4000',
    noted: `${side}-close`,
    run: async (bench) => {
      const pair = await bench.pair({ [deaf]: { manners: 'mute' } });
      pair[side].close(4000);
      await pair[deaf].next('close');
      const { record } = bench.edge.events.find(
        (event) => event.kind === 'opened' && event.record.route === 'all',
      ) as Extract<(typeof bench.edge.events)[number], { kind: 'opened' }>;
      must(record.state === 'closing', 'the registry does not show the close');
      if (kicked)
        bench.edge.gateway.closeConnection(record.id, { code: 4001, reason: 'kick', cause: 'kick', by: 'operator' });
      bench.skip(10_100);
      return endingOf(bench, pair);
    },
  };
}
