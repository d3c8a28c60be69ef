/**
 * Nothing is accepted and ignored: each setting of the schema is read where the spec is filled in, and each property of
 * a filled-in spec is read by somebody outside of src/spec. Held by name: a name that two blocks share is looked for
 * once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const src = path.resolve(import.meta.dirname, '../../src');
const text = (file: string) => withoutComments(readFileSync(path.join(src, file), 'utf8'));

test('every setting of the schema is read when a spec is filled in', () => {
  const schema = JSON.parse(readFileSync(path.join(src, '../schema/holdline.schema.json'), 'utf8')) as unknown;
  const names = settingsIn(schema);
  expect(names.size).toBeGreaterThan(80);
  const inSpec = readdirSync(path.join(src, 'spec'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const readers = [...inSpec.map((name) => `spec/${name}`), 'cli/lint/settings.ts', 'cli/commands/lint.ts'];
  const code = readers.map(text).join('\n');
  expect(unread(names, code)).toEqual([]);
});

test('every property of a filled-in spec is read outside of src/spec', () => {
  const model = ['spec/model.ts', 'spec/model/upstream.ts'].map(text).join('\n');
  const names = new Set([...model.matchAll(/^\s+readonly (\w+)\??:/gm)].map(([, name]) => name ?? ''));
  expect(names.size).toBeGreaterThan(80);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/^spec[/\\]/.test(file),
  );
  expect(unread(names, files.map(text).join('\n'))).toEqual([]);
});

/**
 * The names that no code takes out of a value: `.name`, `['name']`, or `{ name }` to the left of what is taken apart.
 */
function unread(names: ReadonlySet<string>, code: string): string[] {
  const taken = new Set([...code.matchAll(/\.(\w+)/g)].map(([, name]) => name));
  for (const [, name] of code.matchAll(/(?:\w|\bat: )\['([\w-]+)'/g)) taken.add(name);
  for (const [, list] of code.matchAll(/\{([^{}]*)\}\s*(?:=[^>=]|:|\))/g))
    for (const [name] of (list ?? '').matchAll(/\w+/g)) taken.add(name);
  return [...names].filter((name) => !taken.has(name)).sort();
}

function settingsIn(schema: unknown, found = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return found;
  const { properties } = schema as { readonly properties?: Readonly<Record<string, unknown>> };
  for (const name of Object.keys(properties ?? {})) found.add(name);
  for (const value of Object.values(schema)) settingsIn(value, found);
  return found;
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
