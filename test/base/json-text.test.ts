import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapedJson, jsonText } from '../../src/base/json-text.ts';

test.each([
  ['\u009b31m', '"\\u009b31m"'],
  ['\u0090q', '"\\u0090q"'],
  ['a\u007fb', '"a\\u007fb"'],
  ['\u202etxt.exe', '"\\u202etxt.exe"'],
  ['\u001b[2J', '"\\u001b[2J"'],
  ['é, 日本, 🙂', '"é, 日本, 🙂"'],
])('%j', (text, expected) => {
  expect(jsonText(text)).toBe(expected);
  expect(escapedJson(JSON.stringify(text))).toBe(expected);
});

test('whatever the value, it reads back as it was, and nothing in it acts on a terminal', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
      const json = jsonText(value);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
      expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
    }),
  );
});
