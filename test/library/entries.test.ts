/**
 * What an entry of the package loads, followed through its imports: a linter brings no probe, no load generator and no
 * edge.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const source = path.resolve(import.meta.dirname, '../../src');

/**
 * Files by their path in src/, and packages by their name. What is imported with `import()` is loaded when it is used.
 */
function loadedBy(entry: string): readonly string[] {
  const found = new Set<string>();
  const open = [path.join(source, entry)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(path.relative(source, file))) continue;
    found.add(path.relative(source, file));
    const text = readFileSync(file, 'utf8').replaceAll(/^(?:import|export) type [^;]*;/gm, '');
    for (const [, specifier] of text.matchAll(/^(?:import|export|\} from)\b[^;'"]*['"]([^'"\n]+)['"];/gm)) {
      if (specifier!.startsWith('.')) open.push(path.resolve(path.dirname(file), specifier!));
      else found.add(specifier!);
    }
  }
  return [...found];
}

describe.each([
  [
    'nginx.ts',
    /^(?:(?:probe|bench|client|gateway|control|host|cli|web|registry|spec\/schema)\/|zod|yaml|hono|node:(?:net|http|tls))/,
  ],
  ['plan.ts', /^(?:(?:probe|bench|client|gateway|control|cli|web|nginx|spec\/schema)\/|zod|yaml|hono)/],
  ['probe.ts', /^(?:(?:bench|gateway|control|nginx|cli|web)\/|zod|yaml|hono)/],
  ['bench.ts', /^(?:(?:probe|gateway|control|nginx|cli|web)\/|hono)/],
  ['edge.ts', /^(?:(?:probe|bench|cli|web|nginx\/(?:lint|knowledge|toolkit))\/|hono|commander)/],
  ['index.ts', /^(?:(?:probe|bench|gateway|nginx|cli|web)\/|hono|commander)/],
  ['hooks.ts', /\//],
])('%s', (entry, foreign) => {
  const loaded = loadedBy(entry);

  test('loads nothing of other parts', () => {
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter((each) => foreign.test(each))).toEqual([]);
  });

  test('never loads the TypeScript compiler', () => {
    expect(loaded).not.toContain('typescript');
  });
});

test('the walk sees what is there', () => {
  expect(loadedBy('nginx.ts')).toContain('nginx/lint/rules.ts');
  expect(loadedBy('edge.ts')).toContain('control/supervisor.ts');
});
