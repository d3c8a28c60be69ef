/**
 * Whole configurations as people run them: no false error on the right ones, every planted fault found in the others.
 */
import { describe, expect, test } from 'vitest';
import { examine } from '../../src/nginx/lint/examination.ts';
import { readConfiguration } from '../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../src/nginx/syntax/reader.ts';
import { type ExampleFile, exampleFiles, systemFiles } from './example-files.ts';
import { fixFiles } from './lint/linting.ts';

function findings({ name, text }: Pick<ExampleFile, 'name' | 'text'>) {
  const read = readConfiguration(name, memoryReader({ [name]: text, ...systemFiles }));
  return examine(read, { target: [1, 22, 1] }).diagnostics.map(({ code, severity, where }) => ({
    rule: code.startsWith('ws') ? code.slice(0, 5) : code,
    severity,
    line: where?.range?.start.line ?? 0,
  }));
}

/** Which method shall replace least_conn, or which address was meant, nobody can tell. */
const unmended = new Set(['ws030', 'ws051', 'ws052', 'ws053', 'ws054', 'ws055', 'ws057', 'ws061']);

const right = exampleFiles.filter((file) => file.right);
const faulty = exampleFiles.filter((file) => !file.right);

test('there are enough of both, and each faulty one says what its fault is', () => {
  expect(exampleFiles.length).toBeGreaterThanOrEqual(40);
  expect(right.length).toBeGreaterThanOrEqual(20);
  expect(faulty.length).toBeGreaterThanOrEqual(20);
  for (const { name, faults } of faulty) expect(faults.length, name).toBeGreaterThan(0);
  for (const { name, faults } of faulty) for (const { line } of faults) expect(line, name).toBeGreaterThan(0);
});

describe.each(right.map((file) => [file.name, file] as const))('%s is right', (_name, file) => {
  test('so nothing is an error, and the warnings are those that are known to be true', () => {
    const found = findings(file);
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    const warnings = found.filter(({ severity }) => severity === 'warning').map(({ rule }) => rule);
    expect([...new Set(warnings)].toSorted()).toEqual(file.warnings.toSorted());
  });
});

describe.each(faulty.map((file) => [file.name, file] as const))('%s has a fault', (_name, file) => {
  test('which is found where it is, and no error beside it', () => {
    const found = findings(file);
    for (const { rule, line } of file.faults) expect(found).toContainEqual(expect.objectContaining({ rule, line }));
    const planted = new Set(file.faults.map(({ rule, line }) => `${rule} ${line}`));
    const others = found.filter(({ rule, line, severity }) => severity === 'error' && !planted.has(`${rule} ${line}`));
    expect(others).toEqual([]);
  });

  test('which its fix takes away', () => {
    const { files } = fixFiles({ [file.name]: file.text, ...systemFiles }, {}, 'all');
    const left = findings({ name: file.name, text: files[file.name]! });
    expect(left.filter(({ severity, rule }) => severity === 'error' && !unmended.has(rule))).toEqual([]);
    for (const { rule } of file.faults.filter((fault) => !unmended.has(fault.rule)))
      expect(left.map((each) => each.rule)).not.toContain(rule);
  });
});
