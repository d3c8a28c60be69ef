/** Payload lengths: RFC 6455, 5.2. Autobahn has no cases for lengths that are wrong. */
import { rawFrame } from '../../raw-frame.ts';
import type { Section } from '../case.ts';
import { binary, comesBack, ends, textMessage } from '../play.ts';

const rfc = 'RFC 6455, 5.2';
const sizes = [0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 4095, 4096, 65_534, 65_535, 65_536, 65_537];
const notMinimal = [
  ...[0, 1, 64, 125].map((length) => ({ length, lengthBits: 16 as const })),
  ...[0, 1, 125, 126, 65_535].map((length) => ({ length, lengthBits: 64 as const })),
];
const impossible = [
  ['2^63', 2n ** 63n],
  ['2^63 + 5', 2n ** 63n + 5n],
  ['2^64 - 1', 2n ** 64n - 1n],
] as const;
const enormous = [
  ['2^31', 2n ** 31n],
  ['2^32', 2n ** 32n],
  ['2^53', 2n ** 53n],
  ['2^63 - 1', 2n ** 63n - 1n],
] as const;

export const lengthSection: Section = {
  id: 'lengths',
  title: 'Payload lengths',
  cases: [
    ...sizes.map((length) => {
      const payload = Buffer.alloc(length, 'length ');
      return comesBack(`text of ${length} bytes`, [rawFrame({ opcode: 1, payload })], [textMessage(payload)], { rfc });
    }),
    ...sizes.map((length) => {
      const payload = Buffer.alloc(length, Buffer.from([0x00, 0xff, 0x80, 0x7f]));
      return comesBack(`binary of ${length} bytes`, [rawFrame({ opcode: 2, payload })], [binary(payload)], { rfc });
    }),
    ...notMinimal.map(({ length, lengthBits }) =>
      ends(
        `${length} bytes with a length of ${lengthBits} bits`,
        [rawFrame({ opcode: 2, payload: Buffer.alloc(length), lengthBits })],
        [1002],
        // “the minimal number of bytes MUST be used”; nearly no server looks, and nobody is hurt.
        { rfc, mayReadOn: true },
      ),
    ),
    ...[16, 64].map((lengthBits) =>
      ends(
        `a ping of 5 bytes with a length of ${lengthBits} bits`,
        [rawFrame({ opcode: 9, payload: Buffer.from('short'), lengthBits: lengthBits as 16 | 64 })],
        [1002],
        // Not minimal either, and 5 bytes all the same: a control frame over 125 is another case.
        { rfc, mayReadOn: true },
      ),
    ),
    ...impossible.map(([shown, length]) =>
      ends(
        `a length of ${shown}, whose top bit is set`,
        [rawFrame({ opcode: 2, length, payload: Buffer.from('x') })],
        [1002],
        {
          rfc,
          unfinished: true,
        },
      ),
    ),
    ...enormous.map(([shown, length]) =>
      ends(
        `a length of ${shown}, which nobody takes`,
        [rawFrame({ opcode: 2, length, payload: Buffer.from('x') })],
        [1009],
        {
          rfc: 'RFC 6455, 10.4',
          unfinished: true,
          mayReadOn: true,
        },
      ),
    ),
  ],
};
