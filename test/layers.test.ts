/** Holds the imports of every source file against the table in ARCHITECTURE.md: which part may lean on which. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const source = path.resolve(import.meta.dirname, '../src');

const anything = '*';
const mayImport: Record<string, readonly string[]> = {
  base: [],
  ws: ['base'],
  spec: ['base'],
  plan: ['base', 'spec'],
  policy: ['base', 'spec'],
  registry: ['base'],
  host: ['base', 'plan'],
  'nginx/syntax': ['base'],
  'nginx/facts': ['base', 'nginx/syntax'],
  'nginx/effective': ['base', 'nginx/syntax', 'nginx/facts'],
  'nginx/lint': ['base', 'nginx/syntax', 'nginx/facts', 'nginx/effective'],
  'nginx/knowledge': ['base', 'nginx/syntax', 'nginx/facts', 'nginx/effective', 'nginx/lint'],
  'nginx/generate': ['base', 'spec', 'plan', 'nginx/syntax', 'nginx/facts'],
  'nginx/import': ['base', 'spec', 'policy', 'nginx/syntax', 'nginx/facts', 'nginx/effective', 'nginx/lint'],
  'nginx/run': [
    'base',
    'spec',
    'ws',
    'host',
    'plan',
    'nginx/syntax',
    'nginx/facts',
    'nginx/effective',
    'nginx/lint',
    'nginx/knowledge',
    'nginx/generate',
  ],
  'nginx/toolkit': [
    'base',
    'spec',
    'host',
    'plan',
    'nginx/syntax',
    'nginx/facts',
    'nginx/effective',
    'nginx/lint',
    'nginx/knowledge',
    'nginx/generate',
    'nginx/import',
    'nginx/run',
  ],
  gateway: ['base', 'ws', 'plan', 'policy', 'registry'],
  control: ['base', 'ws', 'spec', 'host', 'plan', 'policy', 'registry', 'gateway', 'nginx/run'],
  client: ['base', 'ws'],
  probe: ['base', 'ws', 'client'],
  bench: ['base', 'spec', 'ws', 'host', 'client'],
  report: [anything],
  cli: [anything],
  // One for each export of the package.
  'index.ts': [anything],
  'nginx.ts': [anything],
  'plan.ts': [anything],
  'edge.ts': [anything],
  'probe.ts': [anything],
  'bench.ts': [anything],
  'hooks.ts': [anything],
};

/** Parts that do no input or output: files, sockets, clocks and randomness are passed in. */
const pure = new Set([
  'base',
  'ws',
  'spec',
  'plan',
  'policy',
  'registry',
  'report',
  'nginx/syntax',
  'nginx/facts',
  'nginx/effective',
  'nginx/lint',
  'nginx/knowledge',
  'nginx/generate',
  'nginx/import',
]);

function part(file: string): string {
  const relative = path.relative(source, file).split(path.sep);
  return relative[0] === 'nginx' ? relative.slice(0, 2).join('/') : relative[0]!;
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map((match) => match[1]!);
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('web'))
  .map((name) => path.join(source, name));

describe.each(files.map((file) => [path.relative(source, file), file]))('%s', (_name, file) => {
  const own = part(file);

  test('imports only what its part may lean on', () => {
    const allowed = mayImport[own];
    expect(allowed, `${own} has no row in the table`).toBeDefined();
    const wrong = importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => part(path.resolve(path.dirname(file), specifier)))
      .filter((target) => target !== own && !allowed!.includes(target) && !allowed!.includes(anything));
    expect(wrong).toEqual([]);
  });

  if (pure.has(own)) {
    test('does no input or output', () => {
      const wrong = importsOf(file).filter((specifier) => specifier.startsWith('node:') && specifier !== 'node:crypto');
      expect(wrong).toEqual([]);
    });
  }

  if (own !== 'cli') {
    test('leaves process.exit, process.env and console to cli/', () => {
      const wrong = readFileSync(file, 'utf8').match(/\bprocess\.(?:exit\(|env\b)|\bconsole\./g) ?? [];
      expect(wrong).toEqual([]);
    });
  }
});
