/** What is written in a spec, and what it means. */
import { describe, expect, test } from 'vitest';
import { defaults } from '../../src/spec/defaults.ts';
import type { UpstreamSpec } from '../../src/spec/model/upstream.ts';
import type { RouteSpec, Spec } from '../../src/spec/model.ts';
import { readSpec } from '../../src/spec/read.ts';

function read(text: string): Spec {
  const { value, diagnostics } = readSpec(text, { file: 'holdline.yaml' });
  expect(diagnostics.filter((diagnostic) => diagnostic.severity === 'error')).toEqual([]);
  return value!;
}

const top = (line: string) =>
  read(`upstreams: { app: { servers: http://10.0.0.1:9000 } }\nroutes: { upstream: app, origins: any }\n${line}\n`);
const upstream = (block: string): UpstreamSpec =>
  read(`upstreams:\n  app:\n    ${block}\nroutes: { upstream: app, origins: any }\n`).upstreams[0]!;
const route = (line: string, more = ''): RouteSpec =>
  read(`upstreams: { app: { servers: http://10.0.0.1:9000 } }\nroutes:\n  - upstream: app\n    ${line}\n${more}`)
    .routes[0]!;

const instances = (min: number, more = {}) => ({
  min,
  max: min,
  connectionsEach: null,
  cpu: null,
  delayMs: null,
  load: null,
  ...more,
});

describe('what is written and what it means', () => {
  test.each<[string, Partial<Spec>]>([
    [
      'listen: 9000',
      {
        listen: [
          {
            address: { host: '0.0.0.0', port: 9000 },
            tls: null,
            otherCertificates: [],
            clientCertificates: null,
            proxyProtocol: false,
          },
        ],
      },
    ],
    [
      'listen: ["[::]:80", ":81", "LOCALHOST:82"]',
      {
        listen: [
          ['::', 80],
          ['0.0.0.0', 81],
          ['localhost', 82],
        ].map(([host, port]) => ({
          address: { host: host as string, port: port as number },
          tls: null,
          otherCertificates: [],
          clientCertificates: null,
          proxyProtocol: false,
        })),
      },
    ],
    [
      'listen: { address: 443, tls: { cert: a.pem, key: b.pem }, proxyProtocol: on }',
      {
        listen: [
          {
            address: { host: '0.0.0.0', port: 443 },
            tls: { cert: 'a.pem', key: 'b.pem' },
            otherCertificates: [],
            clientCertificates: null,
            proxyProtocol: true,
          },
        ],
      },
    ],
    ['trustedProxies: 127.0.0.1', { trustedProxies: ['127.0.0.1'] }],
    ['trustedProxies: [10.0.0.0/8, "FD00::/8", ::1]', { trustedProxies: ['10.0.0.0/8', 'fd00::/8', '::1'] }],
    ['workers: auto', { workers: null }],
    ['workers: 4', { workers: 4 }],
    [
      'limits: { connections: 1000, handshakes: 500/s }',
      { limits: { connections: 1000, handshakesPerSecond: 500, headBytesMax: 16_384 } },
    ],
    [
      'limits: { connections: off, handshakes: false, head: 64k }',
      { limits: { connections: null, handshakesPerSecond: null, headBytesMax: 65_536 } },
    ],
    ['control: 4000', { control: { address: { host: '127.0.0.1', port: 4000 }, token: null } }],
    [
      'control: { token: 0123456789abcdef }',
      { control: { address: { host: '127.0.0.1', port: 4653 }, token: '0123456789abcdef' } },
    ],
    [
      'workload: { connections: 20000, messageRate: 60/m, messageSize: 512 }',
      { workload: { connections: 20_000, messageRatePerSecond: 1, messageBytes: 512 } },
    ],
    ['host: { cores: 1, memory: 8g }', { host: { cores: 1, memoryBytes: 8 * 1024 ** 3 } }],
    ['hooks: ./hooks.ts', { hooks: './hooks.ts' }],
    ['engine: gateway', { engine: 'gateway' }],
  ])('%s', (line, expected) => {
    expect(top(line)).toMatchObject(expected);
  });

  test.each<[string, Partial<UpstreamSpec>]>([
    ['servers: http://a:80', { servers: [{ url: 'http://a', weight: 1, connectionsMax: null }] }],
    ['servers: [ "HTTPS://A:8443/" ]', { servers: [{ url: 'https://a:8443', weight: 1, connectionsMax: null }] }],
    [
      'servers: { url: http://a:1, weight: 3, connections: 100 }',
      { servers: [{ url: 'http://a:1', weight: 3, connectionsMax: 100 }] },
    ],
    ['{ servers: "http://a:1", balance: random-two }', { balance: { kind: 'random-two' } }],
    ['{ servers: "http://a:1", balance: { hash: ip } }', { balance: { kind: 'hash', key: { by: 'ip' } } }],
    [
      '{ servers: "http://a:1", balance: { hash: { header: X-Room } } }',
      { balance: { kind: 'hash', key: { by: 'header', name: 'x-room' } } },
    ],
    [
      '{ servers: "http://a:1", balance: { hash: { cookie: Sid } } }',
      { balance: { kind: 'hash', key: { by: 'cookie', name: 'Sid' } } },
    ],
    ['{ servers: "https://a:1", verifyTls: off }', { verifyTls: false }],
    [
      'command: node a.js',
      { servers: [], managed: { command: 'node a.js', directory: '.', instances: instances(1), restartOn: [] } },
    ],
    [
      '{ command: node a.js, directory: backend, instances: 2 }',
      { managed: { command: 'node a.js', directory: 'backend', instances: instances(2), restartOn: [] } },
    ],
    [
      '{ command: node a.js, instances: { min: 3 } }',
      { managed: { command: 'node a.js', directory: '.', instances: instances(3), restartOn: [] } },
    ],
    [
      '{ servers: "http://a:1", health: /healthz, slowStart: off }',
      {
        health: { check: 'http', path: '/healthz', everyMs: 5000, timeoutMs: 2000, fall: 3, rise: 2 },
        slowStartMs: 0,
      },
    ],
    [
      '{ servers: "http://a:1", health: { check: tcp, every: 1s, fall: 1 } }',
      { health: { check: 'tcp', path: '/', everyMs: 1000, timeoutMs: 1000, fall: 1, rise: 2 }, slowStartMs: 10_000 },
    ],
    ['{ servers: "http://a:1", health: off }', { health: null }],
  ])('upstream %s', (block, expected) => {
    expect(upstream(block)).toMatchObject(expected);
  });

  test.each<[string, Partial<RouteSpec>]>([
    [
      'match: { host: "*.Example.COM.", path: /chat/ }',
      { name: '*.example.com/chat/', match: { host: '*.example.com', path: '/chat/' } },
    ],
    ['match: { host: bücher.example }', { match: { host: 'xn--bcher-kva.example', path: '/' } }],
    ['name: chat', { name: 'chat' }],
    ['origins: any', { origins: { allow: null, mode: 'enforce', missing: 'allow' } }],
    [
      'origins: https://A.example:443',
      { origins: { allow: ['https://a.example'], mode: 'enforce', missing: 'allow' } },
    ],
    [
      'origins: [ "https://*.example.com", "http://localhost:5173", "chrome-extension://abc" ]',
      {
        origins: {
          allow: ['https://*.example.com', 'http://localhost:5173', 'chrome-extension://abc'],
          mode: 'enforce',
          missing: 'allow',
        },
      },
    ],
    [
      'origins: { allow: [ https://a.example ], mode: report, missing: deny }',
      { origins: { allow: ['https://a.example'], mode: 'report', missing: 'deny' } },
    ],
    ['origins: { allow: any, missing: deny }', { origins: { allow: null, mode: 'enforce', missing: 'deny' } }],
    ['heartbeat: off', { heartbeat: null, idleTimeoutMs: 420_000 }],
    ['heartbeat: false', { heartbeat: null }],
    ['heartbeat: 5s', { heartbeat: { everyMs: 5000, timeoutMs: 2500, server: false } }],
    ['heartbeat: 60', { heartbeat: { everyMs: 60_000, timeoutMs: 10_000, server: false } }],
    [
      'heartbeat: { timeout: 5s, server: true }',
      { heartbeat: { everyMs: 25_000, timeoutMs: 5000, server: true }, idleTimeoutMs: null },
    ],
    ['idleTimeout: 7m', { idleTimeoutMs: 420_000 }],
    ['{ idleTimeout: off, heartbeat: off }', { idleTimeoutMs: null, heartbeat: null }],
    ['lifetime: 1h 30m', { lifetimeMs: 5_400_000 }],
    ['handshake: { rate: 20/s }', { handshake: { timeoutMs: 10_000, ratePerSecond: 20, burst: 40, authorize: null } }],
    [
      'handshake: { rate: 1/m, burst: 3, timeout: 5s }',
      { handshake: { timeoutMs: 5000, ratePerSecond: 1 / 60, burst: 3, authorize: null } },
    ],
    [
      'handshake: { authorize: "http://127.0.0.1:9001/authorize?a=1" }',
      {
        handshake: {
          timeoutMs: 10_000,
          ratePerSecond: null,
          burst: 5,
          authorize: { url: 'http://127.0.0.1:9001/authorize?a=1', timeoutMs: 3000, headers: [] },
        },
      },
    ],
    [
      'handshake: { authorize: { url: "http://a/", timeout: 1s, headers: [ X-User ] } }',
      {
        handshake: {
          timeoutMs: 10_000,
          ratePerSecond: null,
          burst: 5,
          authorize: { url: 'http://a/', timeoutMs: 1000, headers: ['x-user'] },
        },
      },
    ],
    [
      'limits: { connections: 5, perIp: 2, message: 64k, messages: 100/s, bytes: 1m/s, buffer: 2m, slowConsumer: 5s }',
      {
        limits: {
          connections: 5,
          connectionsPerAddress: 2,
          messageBytesMax: 65_536,
          messagesPerSecond: 100,
          bytesPerSecond: 1_048_576,
          bufferBytesMax: 2_097_152,
          slowConsumerMs: 5000,
        },
      },
    ],
    [
      'drain: 200/s',
      { drain: { rate: { perSecond: 200 }, order: 'oldest', code: 1012, reason: 'please connect again' } },
    ],
    [
      'drain: { code: 4001 }',
      { drain: { rate: { perSecond: 100 }, order: 'oldest', code: 4001, reason: 'please connect again' } },
    ],
  ])('route %s', (line, expected) => {
    const asBlock = line.startsWith('{')
      ? line
          .slice(1, -1)
          .split(', ')
          .map((part) => part.trim())
          .join('\n    ')
      : line;
    expect(route(asBlock)).toMatchObject(expected);
  });

  test('hooks of a route follow from the module', () => {
    const on = { messages: false, onFailure: 'refuse', deadlineMs: 1000 };
    expect(route('origins: any').hooks).toBeNull();
    expect(route('origins: any', 'hooks: h.mjs').hooks).toEqual(on);
    expect(route('hooks: on', 'hooks: h.mjs').hooks).toEqual(on);
    expect(route('hooks: off', 'hooks: h.mjs').hooks).toBeNull();
    expect(route('hooks: { messages: true, onFailure: pass, deadline: 50ms }', 'hooks: h.mjs').hooks).toEqual({
      messages: true,
      onFailure: 'pass',
      deadlineMs: 50,
    });
  });

  test('the smallest spec has every default', () => {
    const spec = read('upstreams: { app: { servers: http://127.0.0.1:3000 } }\nroutes: { upstream: app }\n');
    expect(spec.listen).toEqual([
      {
        address: { host: '0.0.0.0', port: 8080 },
        tls: null,
        otherCertificates: [],
        clientCertificates: null,
        proxyProtocol: false,
      },
    ]);
    expect(spec.control).toEqual({ address: { host: '127.0.0.1', port: 4653 }, token: null });
    expect(spec.routes[0]).toMatchObject({
      name: '/',
      heartbeat: { everyMs: defaults.heartbeatEveryMs.value, timeoutMs: defaults.heartbeatTimeoutMs.value },
      idleTimeoutMs: null,
      limits: { messageBytesMax: defaults.messageBytesMax.value, bufferBytesMax: defaults.bufferBytesMax.value },
      drain: { rate: { perSecond: 100 }, order: defaults.drainOrder.value, code: defaults.drainCode.value },
    });
    expect(spec.upstreams[0]).toMatchObject({ balance: { kind: 'least-connections' }, verifyTls: true, managed: null });
  });

  test('routes that match the same keep names of their own', () => {
    const spec = read(
      'upstreams: { app: { servers: http://a:1 } }\nroutes:\n  - { upstream: app }\n  - { upstream: app, name: "/@2" }\n  - { upstream: app }\n',
    );
    expect(spec.routes.map(({ name }) => name)).toEqual(['/', '/@2', '/@3']);
  });
});
