/**
 * Configurations of the shapes that people have, each with the spec that it amounts to. test/real/nginx/import.test.ts
 * proves them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { importConfiguration } from '../../../src/nginx/toolkit/import.ts';
import { importedText } from '../../../src/report/import/text.ts';
import { readSpec } from '../../../src/spec/read.ts';

const directory = path.join(import.meta.dirname, 'shapes');
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.conf'))
  .map((file) => file.slice(0, -'.conf'.length));

test('there are twenty of them', () => {
  expect(names.length).toBeGreaterThanOrEqual(20);
});

describe.each(names)('%s', (name) => {
  const root = '/etc/nginx/nginx.conf';
  const text = readFileSync(path.join(directory, `${name}.conf`), 'utf8');
  const imported = importConfiguration({ root, reader: memoryReader({ [root]: text }) });
  const written = importedText(imported, 'nginx.conf');

  test('amounts to its spec', async () => {
    await expect(written).toMatchFileSnapshot(path.join(directory, `${name}.yaml`));
  });

  test('the spec can be used', () => {
    const { value, diagnostics } = readSpec(written, { file: 'holdline.yaml' });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(value?.routes.length).toBeGreaterThan(0);
  });

  test('every line of the WebSocket servers has a fate', () => {
    const told = new Set(imported.fates.map(({ where }) => where.range!.start.line));
    const lines = text.split('\n').flatMap((line, index) => {
      const says = line.replace(/^\s*#.*/, '').trim();
      return /^(?:[a-z_]+ .*;|[a-z_]+ .*\{.*\}|server \{|location .*\{|upstream .*\{)$/.test(says) &&
        !/^events/.test(says)
        ? [index + 1]
        : [];
    });
    // A location that stays with nginx is one entry, its lines included.
    const inside = new Set(
      imported.fates
        .filter(({ outcome, line }) => outcome !== 'kept' && /^(?:location|server)/.test(line))
        .flatMap(({ where }) => blockOf(text, where.range!.start.line)),
    );
    const inMaps = new Set(
      text.split('\n').flatMap((line, index) => (/^\s*map .*\{\s*$/.test(line) ? blockOf(text, index + 1) : [])),
    );
    expect(lines.filter((line) => !told.has(line) && !inside.has(line) && !inMaps.has(line))).toEqual([]);
  });

  test('no line is unknown', () => {
    expect(imported.fates.filter((fate) => fate.text.includes('does not know'))).toEqual([]);
  });

  test('there are requests to prove it by', () => {
    expect(imported.requests.length).toBeGreaterThan(1);
  });
});

/** Numbers of the lines from a block's first to its closing brace. */
function blockOf(text: string, start: number): number[] {
  const lines = text.split('\n');
  let depth = 0;
  const found: number[] = [];
  for (let line = start; line <= lines.length; line++) {
    found.push(line);
    depth += (lines[line - 1]!.match(/\{/g)?.length ?? 0) - (lines[line - 1]!.match(/\}/g)?.length ?? 0);
    if (depth <= 0) break;
  }
  return found;
}
