/** docs/probe.md: its tables are the code's, and what it says of options, exit codes and numbers is so. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addDialOptions } from '../../src/cli/options/dial.ts';
import { addProbeOptions } from '../../src/cli/options/probe.ts';
import { sections } from '../../src/probe/conformance/sections.ts';
import { stepIds } from '../../src/probe/report.ts';
import { withTables } from '../../src/probe/tables-page.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/probe.md'), 'utf8');

test('docs/probe.md has the tables that node scripts/probe-page.mjs writes', () => {
  expect(page).toBe(withTables(page));
});

test('a page without a place for a table is refused', () => {
  expect(() => withTables('')).toThrow('no place');
});

test('every step of the walk is told of', () => {
  const table = page.split('| step | what')[1]!.split('\n\n')[0]!;
  const told = [...table.matchAll(/^\| ([a-z, ]+) \|/gm)].flatMap((row) => row[1]!.split(', '));
  expect(told).toEqual([...stepIds]);
});

test('every option is named, and no other', () => {
  const command = addDialOptions(addProbeOptions(new Command()));
  const known = command.options.map((option) => option.long!);
  const named = new Set([...page.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map((match) => match[0]));
  // Those of connect, of which the page tells as well, and of other programs in examples.
  const others = ['--wait', '--count', '--commands', '--send'];
  expect([...named].filter((name) => !known.includes(name) && !others.includes(name))).toEqual([]);
  const shortOnly = command.options.filter(
    ({ long, short }) => !named.has(long!) && (short === undefined || !page.includes(`\`${short}`)),
  );
  expect(shortOnly.map((option) => option.long)).toEqual([]);
});

test('the number of cases in its examples is that of the suite', () => {
  const cases = sections.reduce((sum, section) => sum + section.cases.length, 0);
  const told = [...page.matchAll(/(\d{3}) cases of RFC|of (\d{3}) pass/g)].map((match) => Number(match[1] ?? match[2]));
  expect(told.length).toBeGreaterThan(1);
  expect(new Set(told)).toEqual(new Set([cases]));
});
