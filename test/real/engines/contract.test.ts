/** One table of steps that both engines pass; where they differ, the table of docs/nginx-engine.md says so. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carried, carriedBy } from './carried.ts';
import { steps } from './steps.ts';

/** Rows whose difference another test shows, or that only say why. */
const elsewhere: Readonly<Record<string, string>> = {
  '`command:` of an upstream': 'test/nginx/engine-refusals.test.ts',
  'hooks, `path`, `headers`, `subprotocol`, `http: off`, `clientCertificates`, more than one certificate':
    'test/nginx/engine-refusals.test.ts',
  '`idleTimeout`': 'test/nginx/engine-refusals.test.ts',
  'health checks': 'test/nginx/engine-refusals.test.ts',
  'heartbeats, lifetime, message limits, moving': 'test/nginx/generate',
  bytes: 'test/nginx/tcp-traffic.test.ts',
  'idle time in `ls`': 'test/nginx/tcp-traffic.test.ts',
  'round trip in `ls`': 'test/nginx/tcp-traffic.test.ts',
  'server in `ls`': 'of an upstream with one server: the step of who is connected',
  'a handshake counts as upgraded': 'the step of what was refused waits for it',
  'event loop delay of a worker': 'nothing to show',
  'port 0 under `listen`': 'test/nginx/engine-refusals.test.ts',
  'change of `listen`': 'nginx opens its ports itself',
  '`workers`': 'test/nginx/engine-refusals.test.ts',
};

describe.each(['gateway', 'nginx'] as const)('%s', (name) => {
  let edge: Carried;
  beforeAll(async () => {
    edge = await carriedBy(name);
  }, 30_000);
  afterAll(() => edge?.close());

  test.each(steps.map((step) => [step.what, step] as const))(
    '%s',
    async (_what, { run, sees, differs }) => {
      const seen = await run(edge);
      expect(seen).toEqual(name === 'nginx' && differs !== undefined ? differs.nginx : sees);
    },
    60_000,
  );
});

test('a step that differs has a row in the docs that says so', () => {
  const docs = readFileSync('docs/nginx-engine.md', 'utf8');
  const table = docs.slice(docs.indexOf('## What differs'), docs.indexOf('\n## ', docs.indexOf('## What differs') + 1));
  const rows = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, first]) => first).slice(1);
  expect(rows.length).toBeGreaterThan(10);
  const accounted = new Set([
    ...Object.keys(elsewhere),
    ...steps.flatMap(({ differs }) => (differs === undefined ? [] : [differs.row])),
  ]);
  expect([...accounted].toSorted()).toEqual(rows.toSorted());
});
