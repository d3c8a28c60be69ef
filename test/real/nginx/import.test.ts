/**
 * Every configuration of test/nginx/import/shapes and its spec: the same requests get the same server, path and headers
 * from a real nginx and a real edge.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Prover, startProver } from '../../../src/cli/import/proof.ts';
import { readImport } from '../../../src/cli/import/read.ts';
import { findNginx } from '../../../src/host/nginx-binary.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { importedFrom } from '../../../src/nginx/toolkit/import.ts';
import { testCertificate } from '../../support/certificate.ts';

const directory = path.join(import.meta.dirname, '../../nginx/import/shapes');
const names = readdirSync(directory).filter((file) => file.endsWith('.conf'));
let prover: Prover;

beforeAll(async () => {
  const binary = findNginx(process.env.PATH ?? '');
  if (binary === null) throw new Error('there is no nginx on this machine');
  prover = await startProver({ binary, certificate: testCertificate });
});
afterAll(() => prover?.close());

test.each(names)('%s', async (name) => {
  const root = '/etc/nginx/nginx.conf';
  const text = readFileSync(path.join(directory, name), 'utf8');
  const { imported, configuration } = importedFrom({ root, reader: memoryReader({ [root]: text }) }, {});
  const cases = await prover.prove(imported, configuration);
  expect(cases.length).toBe(imported.requests.length);
  const told = cases.flatMap(({ request, differences }) =>
    differences.map((each) => `${request.kind} ${request.host}${request.path}: ${each}`),
  );
  expect(told).toEqual([]);
});

test('an Ingress', async () => {
  const { imported, configuration } = readImport(path.join(directory, '../ingress.yaml'), { roots: [] });
  const cases = await prover.prove(imported, configuration);
  expect(cases.length).toBeGreaterThan(10);
  expect(cases.flatMap(({ differences }) => differences)).toEqual([]);
});

test('a spec that does something else is found out', async () => {
  const text = readFileSync(path.join(directory, 'prefix-taken-off.conf'), 'utf8');
  const { imported, configuration } = importedFrom(
    { root: 'nginx.conf', reader: memoryReader({ 'nginx.conf': text }) },
    {},
  );
  const { path: _path, ...first } = imported.spec!.routes[0]!;
  const spec = { ...imported.spec!, routes: [first, ...imported.spec!.routes.slice(1)] };
  const cases = await prover.prove({ ...imported, spec }, configuration);
  expect(cases.flatMap(({ differences }) => differences)).toContain('nginx asks for /room, the edge for /ws/room');
});
