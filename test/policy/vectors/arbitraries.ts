/** Arguments by chance for every call, mostly well formed and close together: what is told apart is close. */
import fc from 'fast-check';
import { compileOrigins } from '../../../src/policy/origins/allow-list.ts';
import type { Calls } from './calls.ts';

const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const bytes = (maxLength: number) => fc.array(byte, { maxLength }).map((list) => list.join(''));
const from = (...texts: readonly string[]) => fc.constantFrom(...texts);
const count = fc.integer({ min: 0, max: 40 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const atMs = fc.integer({ min: 0, max: 60_000 });

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  from(
    '127.0.0.1',
    '::1',
    '::',
    '::ffff:10.1.2.3',
    '2001:db8::1:2',
    'fe80::1%eth0',
    'localhost',
    'x.LOCALHOST',
    '010.0.0.1',
    '1.2.3',
    '[::1]',
    'unix:',
  ),
  bytes(20),
);
const block = fc.oneof(
  fc.tuple(address, fc.integer({ min: 0, max: 130 })).map(([text, bits]) => `${text}/${bits}`),
  from('10.0.0.0/8', '2001:db8::/32', '::/0', '0.0.0.0/0', '::ffff:0:0/96', 'unix:', '/'),
);

const label = from('app', 'APP', 'a', 'xn--bcher-kva', 'example', 'com', '127', '0', '', '-', '_x', 'a b');
const host = fc.oneof(
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
  from('[::1]', '[2001:db8::1]', '[', ']', '*.example.com', 'example.com.', '.', 'user@example.com'),
  bytes(12),
);
const port = from('', ':', ':0', ':80', ':443', ':8080', ':65535', ':65536', ':08', ':x');
const origin = fc.oneof(
  fc
    .tuple(from('https://', 'http://', 'HTTPS://', 'app://', '://', 'file:///', '1://'), host, port)
    .map((parts) => parts.join('')),
  from('null', '*', 'https://example.com/path', `https://${'a.'.repeat(200)}com`),
  bytes(30),
);
const matcher = fc
  .record({
    allow: fc.option(
      fc.array(
        fc.oneof(from('https://example.com', 'https://*.example.com', 'app://.', 'http://127.0.0.1:8080'), origin),
        { maxLength: 4 },
      ),
    ),
    mode: fc.constantFrom('enforce' as const, 'report' as const),
    missing: fc.constantFrom('allow' as const, 'deny' as const),
  })
  .map((spec) => ({ ...compileOrigins(spec), ignored: [] }));

const rate = fc.record({
  perSecond: fc.oneof(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.constantFrom(1, 2)),
  burst: fc.integer({ min: 0, max: 10 }),
});
const steps = <Step extends { readonly atMs: number }>(step: fc.Arbitrary<Step>) =>
  fc.array(step, { minLength: 1, maxLength: 30 }).map((list) => [...list].sort((a, b) => a.atMs - b.atMs));

const url = from('http://a:1', 'http://b:2', 'http://c:3', 'http://d:4', 'http://e:5');
const listed = fc.record({
  url,
  weight: fc.integer({ min: 0, max: 5 }),
  connectionsMax: fc.option(fc.integer({ min: 1, max: 6 })),
  takes: fc.constantFrom('new' as const, 'new' as const, 'last' as const, 'none' as const),
});
const listing = fc.array(listed, { minLength: 1, maxLength: 5 });
const nowMs = atMs;
const balanceStep = fc.oneof(
  fc.record({ do: fc.constant('order' as const), nowMs, hashKey: fc.oneof(from('', 'ann', 'bob'), bytes(8)) }),
  fc.record({ do: fc.constant('dial' as const), nowMs, url }),
  fc.record({
    do: fc.constant('dialled' as const),
    nowMs,
    url,
    result: fc.constantFrom(
      'opened' as const,
      'opened' as const,
      'answered' as const,
      'failed' as const,
      'abandoned' as const,
    ),
  }),
  fc.record({
    do: fc.constant('ended' as const),
    nowMs,
    url,
    livedMs: fc.constantFrom(5, 900, 5000),
    by: fc.constantFrom('server' as const, 'client' as const),
  }),
  fc.record({ do: fc.constant('peers' as const), nowMs, connections: fc.dictionary(url, count) }),
  fc.record({ do: fc.constant('servers' as const), nowMs, servers: listing }),
);
const kind = fc.constantFrom('round-robin' as const, 'least-connections' as const, 'random-two' as const);
const balance = fc.oneof(
  kind.map((name) => ({ kind: name })),
  fc.constant({ kind: 'hash' as const, key: { by: 'ip' as const } }),
);
const load = fc.record({ worker: fc.integer({ min: 1, max: 6 }), connections: fc.integer({ min: 0, max: 500 }) });
const loads = fc.uniqueArray(load, { maxLength: 6, selector: ({ worker }) => worker });
const reason = fc.option(from('it leaves', 'GET /health answered 500'));

type Arguments = { readonly [Name in keyof Calls]: fc.Arbitrary<Parameters<Calls[Name]>[0]> };

export const argumentsOf: Arguments = {
  address: fc.record({ text: address, block }),
  host: fc.record({ header: fc.tuple(host, port).map((parts) => parts.join('')) }),
  origin: fc.record({ matcher, headers: fc.array(origin, { maxLength: 2 }) }),
  admission: fc.record({
    snapshot: fc.record({
      gateClosed: fc.boolean(),
      gateSpreadSeconds: fc.constantFrom(0, 60, 600),
      overload: fc.record({ memory: fc.boolean(), descriptors: fc.boolean() }),
      edgeConnections: count,
      workerConnections: count,
      routeConnections: count,
      addressConnections: count,
      edgeWaitMs: fc.constantFrom(0, 0, 250, 9_000_000),
      addressWaitMs: fc.constantFrom(0, 0, 1500),
    }),
    limits: fc.record({
      edgeConnections: fc.option(count),
      workerConnections: fc.option(count),
      routeConnections: fc.option(count),
      addressConnections: fc.option(count),
    }),
    random,
  }),
  bucket: fc.record({
    rate,
    steps: steps(fc.record({ atMs, do: fc.constantFrom('take' as const, 'wait' as const, 'fullness' as const) })),
  }),
  addresses: fc.record({
    rate,
    idleMax: fc.constantFrom(1, 2, 100),
    steps: steps(
      fc.record({
        atMs,
        address: from('10.0.0.1', '10.0.0.2', '::ffff:10.0.0.2', '2001:db8::1', '2001:db8::2', 'unix:'),
        do: fc.constantFrom('take' as const, 'wait' as const, 'open' as const, 'close' as const),
      }),
    ),
  }),
  hash: fc.record({ text: bytes(20), other: bytes(20) }),
  hashKey: fc.record({
    key: fc.oneof(
      fc.constant({ by: 'ip' as const }),
      fc.record({
        by: fc.constantFrom('header' as const, 'cookie' as const, 'query' as const),
        name: from('user', 'X-User', 'sid'),
      }),
    ),
    clientAddress: fc.oneof(fc.ipV4(), fc.ipV6()),
    target: from('/chat', '/chat?user=ann', '/chat?a=1&user=bob&user=x', '/?sid=', '/?user', '/chat?user= ann '),
    headers: fc.record(
      { 'x-user': bytes(8), cookie: from('sid=1; user=ann', 'user=a=b', ' sid = 2 ', '', ';;', 'User=1') },
      { requiredKeys: [] },
    ),
  }),
  balance: fc.record({
    balance,
    servers: listing,
    randoms: fc.array(random, { minLength: 7, maxLength: 7 }),
    steps: fc
      .array(balanceStep, { minLength: 1, maxLength: 30 })
      .map((list) => [...list].sort((a, b) => a.nowMs - b.nowMs)),
  }),
  even: fc.record({ loads }),
  leaving: fc.record({ leaving: load.map((each) => ({ ...each, worker: 9 })), others: loads }),
  ejection: fc.record({
    certainties: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 6 }),
    servers: fc.integer({ min: 0, max: 8 }),
  }),
  warm: fc.record({ sinceMs: fc.integer({ min: -10, max: 20_000 }), slowStartMs: fc.constantFrom(0, 1000, 10_000) }),
  status: fc.record({
    signs: fc.record({
      listed: fc.boolean(),
      draining: fc.boolean(),
      leaving: reason,
      checkFailure: reason,
      passive: fc.constantFrom(null, 'unreachable' as const, 'drops' as const),
    }),
  }),
};
