/** What is typed at `holdline up --to`, and the file that it amounts to. */
import { expect, test } from 'vitest';
import { type QuickSpecOptions, quickSpec } from '../../../src/spec/quick/quick.ts';
import { quickSpecText } from '../../../src/spec/quick/text.ts';
import { readSpec } from '../../../src/spec/read.ts';

const directory = '/srv/app';

test.each([
  ['3000', 'http://localhost:3000', null],
  [':3000', 'http://localhost:3000', null],
  ['localhost:3000', 'http://localhost:3000', null],
  ['127.0.0.1:3000', 'http://127.0.0.1:3000', null],
  ['[::1]:3000', 'http://[::1]:3000', null],
  ['app.internal', 'http://app.internal', null],
  ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000', null],
  ['ws://127.0.0.1:3000/ws', 'http://127.0.0.1:3000', '/ws'],
  ['wss://app.internal/ws/', 'https://app.internal', '/ws/'],
  ['localhost:3000/ws', 'http://localhost:3000', '/ws'],
  ['unix:/run/app.sock', 'unix:/run/app.sock', null],
  ['unix:///run/app.sock', 'unix:/run/app.sock', null],
  ['/run/app.sock', 'unix:/run/app.sock', null],
  ['./app.sock', 'unix:/srv/app/app.sock', null],
  ['../run/app.sock', 'unix:/srv/run/app.sock', null],
  ['app.sock', 'unix:/srv/app/app.sock', null],
  ['unix:app.sock', 'unix:/srv/app/app.sock', null],
  ['srv+http://_ws._tcp.example.com', 'srv+http://_ws._tcp.example.com', null],
])('%s is %s', (to, server, prefix) => {
  const { value, diagnostics } = quickSpec({ to, directory });
  expect(diagnostics).toEqual([]);
  expect(value?.upstreams[0]?.servers[0]?.url).toBe(server);
  expect(value?.routes[0]?.path?.prefix ?? null).toBe(prefix);
});

const everything: Partial<QuickSpecOptions> = {
  listen: './edge.sock',
  control: 'control.sock',
  workers: 2,
  trust: ['10.0.0.0/8', 'unix:'],
  origin: ['https://app.example.com', 'https://*.example.com'],
  balance: 'hash:cookie=session',
  health: '/healthz',
  heartbeat: 'off',
  idleTimeout: '7m',
  lifetime: '24h',
  maxMessage: '2m',
  connections: 1000,
  perIp: 10,
  rate: '20/s',
  authorize: 'http://127.0.0.1:9001/authorize',
};

test.each<[string, Partial<QuickSpecOptions>]>([
  ['nothing more', {}],
  ['TLS', { cert: '/etc/tls/a.pem', key: '/etc/tls/a.key' }],
  ['a port', { listen: 9000, balance: 'sticky-cookie' }],
  ['limits that are off', { maxMessage: 'off', perIp: 'off' }],
  ['everything', everything],
  ...Object.entries(everything).map(([name, value]): [string, Partial<QuickSpecOptions>] => [name, { [name]: value }]),
])('what is printed reads as the options do: %s', (_what, said) => {
  const options = { to: ['localhost:3000/ws', 'localhost:3001/ws'], directory, ...said };
  const text = quickSpecText(options);
  const read = readSpec(text, { file: 'holdline.yaml' });
  expect(read.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(read.value).toEqual(quickSpec(options).value);
});

test('what is printed with every comment taken away can be used as well', () => {
  const text = quickSpecText({ to: '3000', directory });
  const bare = text.replace(/^( *)# (?=\S+:)/gm, '$1');
  expect(bare).not.toBe(text);
  const { value, diagnostics } = readSpec(bare, { file: 'holdline.yaml' });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(value?.routes[0]).toMatchObject({ idleTimeoutMs: 420_000, limits: { connectionsPerAddress: 50 } });
});

test('a token stays out of it', () => {
  expect(quickSpecText({ to: '3000', directory, token: '0123456789abcdef' })).not.toContain('0123456789');
});
