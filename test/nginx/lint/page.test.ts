/** docs/rules.md says of every rule what the rule says, and of no other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { rules } from '../../../src/nginx/lint/rules.ts';
import { rulesPage } from '../../../src/nginx/lint/rules-page.ts';

test('the page is what the rules say', () => {
  expect(readFileSync(path.resolve(import.meta.dirname, '../../../docs/rules.md'), 'utf8')).toBe(rulesPage());
});

test('ids and numbers are each there once, in order', () => {
  const ids = rules.map(({ id }) => id);
  const numbers = ids.map((id) => id.slice(0, 5));
  expect(numbers).toEqual([...new Set(numbers)].sort());
  expect(ids).toEqual([...ids].sort());
});
