/** Sites that have everything the generator knows, for the tests of its text and for the real nginx. */

import { type Form, listenCount, type Site, siteDefaults } from '../../../src/nginx/generate/site.ts';
import { workloadFromSpec } from '../../../src/plan/nginx/from-spec.ts';
import { completeMachine } from '../../../src/plan/nginx/machine.ts';
import type { NginxPlan } from '../../../src/plan/nginx/plan.ts';
import { planNginx } from '../../../src/plan/nginx/plan.ts';
import { completeWorkload, type Workload } from '../../../src/plan/nginx/workload.ts';
import type { Spec } from '../../../src/spec/model.ts';
import { specFromObject } from '../../../src/spec/read.ts';

export interface Case {
  readonly spec: object;
  readonly site?: Partial<Site>;
  readonly workload?: Partial<Workload>;
}

const app = { app: { servers: ['http://127.0.0.1:9001'] } };
const three = { app: { servers: ['http://10.0.0.1:9000', 'http://10.0.0.2:9000', 'http://10.0.0.3:9000'] } };
const tls = { cert: 'cert.pem', key: 'key.pem' };

export const cases: Readonly<Record<string, Case>> = {
  plain: { spec: { upstreams: app, routes: [{ upstream: 'app', origins: 'any' }] } },
  'no heartbeat': { spec: { upstreams: app, routes: [{ upstream: 'app', origins: 'any', heartbeat: 'off' }] } },
  origins: {
    spec: {
      listen: ['0.0.0.0:8080', '[::]:8080'],
      upstreams: app,
      routes: [
        {
          match: { path: '/ws' },
          upstream: 'app',
          origins: ['https://app.example.com', 'https://*.example.org:8443', 'http://localhost:3000', 'app+x://a.b'],
        },
        { match: { path: '/feed/' }, upstream: 'app', origins: { allow: 'any', missing: 'deny' } },
        {
          match: { host: 'beta.example.com', path: '/socket.io/' },
          upstream: 'app',
          origins: { allow: ['https://beta.example.com'], mode: 'report' },
        },
      ],
    },
  },
  tls: {
    spec: {
      listen: [{ address: '0.0.0.0:8443', tls }, '0.0.0.0:8080'],
      upstreams: app,
      routes: [
        { match: { host: 'app.example.com', path: '/' }, upstream: 'app', origins: ['https://app.example.com'] },
      ],
    },
    workload: { connections: 200_000, messageBytes: 16_384, cookieBytes: 2_000 },
  },
  hosts: {
    spec: {
      upstreams: { ...app, other: { servers: ['http://127.0.0.1:9002'] } },
      routes: [
        { match: { host: 'a.example.com', path: '/chat/' }, upstream: 'app', origins: 'any' },
        { match: { host: '*.example.com', path: '/' }, upstream: 'other', origins: 'any' },
        { match: { host: 'a.example.com', path: '/chat/rooms' }, upstream: 'other', origins: 'any' },
      ],
    },
  },
  limits: {
    spec: {
      upstreams: three,
      limits: { connections: 9000, handshakes: '500/s' },
      routes: [
        {
          match: { path: '/ws' },
          upstream: 'app',
          origins: 'any',
          handshake: { rate: '20/s' },
          limits: { connections: 5000, perIp: 50 },
        },
        { match: { path: '/cable' }, upstream: 'app', origins: 'any', handshake: { rate: '30/m' } },
      ],
    },
  },
  authorizer: {
    spec: {
      upstreams: app,
      routes: [
        {
          match: { path: '/ws' },
          upstream: 'app',
          origins: 'any',
          handshake: { authorize: { url: 'http://127.0.0.1:9003/may', headers: ['x-user', 'x-room-id'] } },
        },
      ],
    },
  },
  proxies: {
    spec: {
      trustedProxies: ['10.0.0.0/8', 'fd00::/8'],
      upstreams: three,
      routes: [{ match: { path: '/live' }, upstream: 'app', origins: 'any' }],
    },
    site: { bind: ['127.0.0.2', '127.0.0.3', '127.0.0.4'] },
  },
  'PROXY protocol': {
    spec: {
      listen: [{ address: '0.0.0.0:8080', proxyProtocol: true }],
      trustedProxies: ['10.0.0.0/8'],
      upstreams: app,
      routes: [{ upstream: 'app', origins: 'any' }],
    },
    site: { bind: ['127.0.0.2'] },
  },
  'balance by turns': {
    spec: {
      upstreams: { app: { ...three.app, balance: 'round-robin' } },
      routes: [{ upstream: 'app', origins: 'any' }],
    },
  },
  'balance by two': {
    spec: {
      upstreams: { app: { ...three.app, balance: 'random-two' } },
      routes: [{ upstream: 'app', origins: 'any' }],
    },
  },
  'balance by address': {
    spec: {
      upstreams: { app: { ...three.app, balance: { hash: 'ip' } } },
      routes: [{ upstream: 'app', origins: 'any' }],
    },
  },
  'balance by cookie': {
    spec: {
      upstreams: { app: { ...three.app, balance: { hash: { cookie: 'room' } } } },
      routes: [{ upstream: 'app', origins: 'any' }],
    },
  },
  sticky: {
    spec: { upstreams: three, routes: [{ match: { path: '/socket.io/' }, upstream: 'app', origins: 'any' }] },
    site: { sticky: true },
  },
  'servers over TLS': {
    spec: {
      upstreams: {
        app: { servers: ['https://backend.example.com'] },
        own: { servers: ['https://10.0.0.9:9443'], verifyTls: false },
      },
      routes: [
        { match: { path: '/ws' }, upstream: 'app', origins: 'any' },
        { match: { path: '/own' }, upstream: 'own', origins: 'any' },
      ],
    },
    site: { resolvers: ['127.0.0.53'] },
  },
  'a Unix socket in front and behind': {
    spec: {
      listen: [{ address: 'unix:/run/edge.sock', mode: '660' }],
      trustedProxies: ['unix:', '10.0.0.0/8'],
      upstreams: { app: { servers: ['unix:/run/app.sock'] } },
      routes: [{ match: { path: '/ws' }, upstream: 'app', origins: 'any' }],
    },
  },
  'large messages': {
    spec: { upstreams: app, routes: [{ match: { path: '/ws' }, upstream: 'app', origins: 'any' }] },
    workload: { messageBytes: 65_536, drainPerSecond: 50 },
  },
};

export const forms: readonly Form[] = ['whole', 'fragment'];

/** One before and one at each gate, and the ends of the span. */
export const targets = [
  '1.18.0',
  '1.19.3',
  '1.19.4',
  '1.20.2',
  '1.21.5',
  '1.21.6',
  '1.22.1',
  '1.23.1',
  '1.23.2',
  '1.24.0',
  '1.25.0',
  '1.25.1',
  '1.26.3',
  '1.27.2',
  '1.27.3',
  '1.28.0',
  '1.29.5',
  '1.29.6',
  '1.29.7',
  '1.30.0',
  '1.31.4',
] as const;

export interface Prepared {
  readonly plan: NginxPlan;
  readonly site: Site;
}

/** A host that is large enough for every case. */
const machine = completeMachine({ cores: 4, memoryBytes: 64 * 1024 ** 3 });

export function prepare(name: string, target: string, form: Form = 'whole'): Prepared {
  const { spec: written, site: more = {}, workload = {} } = cases[name]!;
  const spec = readSpec(written);
  const site: Site = { ...siteDefaults, ...spec, ...more };
  const plan = planNginx({
    workload: completeWorkload({
      ...workloadFromSpec(spec),
      connections: 20_000,
      ...workload,
      listens: listenCount(site, form),
      sourceAddresses: Math.max(1, site.bind.length),
    }),
    machine,
    target,
  });
  if (plan.value === null) throw new Error(plan.diagnostics.map(({ message }) => message).join('\n'));
  return { plan: plan.value, site };
}

export function readSpec(written: object): Spec {
  const { value, diagnostics } = specFromObject(written);
  if (value === null) throw new Error(diagnostics.map(({ message, where }) => `${where?.path} ${message}`).join('\n'));
  return value;
}
