/**
 * What a spec asks for and a supervised nginx cannot do is refused where it would let others in, and named where it is
 * only missing.
 */
import { expect, test } from 'vitest';
import { hasErrors } from '../../src/base/diagnostic.ts';
import { withoutEffect } from '../../src/nginx/generate/without-effect.ts';
import { specFromObject } from '../../src/spec/read.ts';

const upstream = { servers: 'http://127.0.0.1:9000' };

function findings(route: object, more: object = {}) {
  const { value, diagnostics } = specFromObject({
    engine: 'nginx',
    listen: '127.0.0.1:8080',
    upstreams: { app: upstream },
    routes: [{ match: { path: '/' }, upstream: 'app', origins: 'any', ...route }],
    ...more,
  });
  expect(hasErrors(diagnostics), JSON.stringify(diagnostics)).toBe(false);
  return withoutEffect(value!, 90_000);
}

test.each([
  ['path', { path: { strip: '/' } }, {}],
  ['headers', { headers: { toServer: { remove: ['cookie'] } } }, {}],
  ['subprotocol', { subprotocol: { remove: ['bearer.*'] } }, {}],
  ['http', { http: 'off' }, {}],
  ['hooks', { hooks: { messages: false } }, { hooks: 'hooks.mjs' }],
  ['command', {}, { upstreams: { app: { command: 'node app.mjs' } } }],
  ['listen', {}, { listen: '127.0.0.1:0' }],
  [
    'listen.clientCertificates',
    {},
    {
      listen: [
        { address: '127.0.0.1:8443', tls: { cert: 'c.pem', key: 'k.pem' }, clientCertificates: { ca: 'ca.pem' } },
      ],
    },
  ],
  [
    'listen.tls',
    {},
    {
      listen: [
        { address: '127.0.0.1:8443', tls: { cert: 'c.pem', key: 'k.pem' } },
        { address: '127.0.0.1:8444', tls: { cert: 'd.pem', key: 'l.pem' } },
      ],
    },
  ],
])('%s is refused', (setting, route, more) => {
  expect(findings(route, more)).toMatchObject([{ code: 'engine-cannot', severity: 'error', where: { path: setting } }]);
});

test.each([
  ['onServerLoss', { onServerLoss: 'move' }, {}],
  ['compression', { compression: 'off' }, {}],
  ['idleTimeout', { idleTimeout: '11m' }, {}],
  ['health', {}, { upstreams: { app: { ...upstream, health: { path: '/healthz' } } } }],
  ['rebalance', {}, { upstreams: { app: { ...upstream, rebalance: 'auto' } } }],
  ['workers', {}, { workers: 3 }],
  ['drain.budget', {}, { drain: { budget: '7/s' } }],
])('%s is named as without effect', (setting, route, more) => {
  expect(findings(route, more)).toMatchObject([
    { code: 'engine-without-effect', severity: 'warning', where: { path: setting } },
  ]);
});

test('a spec of defaults has nothing that is named', () => {
  expect(findings({})).toEqual([]);
});
