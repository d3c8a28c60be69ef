/** Bytes that break the protocol, and how. What follows `;` is a comment. One table for the scanner and the decoder. */
import type { Violation } from '../../src/ws/violation.ts';
import { hex } from './chunking.ts';

export interface ViolationCase {
  readonly violation: Violation | null;
  readonly what: string;
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
  /** Whether permessage-deflate was agreed on. */
  readonly compression: boolean;
}

/** Largest message of the cases. */
export const caseBytesMax = 1000;

function row(
  violation: Violation | null,
  what: string,
  text: string,
  more: Partial<ViolationCase> = {},
): ViolationCase {
  return { violation, what, from: 'server', bytes: hex(text), compression: false, ...more };
}

const client = { from: 'client' } as const;
const compression = { compression: true } as const;

/** What the frames alone give away, and what is no violation though it looks like one. */
export const frameCases: readonly ViolationCase[] = [
  row('client-unmasked', 'a text', '81 01 61', client),
  row('client-unmasked', 'a ping', '89 00', client),
  row('client-unmasked', 'known from two bytes', '82 7f', client),
  row('server-masked', 'a text', '81 81 00 00 00 00 61'),
  row('server-masked', 'known from two bytes', '8a 80'),
  row('reserved-bits', 'RSV1 without the extension', 'c1 00'),
  row('reserved-bits', 'RSV2', 'a1 00'),
  row('reserved-bits', 'RSV3', '91 00'),
  row('reserved-bits', 'RSV2 beside compression', 'a1 00', compression),
  row('reserved-bits', 'RSV1 on a continuation', '41 00 c0 00', compression),
  row('reserved-bits', 'RSV1 on a ping', 'c9 00', compression),
  row('reserved-bits', 'known from one byte', 'f1'),
  row('reserved-opcode', '3', '83 00'),
  row('reserved-opcode', '7', '87 00'),
  row('reserved-opcode', 'b', '8b 00'),
  row('reserved-opcode', 'f', '8f 00'),
  row('reserved-opcode', 'within a message', '01 00 83 00'),
  row('control-too-long', 'a ping of 126', '89 7e 00 7e'),
  row('control-too-long', 'a close of 64 KiB', '88 7f 00 00 00 00 00 01 00 00'),
  row('control-too-long', 'from a client', '8a fe', client),
  row('control-fragmented', 'a ping', '09 00'),
  row('control-fragmented', 'a close', '08 02 03 e8'),
  row('continuation-unexpected', 'at the start', '80 00'),
  row('continuation-unexpected', 'after a whole message', '81 00 80 00'),
  row('continuation-unexpected', 'after a ping', '89 00 00 01 61'),
  row('continuation-missing', 'a text in a text', '01 01 61 81 01 61'),
  row('continuation-missing', 'a binary behind an empty fragment', '01 00 82 00'),
  row('length-not-minimal', '0 in 16 bits', '82 7e 00 00'),
  row('length-not-minimal', '125 in 16 bits', '82 7e 00 7d'),
  row('length-not-minimal', '65535 in 64 bits', '82 7f 00 00 00 00 00 00 ff ff'),
  row('length-not-minimal', 'masked', '82 fe 00 01 00 00 00 00', client),
  row('length-too-large', '2 to the 63', '82 7f 80 00 00 00 00 00 00 00'),
  row('length-too-large', 'all bits', '82 7f ff ff ff ff ff ff ff ff'),
  row('message-too-big', 'one frame', '82 7e 03 e9'),
  row('message-too-big', '2 to the 63 less one', '82 7f 7f ff ff ff ff ff ff ff'),
  row('message-too-big', 'over two frames', `02 01 61 00 7e 03 e8`),
  row('message-too-big', 'over two frames with a ping between', '02 01 61 89 00 80 7e 03 e8'),
  row('close-length', 'one byte', '88 01 03'),
  row('close-length', 'from a client', '88 81 00 00 00 00 03', client),
  row('close-code', '0', '88 02 00 00'),
  row('close-code', '999', '88 02 03 e7'),
  row('close-code', '1004', '88 02 03 ec'),
  row('close-code', '1005', '88 02 03 ed'),
  row('close-code', '1006', '88 02 03 ee'),
  row('close-code', '1015', '88 02 03 f7'),
  row('close-code', '2999', '88 02 0b b7'),
  row('close-code', '5000', '88 02 13 88'),
  row('close-utf8', 'a continuation byte', '88 03 03 e8 80'),
  row('close-utf8', 'half a character', '88 04 03 e8 e2 82'),
  row(null, 'the largest message', `82 7e 03 e8 ${'00'.repeat(1000)}`),
  row(null, 'a message of fragments with a ping between', '01 01 61 89 01 62 00 00 80 01 63'),
  row(null, 'RSV1 with the extension', 'c2 07 f2 48 cd c9 c9 07 00', compression),
  row(null, 'a ping of 125', `89 7d ${'00'.repeat(125)}`),
  row(null, 'a close without a code', '88 00'),
  row(null, 'half a header', '82 7e 03'),
  row(null, 'half a payload', '82 05 01 02'),
];

/** What needs the payload to be read. */
export const payloadCases: readonly ViolationCase[] = [
  row('after-close', 'a ping', '88 00 89 00'),
  row('after-close', 'a byte', '88 02 03 e8 00'),
  row('text-utf8', 'a wrong byte', '81 01 ff'),
  row('text-utf8', 'a wrong byte in a frame that is not complete', '81 05 61 ff'),
  row('text-utf8', 'half a character at the end', '81 02 e2 82'),
  row('text-utf8', 'half a character at the end of the fragments', '01 01 e2 80 01 82'),
  row('text-utf8', 'a surrogate over two fragments', '01 01 ed 00 01 a0'),
  row('text-utf8', 'a wrong byte in a compressed text', 'c1 03 fa 0f 00', compression),
  row('deflate-data', 'a reserved block type', 'c2 01 07', compression),
  row('deflate-data', 'a message that ends inside a block', 'c2 03 f2 48 cd', compression),
  row(null, 'a character over two fragments', '01 01 c3 80 01 a9'),
  row(null, 'wrong UTF-8 in a binary', '82 01 ff'),
];
