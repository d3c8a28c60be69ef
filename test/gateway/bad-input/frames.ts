/** Frames that break the protocol, from either side, in a connection that works. */
import { randomBytes } from 'node:crypto';
import { applyMask } from '../../../src/ws/mask.ts';
import { hex } from '../../ws/chunking.ts';
import { type BadInput, endingOf } from './bench.ts';

/** Bytes of a server's frames in hexadecimal; the client's are the same with a mask put on each frame. */
interface Fault {
  readonly what: string;
  readonly frames: readonly string[];
  readonly code: 1002 | 1007 | 1009;
  readonly cause?: 'message-too-big';
}

const messageBytesMax = 1000;

const faults: readonly Fault[] = [
  { what: 'a reserved bit that no extension defines', frames: ['c1 01 61'], code: 1002 },
  { what: 'the reserved bits 2 and 3', frames: ['b1 01 61'], code: 1002 },
  { what: 'the reserved data opcode 3', frames: ['83 01 61'], code: 1002 },
  { what: 'the reserved control opcode 11', frames: ['8b 01 61'], code: 1002 },
  { what: 'a ping of 126 bytes', frames: [`89 7e 00 7e ${'61'.repeat(126)}`], code: 1002 },
  { what: 'a fragmented ping', frames: ['09 01 61', '80 01 62'], code: 1002 },
  { what: 'a continuation of nothing', frames: ['80 01 61'], code: 1002 },
  { what: 'a new message within a fragmented one', frames: ['01 01 61', '81 01 62'], code: 1002 },
  { what: 'a length of 5 written in 16 bits', frames: ['81 7e 00 05 61 61 61 61 61'], code: 1002 },
  {
    what: 'a length of 200 written in 64 bits',
    frames: [`82 7f 00 00 00 00 00 00 00 c8 ${'00'.repeat(200)}`],
    code: 1002,
  },
  { what: 'a frame that claims 2^63 bytes', frames: ['82 7f 80 00 00 00 00 00 00 00'], code: 1002 },
  {
    what: 'a frame that claims 2^62 bytes',
    frames: ['82 7f 40 00 00 00 00 00 00 00'],
    code: 1009,
    cause: 'message-too-big',
  },
  {
    what: 'a message over the limit in one frame',
    frames: [`82 7e 03 e9 ${'00'.repeat(1001)}`],
    code: 1009,
    cause: 'message-too-big',
  },
  {
    what: 'a message over the limit in a thousand and one fragments',
    frames: ['02 01 00', ...Array.from({ length: 1000 }, () => '00 01 00')],
    code: 1009,
    cause: 'message-too-big',
  },
  { what: 'a close frame with one byte', frames: ['88 01 03'], code: 1002 },
  { what: 'a close frame with code 1005', frames: ['88 02 03 ed'], code: 1002 },
  { what: 'a close frame with code 1006', frames: ['88 02 03 ee'], code: 1002 },
  { what: 'a close frame with code 999', frames: ['88 02 03 e7'], code: 1002 },
  { what: 'a close frame with code 5000', frames: ['88 02 13 88'], code: 1002 },
  { what: 'a close reason that is not UTF-8', frames: ['88 04 03 e8 ff fe'], code: 1007 },
  {
    what: 'random bytes',
    frames: [Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 37 + 0xf3) & 0xff)).toString('hex')],
    code: 1002,
  },
];

export const frames: readonly BadInput[] = [
  ...faults.map((fault) => fromSide('client', fault)),
  {
    ...fromSide('client', { what: 'a frame without a mask', frames: [], code: 1002 }),
    run: async (bench) => {
      const pair = await bench.pair();
      pair.client.write(hex('81 01 61'));
      return endingOf(bench, pair);
    },
  },
  ...faults.map((fault) => fromSide('server', fault)),
  {
    ...fromSide('server', { what: 'a frame with a mask', frames: [], code: 1002 }),
    run: async (bench) => {
      const pair = await bench.pair();
      pair.server.write(hex('81 81 00 00 00 00 61'));
      return endingOf(bench, pair);
    },
  },
];

function fromSide(side: 'client' | 'server', fault: Fault): BadInput {
  const told = `close ${fault.code}`;
  return {
    what: `from the ${side}: ${fault.what}`,
    client: side === 'client' ? told : 'close 1011',
    server: side === 'server' ? told : 'close 1001',
    noted: fault.cause ?? `${side}-protocol-error`,
    route: { limits: { messageBytesMax } },
    run: async (bench) => {
      const pair = await bench.pair();
      const bytes = fault.frames.map((frame) => (side === 'client' ? masked(hex(frame)) : hex(frame)));
      // What was sent before the fault was right, and arrives.
      pair[side].frame(1, 'before');
      pair[side].write(Buffer.concat(bytes));
      const observed = await endingOf(bench, pair);
      const other = side === 'client' ? pair.server : pair.client;
      if (other.events[0]?.kind !== 'text') throw new Error('the message before the fault did not arrive');
      return observed;
    },
  };
}

/** The frame with the mask bit set, a mask behind the length, and the payload masked. */
function masked(frame: Uint8Array): Uint8Array {
  const short = frame[1]! & 0x7f;
  const headBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
  const mask = randomBytes(4);
  const payload = frame.slice(headBytes);
  applyMask(payload, mask);
  const head = frame.slice(0, headBytes);
  head[1]! |= 0x80;
  return Buffer.concat([head, mask, payload]);
}
