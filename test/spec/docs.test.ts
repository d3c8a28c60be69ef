/** Holds docs/spec.md and schema/holdline.schema.json to the schema and the defaults. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaults } from '../../src/spec/defaults.ts';
import { settingPaths, specJsonSchema } from '../../src/spec/json-schema.ts';
import { readSpec } from '../../src/spec/read.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/spec.md'), 'utf8');

describe('docs/spec.md', () => {
  const rows = [...page.matchAll(/^\| `([a-zA-Z[\].*-]+)` \|/gm)].map((match) => match[1]!);

  test('lists every setting once, and no other', () => {
    expect(rows.toSorted()).toEqual(settingPaths().toSorted());
  });

  test.each(Object.entries(defaults))('gives the reason of %s', (_name, { because }) => {
    expect(page).toContain(because);
  });

  test('its whole specs can be used', () => {
    const specs = [...page.matchAll(/```yaml\n([^`]*)```/g)]
      .map((match) => match[1]!)
      .filter((text) => text.includes('upstreams:'));
    expect(specs.length).toBeGreaterThan(0);
    for (const text of specs) expect(readSpec(text, { file: 'f' }).value).not.toBeNull();
  });
});

describe('README.md', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const spec = [...readme.matchAll(/```yaml\n([^`]*)```/g)]
    .map((match) => match[1]!)
    .find((text) => text.includes('routes:'))!;

  test('what people ask of an edge first is one spec of twenty lines, which can be used', () => {
    expect(spec.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    const { value, diagnostics } = readSpec(spec, { file: 'README.md' });
    expect(diagnostics).toEqual([]);
    expect(value).toMatchObject({
      trustedProxies: ['10.0.0.0/8'],
      upstreams: [{ balance: { kind: 'sticky-cookie' }, health: { path: '/healthz' } }],
      routes: [
        {
          path: { strip: '/chat' },
          origins: { allow: ['https://app.example.com', 'https://*.example.com'] },
          heartbeat: { everyMs: 25_000 },
          handshake: { ratePerSecond: 20, authorize: { url: 'http://127.0.0.1:9001/authorize' } },
          limits: { connectionsPerAddress: 50, messageBytesMax: 1_048_576 },
        },
      ],
    });
  });
});

describe('schema/holdline.schema.json', () => {
  const written = JSON.parse(readFileSync(path.join(root, 'schema/holdline.schema.json'), 'utf8')) as object;

  test('is what the reader goes by (node scripts/spec-schema.mjs after a build writes it)', () => {
    expect(written).toEqual(JSON.parse(JSON.stringify(specJsonSchema())));
  });

  const validate = new Ajv.default({ strict: false }).compile(written);

  test.each([
    ['listen: 8080', true],
    ['listen: [8080, { address: 8443, tls: { cert: a, key: b } }]', true],
    ['limits: { connections: off }', true],
    ['workers: auto', true],
    ['workers: many', false],
    ['colour: red', false],
    ['listen: { port: 8080 }', false],
    ['engine: apache', false],
  ])('%s is valid: %s', (line, valid) => {
    const spec: unknown = parse(
      `upstreams: { app: { servers: http://a:1 } }\nroutes:\n  - { upstream: app, origins: [ "https://a.example" ], idleTimeout: 7m, heartbeat: off }\n${line}\n`,
    );
    expect(validate(spec)).toBe(valid);
  });
});
