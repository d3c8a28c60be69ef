import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkUtf8, isUtf8, utf8Invalid, utf8Start } from '../../src/ws/utf8.ts';
import { cut, hex, sizes } from './chunking.ts';

const reference = new TextDecoder('utf-8', { fatal: true });

function isValidForReference(bytes: Uint8Array): boolean {
  try {
    reference.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Each with the number of bytes after which it must be known to be wrong; null for what is right. */
const cases: [string, string, number | null][] = [
  ['nothing', '', null],
  ['ASCII', '48 65 6c 6c 6f 00 7f', null],
  ['two bytes', 'c2 80 df bf', null],
  ['three bytes', 'e0 a0 80 ed 9f bf ee 80 80 ef bf bf', null],
  ['four bytes', 'f0 90 80 80 f4 8f bf bf', null],
  ['a byte order mark', 'ef bb bf', null],
  ['a continuation alone', '61 80', 2],
  ['overlong, two bytes', 'c0 80', 1],
  ['overlong, two bytes, c1', 'c1 bf', 1],
  ['overlong, three bytes', 'e0 9f bf', 2],
  ['overlong, four bytes', 'f0 8f bf bf', 2],
  ['the first surrogate', 'ed a0 80', 2],
  ['the last surrogate', 'ed bf bf', 2],
  ['above U+10FFFF', 'f4 90 80 80', 2],
  ['a lead byte of f5', 'f5 80 80 80', 1],
  ['fe', 'fe', 1],
  ['ff', 'ff', 1],
  ['a lead byte inside a character', 'e2 82 c2', 3],
  ['ASCII inside a character', 'f0 9f 98 41', 4],
  // Far enough in that the path for eight bytes at once has to stop for it.
  ['wrong in the middle of much', `${'61'.repeat(13)} ff ${'61'.repeat(13)}`, 14],
];

test.each(cases)('%s', (_what, text, wrongAfter) => {
  const bytes = hex(text);
  expect(isUtf8(bytes)).toBe(wrongAfter === null);
  expect(isUtf8(bytes)).toBe(isValidForReference(bytes));
  if (wrongAfter === null) return;
  expect(checkUtf8(utf8Start, bytes.subarray(0, wrongAfter - 1))).not.toBe(utf8Invalid);
  expect(checkUtf8(utf8Start, bytes.subarray(0, wrongAfter))).toBe(utf8Invalid);
});

test.each(['c3', 'e2 82', 'f0 9f 98', 'f0'])('%s alone is not finished, and not wrong', (text) => {
  expect(isUtf8(hex(text))).toBe(false);
  expect(checkUtf8(utf8Start, hex(text))).not.toBe(utf8Invalid);
});

test('every pair of a lead byte and what follows agrees with the platform', () => {
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      for (const rest of [[], [0x80, 0x80]]) {
        const bytes = Uint8Array.of(first, second, ...rest);
        if (isUtf8(bytes) !== isValidForReference(bytes)) expect.fail(`disagrees on ${bytes}`);
      }
    }
  }
});

const bytes = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => new Uint8Array(Buffer.from(text, 'utf8'))),
  fc.uint8Array({ maxLength: 30 }),
  fc
    .tuple(fc.string({ unit: 'grapheme' }), fc.uint8Array({ maxLength: 2 }), fc.string({ unit: 'grapheme' }))
    .map(([before, middle, after]) => new Uint8Array(Buffer.concat([Buffer.from(before), middle, Buffer.from(after)]))),
);

test('agrees with the platform, however the bytes are cut', () => {
  fc.assert(
    fc.property(bytes, sizes, (text, cuts) => {
      let state = utf8Start;
      for (const chunk of cut(text, cuts)) state = checkUtf8(state, chunk);
      expect(state === utf8Start).toBe(isValidForReference(text));
    }),
    { numRuns: 500 },
  );
});
