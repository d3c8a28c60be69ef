import { describe, expect, test } from 'vitest';
import { compareVersions, findVersion } from '../../../src/base/nginx-version.ts';
import { directiveNames, existsIn, factsIn, factsOf } from '../../../src/nginx/facts/directives.ts';
import { contexts } from '../../../src/nginx/facts/facts.ts';
import { readRows } from '../../../src/nginx/facts/facts-table.ts';
import { valueProblem } from '../../../src/nginx/facts/values.ts';

const all = [...directiveNames()].flatMap((name) => factsOf(name));
const own = all.filter(({ thirdParty }) => !thirdParty);

test('the tables hold the free distribution', () => {
  expect(new Set(own.map(({ name }) => name)).size).toBeGreaterThan(600);
});

describe('every row', () => {
  test('has contexts that exist, and counts in order', () => {
    for (const { name, contexts: places, counts, countMin, countMax } of all) {
      expect(places.length, name).toBeGreaterThan(0);
      for (const place of places) expect(contexts, name).toContain(place);
      expect([...counts], name).toEqual([...counts].sort((a, b) => a - b));
      expect(countMin, name).toBeLessThanOrEqual(countMax);
    }
  });

  test('has a default that the directive itself would take', () => {
    for (const facts of own) {
      if (facts.default === null || facts.default === '""') continue;
      const args = facts.default.split(' ');
      expect(valueProblem(facts, args), `${facts.name} = ${facts.default}`).toBeNull();
      if (facts.value !== 'any')
        expect(args.length >= facts.countMin && args.length <= facts.countMax, facts.name).toBe(true);
    }
  });

  test('ends after it began', () => {
    for (const { name, since, until } of all)
      if (since !== null && until !== null) expect(compareVersions(since, until), name).toBeLessThan(0);
  });

  test('is the only one for its module, context and version', () => {
    for (const facts of all) {
      const rivals = factsOf(facts.name).filter(
        (other) =>
          other !== facts &&
          other.module === facts.module &&
          other.contexts.some((context) => facts.contexts.includes(context)) &&
          facts.since !== null &&
          existsIn(other, facts.since),
      );
      expect(rivals, facts.name).toEqual([]);
    }
  });
});

test.each([
  ['1.22.1', [1, 22, 1]],
  ['1.22', [1, 22, 0]],
  ['nginx version: nginx/1.29.7 (Ubuntu)', [1, 29, 7]],
  ['nginx', null],
])('the version in %j', (text, expected) => {
  expect(findVersion(text)).toEqual(expected);
});

test('the same name in different modules has its own facts', () => {
  expect(factsIn('proxy_pass', 'location', [1, 22, 1])!.module).toBe('http_proxy');
  expect(factsIn('proxy_pass', 'stream:server', [1, 22, 1])!.module).toBe('stream_proxy');
  expect(factsIn('proxy_pass', 'http', [1, 22, 1])).toBeUndefined();
});

test('a row with a word that means nothing is a mistake of ours, and loud', () => {
  expect(() => readRows('http_x', 'a H 1 any sometimes', false)).toThrow(TypeError);
});
