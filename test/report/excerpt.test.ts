import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Range } from '../../src/base/diagnostic.ts';
import { excerpt } from '../../src/report/excerpt.ts';

function rangeOf(source: string, start: number, end: number): Range {
  const at = (offset: number) => {
    const before = source.slice(0, offset).split('\n');
    return { line: before.length, column: before.at(-1)!.length + 1, offset };
  };
  return { start: at(start), end: at(end) };
}

/** The part between [ and ] is the range. */
function show(marked: string): string {
  const start = marked.indexOf('⟦');
  const end = marked.indexOf('⟧') - 1;
  const source = marked.replace(/[⟦⟧]/g, '');
  return excerpt(source, rangeOf(source, start, end), (marks) => marks).join('\n');
}

test.each([
  ['a: ⟦b⟧', '  1 | a: b\n    |    ^'],
  ['x\n  key: ⟦value⟧ # c\ny', '  2 |   key: value # c\n    |        ^~~~~'],
  ['a: ⟦⟧', '  1 | a: \n    |    ^'],
  ['\tk: ⟦v⟧', '  1 |   k: v\n    |      ^'],
  ['日本: ⟦語⟧', '  1 | 日本: 語\n    |       ^~'],
  ['e\u0301: ⟦x⟧', '  1 | e\u0301: x\n    |    ^'],
  ['a: ⟦[\n 1]⟧', '  1 | a: [\n    |    ^'],
  ['a: ⟦b⟧\r\nc', '  1 | a: b\n    |    ^'],
  ['a: ⟦\u001b[31m⟧', '  1 | a: \\u001b[31m\n    |    ^~~~~~~~~~'],
  [
    `${'x'.repeat(300)}⟦bad⟧${'y'.repeat(300)}`,
    `  1 | …${'x'.repeat(20)}bad${'y'.repeat(77)}…\n    |  ${' '.repeat(20)}^~~`,
  ],
])('%j', (marked, expected) => {
  expect(show(marked)).toBe(expected);
});

test('whatever the text and the range, two short lines without control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.nat(400), fc.nat(400), (source, a, b) => {
      const [start, end] = [Math.min(a, b, source.length), Math.min(Math.max(a, b), source.length)];
      const lines = excerpt(source, rangeOf(source, start, end), (marks) => marks);
      expect(lines).toHaveLength(2);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is the point.
      for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(lines[1]).toContain('^');
      expect(lines[0]!.length).toBeLessThan(800);
    }),
  );
});
