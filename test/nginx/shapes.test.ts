/**
 * Files of the kinds that people have, many of them only a part: what is found in each, all of it, and nothing worse
 * after the safe fixes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixSource, lintSource } from '../../src/nginx/toolkit/lint.ts';
import { servedFiles } from './served-files.ts';

const directory = path.resolve(import.meta.dirname, 'shapes');
const shapes = readdirSync(directory).map((name) => ({
  name,
  text: readFileSync(path.join(directory, name), 'utf8'),
}));
const target = [1, 22, 1] as const;

const codesOf = (diagnostics: readonly { readonly code: string }[]) =>
  [...new Set(diagnostics.map(({ code }) => (code.startsWith('ws') ? code.slice(0, 5) : code)))].toSorted();

describe.each([...shapes, ...servedFiles].map(({ name, text }) => [name, text] as const))('%s', (_name, text) => {
  const expected = (/^# finds: ?(.*)/.exec(text)?.[1] ?? 'nothing is said').split(' ').filter(Boolean);

  test('has these findings and no other', () => {
    expect(codesOf(lintSource(text, { target }).diagnostics)).toEqual(expected);
  });

  test('has no fault more after its safe fixes', () => {
    const left = codesOf(fixSource(text, { target }).diagnostics.filter(({ severity }) => severity !== 'info'));
    expect(left.filter((code) => !expected.includes(code))).toEqual([]);
  });
});
