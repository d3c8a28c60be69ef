/** Large and hostile texts: bounded, and linear. Whoever makes it quadratic sees this time out. */
import { expect, test } from 'vitest';
import { effective } from '../../../src/nginx/effective/effective.ts';
import { validate } from '../../../src/nginx/facts/validate.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { parse } from '../../../src/nginx/syntax/parser.ts';
import { print } from '../../../src/nginx/syntax/printer.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { generatedSites } from './generated-sites.ts';

test('20,000 lines over 50 files are read, checked and understood', () => {
  const files = generatedSites({ files: 50, serversPerFile: 25 });
  const { value, diagnostics } = readConfiguration('/nginx.conf', memoryReader(files));
  const model = effective(value);
  expect(diagnostics).toEqual([]);
  expect(validate(value, { target: [1, 22, 1] })).toEqual([]);
  expect(value.files.size).toBe(51);
  expect(model.servers).toHaveLength(1250);
});

const megabyte = 1024 ** 2;

test.each<[name: string, piece: string]>([
  ['words', 'aaa '],
  ['comments in a statement', 'a#\n'],
  ['quotes', '"'],
  ['closed quotes', '"a"'],
  ['opening braces', '{'],
  ['closing braces', '}'],
  ['semicolons', ';'],
  ['backslashes', '\\'],
  ['dollars and braces', '${'],
  ['one long word', 'a'],
  ['one long line of marks', '{{ a }} '],
  ['marks that never end', '{% a '],
  ['Lua that never ends', 'a_by_lua_block { [[ '],
  ['nested locations', 'location / {'],
  ['zeros', '\u0000'],
])(
  '50 MB of %s end with a finding',
  (_name, piece) => {
    const text = piece.repeat(Math.ceil((50 * megabyte) / piece.length));
    const { value, diagnostics } = parse(text);
    expect(value.text.length).toBe(text.length);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(diagnostics.length).toBeLessThanOrEqual(1001);
  },
  60_000,
);

test('50 MB of statements are read up to a limit, and the rest is kept', () => {
  const text = 'proxy_set_header a b;\n'.repeat((50 * megabyte) / 22);
  const { value, diagnostics } = parse(text);
  expect(diagnostics.map(({ code }) => code)).toEqual(['nginx-limit-reached']);
  expect(value.readUpTo).toBeLessThan(text.length);
  expect(print(value)).toBe(text);
});
