/** The cases/ files hold a spec and what is found in it side by side: `line:column-column severity code: message`. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/base/catalogue/catalogue.ts';
import { type Diagnostic, hasErrors } from '../../src/base/diagnostic.ts';
import { readSpec } from '../../src/spec/read.ts';

const directory = path.join(import.meta.dirname, 'cases');

function readCases(file: string): { name: string; text: string; expected: string }[] {
  const parts = readFileSync(path.join(directory, file), 'utf8')
    .split(/^#### /m)
    .slice(1);
  return Array.from({ length: parts.length / 2 }, (_, index) => {
    const [head, ...body] = parts[index * 2]!.split('\n');
    const expected = parts[index * 2 + 1]!.replace(/^finds\n/, '').trim();
    return { name: head!, text: body.join('\n'), expected };
  });
}

function line({ where, severity, code, message }: Diagnostic): string {
  const { start, end } = where!.range!;
  return `${start.line}:${start.column}-${end.line === start.line ? end.column : '…'} ${severity} ${code}: ${message}`;
}

const files = readdirSync(directory);

describe.each(files)('%s', (file) => {
  test.each(readCases(file).map((entry) => [entry.name, entry] as const))('%s', (_name, { text, expected }) => {
    const { value, diagnostics } = readSpec(text, { file: 'holdline.yaml' });
    expect(diagnostics.map(line).join('\n')).toBe(expected);
    expect(value === null).toBe(hasErrors(diagnostics));
    for (const diagnostic of diagnostics) expect(diagnostic.where?.file).toBe('holdline.yaml');
  });
});

test('every code of the spec is found by some case, or by the test of the bounds', () => {
  const seen = new Set(
    files.flatMap((file) =>
      [...readFileSync(path.join(directory, file), 'utf8').matchAll(/ (spec-[a-z-]+): /g)].map((match) => match[1]),
    ),
  );
  // Of reading a file, and of the library's edge, which throws what a spec has wrong.
  const elsewhere = ['spec-unreadable-file', 'spec-invalid'];
  const codes = Object.keys(catalogue).filter((code) => code.startsWith('spec-'));
  expect(codes.filter((code) => !seen.has(code) && !elsewhere.includes(code))).toEqual([]);
});
