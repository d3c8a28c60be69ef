/** Ends that come at the wrong moment, sides that do not listen, and bytes that come too early or too late. */
import { encodeClose, encodeFrame } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import { handshakeText, keyIn, switching } from '../../support/raw-peer.ts';
import { headEnd } from '../../support/raw-socket.ts';
import { type BadInput, type Bench, endingOf } from './bench.ts';
import { afterClose, halfClose, mask, midway, must, unanswered, unread } from './conducts.ts';
import { noted } from './requests.ts';

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
