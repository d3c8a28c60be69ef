import { expect, test } from 'vitest';
import { comparePlans, planEdge, samePlan } from '../../../src/plan/edge/plan.ts';
import { readSpec } from '../../../src/spec/read.ts';

const host = { cores: 2, memoryBytes: 4 * 1024 ** 3, descriptors: 65_536 };
const base = `
listen: [8080, "0.0.0.0:8081"]
trustedProxies: [10.0.0.0/8, 192.168.0.0/16]
upstreams:
  app: { servers: ["http://10.0.0.1:9000", "http://10.0.0.2:9000"] }
  sticky: { servers: ["http://10.0.0.1:9001", "http://10.0.0.2:9001"], balance: { hash: ip } }
routes:
  - match: { path: /chat/ }
    upstream: app
    origins: ["https://a.example", "https://b.example"]
  - match: { path: /game/ }
    upstream: sticky
    origins: any
`;

function plan(text: string) {
  const read = readSpec(text, { file: 'holdline.yaml' });
  expect(read.diagnostics).toEqual([]);
  return planEdge(read.value!, host).value;
}

const nothing = { added: [], removed: [], changed: [] };
const unchanged = {
  listeners: nothing,
  upstreams: nothing,
  routes: nothing,
  trustedProxies: false,
  workers: false,
  limits: false,
  'limits.head': false,
  drain: false,
  control: false,
  hooks: false,
};

test.each([
  ['a comment', (text: string) => `# hello\n${text}`],
  ['a default written out', (text: string) => text.replace('upstream: app', 'upstream: app\n    heartbeat: 25s')],
  ['another unit', (text: string) => text.replace('upstream: app', 'upstream: app\n    heartbeat: { every: 25000ms }')],
  ['listeners in another order', (text: string) => text.replace('[8080, "0.0.0.0:8081"]', '["0.0.0.0:8081", 8080]')],
  [
    'proxies in another order',
    (text: string) => text.replace('[10.0.0.0/8, 192.168.0.0/16]', '[192.168.0.0/16, 10.0.0.0/8]'),
  ],
  [
    'origins in another order',
    (text: string) =>
      text.replace('["https://a.example", "https://b.example"]', '["https://B.example:443", "https://a.example"]'),
  ],
  [
    'servers in another order',
    (text: string) =>
      text.replace(
        '["http://10.0.0.1:9000", "http://10.0.0.2:9000"]',
        '["http://10.0.0.2:9000", "http://10.0.0.1:9000"]',
      ),
  ],
  ['a workload', (text: string) => `${text}workload: { connections: 10 }\n`],
])('%s means nothing', (_name, change) => {
  const changed = change(base);
  expect(changed).not.toBe(base);
  expect(comparePlans(plan(base), plan(changed))).toEqual(unchanged);
  expect(samePlan(plan(base), plan(changed))).toBe(true);
});

test.each([
  [
    'an origin',
    (text: string) => text.replace('b.example', 'c.example'),
    { routes: { ...nothing, changed: ['/chat/'] } },
  ],
  [
    'a path',
    (text: string) => text.replace('/game/', '/play/'),
    { routes: { added: ['/play/'], removed: ['/game/'], changed: [] } },
  ],
  [
    'a server',
    (text: string) => text.replace('10.0.0.2:9000', '10.0.0.3:9000'),
    { upstreams: { ...nothing, changed: ['app'] } },
  ],
  [
    'servers of a hash in another order',
    (text: string) =>
      text.replace(
        '["http://10.0.0.1:9001", "http://10.0.0.2:9001"]',
        '["http://10.0.0.2:9001", "http://10.0.0.1:9001"]',
      ),
    { upstreams: { ...nothing, changed: ['sticky'] } },
  ],
  [
    'a listener',
    (text: string) => text.replace('8081', '8082'),
    { listeners: { added: ['0.0.0.0:8082'], removed: ['0.0.0.0:8081'], changed: [] } },
  ],
  ['a limit', (text: string) => `${text}limits: { connections: 1000 }\n`, { limits: true }],
  ['the largest head', (text: string) => `${text}limits: { head: 32k }\n`, { 'limits.head': true }],
  ['the control address', (text: string) => `${text}control: 4654\n`, { control: true }],
  ['a trusted proxy', (text: string) => text.replace(', 192.168.0.0/16', ''), { trustedProxies: true }],
])('%s is seen', (_name, change, expected) => {
  expect(comparePlans(plan(base), plan(change(base)))).toEqual({ ...unchanged, ...expected });
  expect(samePlan(plan(base), plan(change(base)))).toBe(false);
});
