import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reloadText } from '../../src/cli/commands/reload.ts';
import { type ControlServer, startControlServer } from '../../src/control/api/server.ts';
import { fakeTarget } from '../control/fake-target.ts';
import { capture } from './capture.ts';

const nobody = { rows: [], matched: 0, next: null };
const target = fakeTarget();
const empty = fakeTarget({
  query: async () => nobody,
  silentWorkers: () => [7],
  closeConnections: async () => 0,
  send: async () => ({}),
  servers: { ...target.servers, rows: () => target.servers.rows().map((row) => ({ ...row, share: 0.75 })) },
  drains: { ...target.drains, start: async () => ({ ...target.drains.rows()[0]!, total: 0, etaMs: 0 }) },
});
const servers: ControlServer[] = [];

beforeAll(async () => {
  for (const each of [target, empty])
    servers.push(
      await startControlServer({
        target: each,
        address: { host: '127.0.0.1', port: 0 },
        tokens: { steer: null, read: null },
      }),
    );
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

const ask = (...argv: string[]) => capture([...argv, '--control', String(servers[0]!.port)]);
const askEmpty = (...argv: string[]) => capture([...argv, '--control', String(servers[1]!.port)]);

describe('filters', () => {
  test.each([
    [['--tag', 'user:ann'], { tags: { user: 'ann' } }],
    [['--tag', 'user:ann', '--tag', 'vip'], { tags: { user: 'ann', vip: '' } }],
    [['--server', '127.0.0.1:5012'], { server: '127.0.0.1:5012' }],
  ])('ls %j', async (argv, filter) => {
    target.calls.length = 0;
    expect(await ask('ls', ...argv)).toMatchObject({ code: 0, err: '' });
    expect(target.calls[0]?.[1]).toEqual(filter);
  });

  test('kick --tag', async () => {
    target.calls.length = 0;
    const kicked = await ask('kick', '--tag', 'user:ann', '--code', '4001');
    expect(kicked).toMatchObject({ code: 0, out: '1 connection closed with 4001\n' });
    expect(target.calls[0]?.[1]).toMatchObject({
      target: { filter: { tags: { user: 'ann' } } },
      cause: 'kick',
      code: 4001,
    });
  });

  test.each(['ls', 'kick', 'send'])('%s: a state that does not exist is a slip', async (command) => {
    const rest = command === 'send' ? ['hello'] : [];
    expect((await ask(command, '--state', 'dead', ...rest)).code).toBe(2);
  });
});

describe('filters in words', () => {
  test.each([
    [['send', 'mgx3k2a1-1-00002a', 'hi'], { id: 'mgx3k2a1-1-00002a' }, 'hi'],
    [
      ['send', 'route:all', 'idle>1h', 'back soon'],
      { filter: { terms: [{ field: 'route' }, { field: 'idle', min: 3_600_000 }] } },
      'back soon',
    ],
    [['send', '--route', 'all', 'back soon'], { filter: { route: 'all' } }, 'back soon'],
    [['send', 'route:all', '--binary', '6869'], { filter: { terms: [{ field: 'route' }] } }, Buffer.from('hi')],
    [['send', '--all', 'hi'], { filter: {} }, 'hi'],
  ])('%j', async (argv, to, data) => {
    target.calls.length = 0;
    await ask(...argv);
    expect(target.calls.find(([name]) => name === 'send')).toMatchObject(['send', to, { to: 'client', data }]);
  });

  test.each([
    [['send', 'hi'], 'say which'],
    [['send', 'route:all', 'see', 'you'], '"see" is neither an id nor a condition; put the text in quotes'],
    [['send', 'mgx3k2a1-1-00002a', '--route', 'all', 'hi'], 'either an id or filters'],
    [['send', '--all'], 'either a text or --binary'],
    [['drain'], 'say which'],
    [['ls', '-route:all'], 'as a condition of a filter, write route!=all'],
    [['kick', '-user:ann'], 'as a condition of a filter, write user!=ann'],
    [['drain', 'route:all', '--list'], 'take no filters'],
  ])('%j is a slip', async (argv, words) => {
    const said = await ask(...argv);
    expect(said.code).toBe(2);
    expect(said.err).toContain(words);
  });

  test('drain', async () => {
    target.calls.length = 0;
    await ask('drain', 'route:all', 'idle>1h');
    expect(target.calls[0]).toMatchObject(['start', { what: 'q route:all idle>1h', cause: 'drain' }]);
  });
});

describe('nobody is meant', () => {
  test.each([
    [['kick', '--route', 'lal'], 2, 'no route is called "lal"; did you mean all?'],
    [['ls', '--upstream', 'ap'], 2, 'no upstream is called "ap"; did you mean app?'],
    [['ls', '--route', 'nothing-like-it'], 2, 'no route is called "nothing-like-it"; there are all'],
    [['kick', '--route', 'all'], 1, ''],
    [['ls', '--route', 'all'], 0, ''],
    [['kick', 'mgx3k2a1-1-00002a'], 1, 'no live connection has the id'],
  ])('%j', async (argv, code, words) => {
    const said = await askEmpty(...argv);
    expect(said.code).toBe(code);
    expect(said.err).toContain(words);
  });
});

test('rebalance names the servers whose share still grows', async () => {
  const even = 'the servers of app are even enough\n';
  expect(await ask('servers', 'rebalance', 'app', '--dry-run')).toMatchObject({ code: 0, out: even });
  const slow = 'http://127.0.0.1:9 starts slowly: it has 75 % of its weight, and gets more by the second\n';
  expect((await askEmpty('servers', 'rebalance', 'app', '--dry-run')).out).toBe(even + slow);
});

test.each([
  [{ changed: ['routes chat'], lastChange: null }, 'changed: routes chat'],
  [{ changed: [], lastChange: null }, 'nothing has changed since the edge was started'],
  [
    {
      changed: [],
      lastChange: { atMs: new Date(2026, 10, 26, 21, 3, 5).getTime(), changed: ['routes chat', 'limits'] },
    },
    'nothing has changed since 21:03:05, when the edge took over: routes chat; limits',
  ],
])('reload says what the watcher has taken over before', (answer, text) => {
  expect(reloadText(answer)).toBe(text);
});

test('health is one line and an exit code of 0 or 1, also where nobody answers', async () => {
  expect(await ask('health')).toMatchObject({ code: 0, out: 'alive\n' });
  expect(await ask('health', '--ready')).toMatchObject({ code: 0, out: 'ready\n' });
  // Its only worker is silent.
  expect(await askEmpty('health')).toMatchObject({ code: 1, out: 'not alive: no worker answers\n' });
  expect(await askEmpty('health', '--ready')).toMatchObject({
    code: 1,
    out: 'not ready: 1 of 1 workers do not answer: 7\n',
  });
  const unused = await startControlServer({
    target,
    address: { host: '127.0.0.1', port: 0 },
    tokens: { steer: null, read: null },
  });
  await unused.close();
  expect(await capture(['health', '--control', String(unused.port)])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^not alive: no edge answers on 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\n$/),
  });
});
