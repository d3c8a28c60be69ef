/** Sides of a connection that leave, fall silent or go on at the wrong moment. */
import { encodeClose, encodeFrame, encodeFrameHead } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import { headEnd } from '../../support/raw-socket.ts';
import { type BadInput, endingOf, type Pair } from './bench.ts';

export const mask = Uint8Array.of(1, 2, 3, 4);
const bufferBytesMax = 256 * 1024;

export function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** `side` sends the beginning of something and is then gone by `how`; the other side is observed. */
export function midway(options: {
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
export function unread(side: 'client' | 'server'): BadInput {
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
      // One read of the socket may come on top: 64 KiB; in message mode, a message that was begun, too.
      must(
        record!.bufferedBytes <= bufferBytesMax + 65_536 + floodedBytes + 200,
        `the edge holds ${record!.bufferedBytes} bytes`,
      );
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

/** Of each message of a flood. */
const floodedBytes = 60_000;

/** Sends until nothing moves any more: kernel buffers and the edge's are full. */
async function flood(sender: Pair['client']): Promise<void> {
  const frame = sender.encoded(opcodes.binary, Buffer.alloc(floodedBytes));
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

export function afterClose(side: 'client' | 'server'): BadInput {
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

/** FIN without a close frame, while the other side still has something to say. */
export function halfClose(side: 'client' | 'server'): BadInput {
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
export function unanswered(deaf: 'client' | 'server', kicked: boolean): BadInput {
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
