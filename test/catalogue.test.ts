/** Every code that exists is in docs/errors.md with the same words, and no other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { catalogue } from '../src/base/catalogue/catalogue.ts';
import { closeCauses } from '../src/base/close-cause.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../docs/errors.md'), 'utf8');

function rowsUnder(heading: string): Map<string, string[]> {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  const rows = [...section.matchAll(/^\| `([a-z0-9-]+)` \|(.*)\|$/gm)];
  return new Map(rows.map((row) => [row[1]!, row[2]!.split('|').map((cell) => cell.trim())]));
}

test('the codes', () => {
  const expected = Object.entries(catalogue).map(([code, entry]) => [
    code,
    [entry.severity, entry.means, entry.remedy],
  ]);
  expect(Object.fromEntries(rowsUnder('Codes'))).toEqual(Object.fromEntries(expected));
});

test('the close causes', () => {
  const expected = Object.entries(closeCauses).map(([cause, facts]) => [
    cause,
    [facts.by, facts.code === null ? '–' : String(facts.code), facts.means],
  ]);
  expect(Object.fromEntries(rowsUnder('Close causes'))).toEqual(Object.fromEntries(expected));
});
