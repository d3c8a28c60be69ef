/**
 * Each file costs Node most of a millisecond to load, so the build packs what `holdline/nginx` needs
 * (scripts/pack.mjs).
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const dist = path.resolve(import.meta.dirname, '../dist');

test('importing holdline/nginx loads a handful of files, and none of probe or bench', () => {
  const files = filesBehind(path.join(dist, 'nginx.js'));
  expect(files).toEqual(['nginx.js', 'packed/base.js', 'packed/nginx.js', 'packed/plan.js', 'packed/policy.js']);
});

test('a value is the same whichever way it is imported', async () => {
  const load = (file: string) => import(path.join(dist, file)) as Promise<Record<string, unknown>>;
  const [entry, own] = [await load('nginx.js'), await load('nginx/lint/rules.js')];
  expect(entry.rules).toBe(own.rules);
  expect(Object.keys(entry.rules as object).length).toBeGreaterThan(60);
});

function filesBehind(file: string, found = new Set<string>()): string[] {
  if (found.has(file)) return [];
  found.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;'"`]*?from "(\.[^"]+)";$/gm);
  for (const [, name] of imports) filesBehind(path.resolve(path.dirname(file), name ?? ''), found);
  return [...found].map((each) => path.relative(dist, each)).sort();
}
