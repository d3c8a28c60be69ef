/** What holds for any text at all. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describe as describeLocation } from '../../../src/nginx/effective/describe.ts';
import { effective } from '../../../src/nginx/effective/effective.ts';
import { validate } from '../../../src/nginx/facts/validate.ts';
import { bytesOfText, textOfBytes } from '../../../src/nginx/syntax/bytes.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { applyEdits } from '../../../src/nginx/syntax/edits.ts';
import { parse } from '../../../src/nginx/syntax/parser.ts';
import { print, quoted, write } from '../../../src/nginx/syntax/printer.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import type { ConfigFile, Directive } from '../../../src/nginx/syntax/tree.ts';
import { sampleConfigurations } from './samples.ts';

const anyBytes = fc.uint8Array({ maxLength: 200 }).map(textOfBytes);
const piece = fc.constantFrom(
  ...' \t\n\r;{}"\'\\#$()\u0000\u00ff'.split(''),
  'location',
  'server',
  'http',
  'events',
  'if',
  'map',
  'include',
  'upstream',
  'proxy_pass',
  'content_by_lua_block',
  '--[[',
  ']]',
  '/a',
  '$x',
  '{{ x }}',
  '{% if %}',
  '<%= y %>',
);
const likeText = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(' '));
/** A real configuration with a part taken out, doubled, or replaced. */
const mutated = fc
  .tuple(fc.constantFrom(...sampleConfigurations), fc.nat(), fc.nat(30), likeText)
  .map(([text, at, length, insert]) => {
    const start = at % text.length;
    return text.slice(0, start) + insert + text.slice(start + length);
  });
const anyText = fc.oneof(anyBytes, likeText, mutated);

test('print gives back what was parsed', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom(0, 1), (text, reading) => {
      expect(print(parse(text, { reading }).value)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test('bytes come back through the tree', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(Buffer.from(bytesOfText(print(parse(textOfBytes(bytes)).value)))).toEqual(Buffer.from(bytes));
    }),
  );
});

/** Ranges in order, inside one another, and made of what they say. */
function checkRanges(file: ConfigFile, directives: readonly Directive[], from: number, to: number): void {
  let at = from;
  for (const directive of directives) {
    expect(directive.start).toBeGreaterThanOrEqual(at);
    expect(directive.end).toBeLessThanOrEqual(to);
    let inside = directive.start;
    for (const word of directive.words) {
      expect(word.start).toBeGreaterThanOrEqual(inside);
      expect(word.end).toBeGreaterThan(word.start);
      inside = word.end;
    }
    expect(directive.words.slice(1).map(({ value }) => value)).toEqual(directive.args);
    if (directive.block !== null) {
      expect(directive.block.start).toBeGreaterThanOrEqual(inside);
      expect(file.text[directive.block.start]).toBe('{');
      checkRanges(file, directive.block.directives, directive.block.start + 1, directive.block.end);
      inside = directive.block.end;
    }
    expect(directive.end).toBeGreaterThanOrEqual(inside);
    at = directive.end;
  }
}

test('ranges are in order and inside one another', () => {
  fc.assert(
    fc.property(fc.oneof(likeText, mutated), (text) => {
      const file = parse(text).value;
      checkRanges(file, file.directives, 0, text.length);
    }),
    { numRuns: 300 },
  );
});

test('nothing throws, whatever is read, and every finding has a place in the text', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.constantFrom(0, 1), (text, included, reading) => {
      const reader = memoryReader({ '/n.conf': bytesOfText(text), '/a': bytesOfText(included) });
      const { value, diagnostics } = readConfiguration('/n.conf', reader, { reading });
      const model = effective(value, { target: [1, 22, 1] });
      for (const location of model.locations) describeLocation(model, location);
      for (const { where, message } of [...diagnostics, ...validate(value)]) {
        expect(message).not.toBe('');
        const range = where?.range;
        if (range === undefined) continue;
        const length = where?.file === '/a' ? included.length : text.length;
        expect(range.start.offset).toBeLessThanOrEqual(range.end.offset);
        expect(range.end.offset).toBeLessThanOrEqual(length);
        expect(Math.min(range.start.line, range.start.column)).toBeGreaterThan(0);
      }
    }),
    { numRuns: 500 },
  );
});

describe('edits', () => {
  const edit = fc
    .tuple(fc.nat(60), fc.nat(10), fc.string({ maxLength: 5 }))
    .map(([start, length, text]) => ({ file: 'f', start, end: start + length, text }));

  test('keep everything outside of their ranges', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.array(edit, { maxLength: 6 }), (text, edits) => {
        const { value, applied, diagnostics } = applyEdits(text, edits);
        expect(applied.length + diagnostics.length).toBe(edits.length);
        // Going through the result and the text side by side, every stretch between edits is the same.
        let from = 0;
        let at = 0;
        for (const { start, end, text: inserted } of applied) {
          expect(value.slice(at, at + start - from)).toBe(text.slice(from, start));
          at += start - from;
          expect(value.slice(at, at + inserted.length)).toBe(inserted);
          at += inserted.length;
          from = end;
        }
        expect(value.slice(at)).toBe(text.slice(from));
      }),
    );
  });

  test('that overlap or lie outside are left out and named', () => {
    const { value, diagnostics } = applyEdits('abcdef', [
      { file: 'f', start: 1, end: 3, text: 'X' },
      { file: 'f', start: 2, end: 4, text: 'Y' },
      { file: 'f', start: 6, end: 9, text: 'Z' },
      { file: 'f', start: 6, end: 6, text: '!' },
    ]);
    expect(value).toBe('aXdef!');
    expect(diagnostics.map(({ code }) => code)).toEqual(['nginx-edit-overlap', 'nginx-edit-overlap']);
  });
});

test('what is written is read as the same values', () => {
  const value = fc.oneof(fc.string({ unit: 'binary-ascii', maxLength: 20 }), likeText);
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (args) => {
      const text = write([
        { name: 'x', args, block: [{ name: 'y', args: ['1'] }, { comment: 'why' }, { blank: true }] },
      ]);
      const { value: file, diagnostics } = parse(text);
      fc.pre(!file.template);
      expect(diagnostics).toEqual([]);
      expect(file.directives[0]!.args).toEqual(args);
      expect(file.directives[0]!.block!.directives[0]).toMatchObject({ name: 'y', args: ['1'] });
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['plain', 'plain'],
  ['', '""'],
  ['a b', '"a b"'],
  ['^/a{2}$', '"^/a{2}$"'],
  ['\\.php$', '\\.php$'],
  ['say "hi"', '\'say "hi"\''],
  ['$' + '{a}b', '$' + '{a}b'],
  ['a\\', '"a\\\\"'],
])('%j is written as %s', (value, written) => {
  expect(quoted(value)).toBe(written);
});
