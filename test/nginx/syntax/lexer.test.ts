// biome-ignore-all lint/suspicious/noTemplateCurlyInString: braces behind a dollar are what nginx's variables look like.
import { expect, test } from 'vitest';
import { bytesOfText, readable, textOfBytes } from '../../../src/nginx/syntax/bytes.ts';
import { parse } from '../../../src/nginx/syntax/parser.ts';
import { lexerCases } from './lexer-cases.ts';

/** The words of the first statement, and the findings as `line:column message`. */
function read(text: string) {
  const { value, diagnostics } = parse(text);
  const found = diagnostics.map(({ message, where }) => {
    const { line, column } = where!.range!.start;
    return `${line}:${column} ${message}`;
  });
  return { words: value.directives[0]?.words.map((word) => word.value) ?? [], found };
}

test.each(lexerCases.values)('a word %j has the value nginx gives it', ({ token, value }) => {
  const { words, found } = read(`return 200 ${token};`);
  expect(found).toEqual([]);
  expect(words[2]!.replace('${v}', 'VAL').replace('$v', 'VAL')).toBe(value);
});

const a = (count: number) => 'a'.repeat(count);

test.each<[string, string[], string[]]>([
  ['a b;', ['a', 'b'], []],
  ['a\tb\r\nc ;', ['a', 'b', 'c'], []],
  ['a }b;', ['a'], ['1:3 unexpected "}"']],
  ['a b}c;', ['a', 'b}c'], []],
  ['a ${v}x;', ['a', '${v}x'], []],
  ['a ${{v;', ['a', '${{v'], []],
  ['a "x"y;', ['a', 'x', 'y'], ['1:6 unexpected "y"']],
  ['a "x)"{}', ['a', 'x)'], []],
  ['a #c\n b;', ['a', 'b'], []],
  ['a b#c;', ['a', 'b#c'], []],
  ['a "#c";', ['a', '#c'], []],
  ['a', ['a'], ['1:2 unexpected end of file, expecting ";" or "}"']],
  ['a "b;\n', ['a', 'b;\n'], ['2:1 unexpected end of file, expecting ";" or "}"']],
  ['a {', ['a'], ['1:4 unexpected end of file, expecting "}"']],
  ['}', [], ['1:1 unexpected "}"']],
  [';', [], ['1:1 unexpected ";"']],
  ['\u00ef\u00bb\u00bfa;', ['a'], ['1:1 the file begins with a byte order mark (bytes EF BB BF)']],
])('%j', (text, words, found) => {
  expect(read(text)).toEqual({ words, found });
});

/** The bytes that fit depend on how much further nginx looks before it forgets the word. */
test.each<[string, string, boolean]>([
  ['unquoted before ;', `${a(4095)};`, true],
  ['unquoted before ;', `${a(4096)};`, false],
  ['unquoted before a space', `${a(4094)} ;`, true],
  ['unquoted before a space', `${a(4095)} ;`, false],
  ['quoted before ;', `"${a(4094)}";`, true],
  ['quoted before ;', `"${a(4095)}";`, false],
  ['quoted before a space', `"${a(4093)}" ;`, true],
  ['quoted before a space', `"${a(4094)}" ;`, false],
  ['comment', `#${a(4094)}\nb;`, true],
  ['comment', `#${a(4095)}\nb;`, false],
])('a long word, %s, case %#', (_what, word, accepted) => {
  const { diagnostics } = parse(`x ${word}\n\n`);
  expect(diagnostics.map(({ code }) => code)).toEqual(accepted ? [] : ['nginx-word-too-long']);
});

test('a missing closing quote is named at the place where it was opened', () => {
  const { diagnostics } = parse('a 1;\nb "c;\n');
  expect(diagnostics[0]!.related![0]!.where.range!.start).toMatchObject({ line: 2, column: 3 });
});

test('text and bytes are the same thing', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(bytesOfText(textOfBytes(bytes))).toEqual(Buffer.from(bytes));
  expect(bytesOfText('\u2026')).toEqual(Buffer.from('\u2026'));
});

test.each([
  [textOfBytes(Buffer.from('naïve')), 'naïve'],
  ['\u00ff\u00fe', '\u00ff\u00fe'],
  ['a\u0000b\nc', 'a\\x00b\\nc'],
  [textOfBytes(Buffer.from('return\u00a0200')), 'return\\xa0200'],
  ['a'.repeat(70), `${'a'.repeat(60)}…`],
])('%j is shown as %j', (text, shown) => {
  expect(readable(text)).toBe(shown);
});
