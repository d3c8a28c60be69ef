/** The end of a test run: skipped tests with their reason, retried ones by name, and a bound on those. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { TestCase } from 'vitest/node';
import { isStale } from './fresh-build.ts';
import { notesOf, retriedMax } from './run-notes.ts';

function testCase(fullName: string, state: 'passed' | 'skipped', { note = '', retryCount = 0 } = {}): TestCase {
  const result = state === 'skipped' && note !== '' ? { state, note } : { state };
  const facts = { fullName, module: { relativeModuleId: 'a.test.ts' }, result: () => result };
  return { ...facts, diagnostic: () => ({ retryCount }) } as unknown as TestCase;
}

const flaky = (number: number) => testCase(`flaky ${number}`, 'passed', { retryCount: 1 });

test('says why a test was skipped, and when it does not say so', () => {
  const tests = [
    testCase('one', 'skipped', { note: 'no nginx' }),
    testCase('two', 'skipped'),
    testCase('three', 'passed'),
  ];
  const { lines, failed } = notesOf(tests);
  expect(lines).toEqual(['skipped: a.test.ts > one: no nginx', 'skipped: a.test.ts > two: it does not say why']);
  expect(failed).toBe(false);
});

test('names what was retried, and fails the run when it is more than a few', () => {
  const few = notesOf(Array.from({ length: retriedMax }, (_, index) => flaky(index)));
  expect(few.lines[0]).toBe('retried 1 times: a.test.ts > flaky 0: passed');
  expect(few.failed).toBe(false);
  const many = notesOf(Array.from({ length: retriedMax + 1 }, (_, index) => flaky(index)));
  expect(many.failed).toBe(true);
  expect(many.lines.at(-1)).toBe('4 tests were retried; more than 3 fail the run');
});

test('a build is stale when a source, or a folder that lost one, is newer', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdline-stale-'));
  try {
    const [source, inner, stamp] = ['src', 'src/inner', 'stamp'].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(inner, { recursive: true });
    const file = path.join(inner, 'a.ts');
    writeFileSync(file, '');
    expect(isStale(source, stamp)).toBe(true);
    writeFileSync(stamp, '');
    for (const each of [source, inner, file]) utimesSync(each, 100, 100);
    utimesSync(stamp, 200, 200);
    expect(isStale(source, stamp)).toBe(false);
    utimesSync(file, 300, 300);
    expect(isStale(source, stamp)).toBe(true);
    utimesSync(file, 100, 100);
    utimesSync(inner, 300, 300);
    expect(isStale(source, stamp)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
