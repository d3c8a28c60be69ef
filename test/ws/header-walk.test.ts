/** Headers are found in any chunking, from the middle of a payload on, and whatever the payload is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FrameHeader, HeaderWalk } from '../../src/ws/header-walk.ts';

const frame = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
  final: fc.boolean(),
  compressed: fc.boolean(),
  masked: fc.boolean(),
  bytes: fc.oneof(fc.nat(130), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)),
});

function bytesOf({ opcode, final, compressed, masked, bytes }: FrameHeader & { masked: boolean }): Buffer {
  const short = bytes < 126 ? bytes : bytes < 65_536 ? 126 : 127;
  const length = Buffer.alloc(short < 126 ? 0 : short === 126 ? 2 : 8);
  if (short === 126) length.writeUInt16BE(bytes);
  if (short === 127) length.writeBigUInt64BE(BigInt(bytes));
  const first = (final ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const head = Buffer.from([first, (masked ? 0x80 : 0) | short]);
  // 0x81 looks like a header wherever a walk would lose its way.
  return Buffer.concat([head, length, Buffer.alloc(masked ? 4 : 0, 0x81), Buffer.alloc(bytes, 0x81)]);
}

test('the same headers in whatever chunks they come', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 12 }),
      fc.nat(100),
      fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 }),
      (frames, before, cuts) => {
        const stream = Buffer.concat([Buffer.alloc(before, 0x81), ...frames.map(bytesOf)]);
        const found: FrameHeader[] = [];
        const walk = new HeaderWalk(before);
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const length = cuts[cut % cuts.length]!;
          walk.walk(stream.subarray(at, at + length), (header) => found.push(header));
          at += length;
        }
        expect(found).toEqual(frames.map(({ masked: _, ...header }) => header));
      },
    ),
    { numRuns: 100 },
  );
});
