/** The published schema takes what a run tells, and nothing besides. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { BenchReport } from '../../src/bench/run/report.ts';
import { hostileReport, madeReport, madeSearch } from './run/made-report.ts';

const file = path.resolve(import.meta.dirname, '../../schema/bench-report.schema.json');
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(file, 'utf8')) as object,
);

function errorsOf(report: unknown): unknown {
  validate(JSON.parse(JSON.stringify(report)));
  return validate.errors;
}

test.each<[string, BenchReport]>([
  ['with phases and a storm', madeReport(20)],
  ['of a search', madeSearch(20)],
  ['without messages', { ...madeReport(5), messages: null }],
  ['with texts of a peer', hostileReport('</script>')],
])('a report %s', (_, report) => expect(errorsOf(report)).toBeNull());

/** Every object in the report, with the way to it. */
function objectsIn(value: unknown, way: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((each) => objectsIn(each, [...way, 0]));
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, each]) => objectsIn(each, [...way, name]));
  return [way, ...inside];
}

describe('an object with a property more, or one less, is refused', () => {
  // Reasons are named by peers: any property may be there, and none has to.
  const free = new Set(['failures', 'drops', 'refused']);
  const whole = { ...madeReport(3), search: madeSearch(3).search };
  const ways = objectsIn(whole).filter((way) => !free.has(String(way.at(-1))));

  test.each(ways.map((way) => [way.join('.') || 'the report', way] as const))('%s', (_, way) => {
    const at = (report: unknown) =>
      way.reduce((value, name) => (value as Record<string | number, unknown>)[name], report) as Record<string, unknown>;
    const more = structuredClone(whole);
    at(more).somethingElse = 1;
    expect(errorsOf(more)).not.toBeNull();
    for (const name of Object.keys(at(whole))) {
      const less = structuredClone(whole);
      delete at(less)[name];
      expect(errorsOf(less), name).not.toBeNull();
    }
  });
});
