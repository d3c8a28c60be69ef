/** Generated configurations: nothing to find in them, the plan back out of them, and no name that ends a directive. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSince, readVersion } from '../../../src/base/nginx-version.ts';
import { effective } from '../../../src/nginx/effective/effective.ts';
import { textIn } from '../../../src/nginx/effective/values.ts';
import { validate } from '../../../src/nginx/facts/validate.ts';
import { parseSizeBytes, parseTimeMs } from '../../../src/nginx/facts/values.ts';
import { gates, has } from '../../../src/nginx/generate/gates.ts';
import { generate } from '../../../src/nginx/generate/generate.ts';
import { logFields } from '../../../src/nginx/generate/log.ts';
import type { Site } from '../../../src/nginx/generate/site.ts';
import { lint } from '../../../src/nginx/lint/lint.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import type { Statement } from '../../../src/nginx/syntax/tree.ts';
import type { NginxPlan } from '../../../src/plan/nginx/plan.ts';
import { cases, forms, prepare, targets } from './sites.ts';

function textOf(plan: NginxPlan, site: Site, form: 'whole' | 'fragment' = 'whole'): string {
  const { value, diagnostics } = generate({ plan, site, form, remarks: 'reasons' });
  expect(value, JSON.stringify(diagnostics)).not.toBeNull();
  return value!.configuration.text;
}

function modelOf(text: string, plan: NginxPlan) {
  const read = readConfiguration('nginx.conf', memoryReader({ 'nginx.conf': text }));
  const model = effective(read.value, { target: plan.version });
  return { model, findings: [...read.diagnostics, ...validate(read.value, { target: plan.version })] };
}

describe.each(Object.keys(cases))('%s', (name) => {
  test.each(targets)('nothing to find for nginx %s', (target) => {
    for (const form of forms) {
      const { plan, site } = prepare(name, target, form);
      const { model, findings } = modelOf(textOf(plan, site, form), plan);
      const { diagnostics, webSocketLocations } = lint(model, {
        target: plan.version,
        ...(plan.workload.heartbeat === null ? {} : { heartbeatMs: plan.workload.heartbeat.everyMs }),
        ...(form === 'whole' ? { connections: plan.workload.connections } : {}),
      });
      expect([...findings, ...diagnostics].map(({ code, message }) => `${code} ${message}`)).toEqual([]);
      expect(webSocketLocations).toBeGreaterThan(0);
    }
  });

  test.each(['1.18.0', '1.22.1', '1.31.4'])('gives the plan back for nginx %s', (target) => {
    const { plan, site } = prepare(name, target);
    const { model } = modelOf(textOf(plan, site), plan);
    const { workers, timeouts, buffers } = plan;
    expect(textIn(model, model.main, 'worker_processes')).toBe(String(workers.workers.value));
    expect(Number(textIn(model, model.main, 'worker_rlimit_nofile'))).toBeGreaterThanOrEqual(
      workers.workerRlimitNofile.value,
    );
    expect(parseTimeMs(textIn(model, model.main, 'worker_shutdown_timeout')!)).toBe(
      timeouts.workerShutdownTimeout.value,
    );
    expect(textIn(model, model.events!, 'worker_connections')).toBe(String(workers.workerConnections.value));
    for (const upstream of model.upstreams.values())
      expect(upstream.keepalive.connections).toBe(workers.keepalivePool.value);
    const proxied = model.locations.filter(
      ({ handler, kind, pattern }) => handler.kind === 'proxy' && kind === 'location' && !pattern.startsWith('/_'),
    );
    expect(proxied.length).toBeGreaterThan(0);
    for (const location of proxied) {
      const time = (directive: string) => parseTimeMs(textIn(model, location, directive)!);
      expect(time('proxy_read_timeout')).toBe(timeouts.proxyReadTimeout.value);
      expect(time('proxy_send_timeout')).toBe(timeouts.proxySendTimeout.value);
      expect(time('proxy_connect_timeout')).toBe(timeouts.proxyConnectTimeout.value);
      expect(time('send_timeout')).toBe(timeouts.sendTimeout.value);
      expect(parseSizeBytes(textIn(model, location, 'proxy_buffer_size')!)).toBe(buffers.proxyBufferSize.value);
      if (buffers.sslBufferSize !== null)
        expect(parseSizeBytes(textIn(model, location.server, 'ssl_buffer_size')!)).toBe(buffers.sslBufferSize.value);
    }
    const sockets = new Set(
      model.servers.flatMap(({ listens }) => listens.map((each) => `${each.address}:${each.port}`)),
    );
    expect(sockets.size).toBe(plan.workload.listens);
    for (const listen of model.servers.flatMap(({ listens }) => listens))
      if (listen.backlog !== null) expect(listen.backlog).toBe(workers.backlog.value);
  });
});

test('with comments the same statements as without', () => {
  const { plan, site } = prepare('tls', '1.22.1');
  const without = generate({ plan, site, form: 'whole', remarks: 'headings' }).value!.configuration.text;
  const statements = (text: string) =>
    text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  expect(statements(textOf(plan, site))).toEqual(statements(without));
  for (const line of textOf(plan, site).split('\n')) expect(line.length).toBeLessThanOrEqual(130);
});

/** What tells the two sides of a gate apart in the text of a case. */
const marks: Record<
  keyof typeof gates,
  { readonly name: string; readonly before: RegExp | null; readonly since: RegExp | null }
> = {
  serverKeepalive: { name: 'no heartbeat', before: null, since: /proxy_socket_keepalive on;/ },
  rejectHandshake: { name: 'tls', before: null, since: /ssl_reject_handshake on;/ },
  evenAccept: { name: 'plain', before: /listen .* reuseport;/, since: null },
  headersJoined: { name: 'origins', before: null, since: null },
  sharedTicketKeys: { name: 'tls', before: /ssl_session_tickets off;/, since: null },
  http2Directive: { name: 'tls', before: /listen 8443 ssl http2/, since: /^ {4}http2 on;/m },
  modernTls: { name: 'tls', before: /ssl_protocols TLSv1\.2 TLSv1\.3;/, since: null },
  resolve: { name: 'servers over TLS', before: null, since: /server backend\.example\.com:443 resolve;/ },
  sticky: {
    name: 'sticky',
    before: /hash \$websocket_client_app consistent;/,
    since: /sticky cookie server_of_app path=/,
  },
  http11Upstream: { name: 'plain', before: /proxy_http_version 1\.1;/, since: null },
};

test.each(Object.entries(marks))('the gate %s', (gate, { name, before, since }) => {
  const at = gates[gate as keyof typeof gates].since;
  for (const target of targets) {
    const { plan, site } = prepare(name, target);
    const text = textOf(plan, site);
    const is = has(readVersion(target)!, gate as keyof typeof gates);
    expect(is).toBe(isSince(readVersion(target)!, at));
    if (before !== null) expect(before.test(text), `${target} ${before}`).toBe(!is);
    if (since !== null) expect(since.test(text), `${target} ${since}`).toBe(is);
  }
});

describe('servers that SRV records name', () => {
  const { plan, site } = prepare('authorizer', '1.22.1');
  const app = site.upstreams[0]!;
  const withServer = (url: string): Site => ({
    ...site,
    upstreams: [{ ...app, servers: [{ url, weight: 1, connectionsMax: null }] }],
    resolvers: ['127.0.0.53'],
  });
  const newer = prepare('authorizer', '1.31.4').plan;

  test('are a service to an nginx that knows them', () => {
    expect(textOf(newer, withServer('srv+http://_ws._tcp.chat.svc'))).toContain('server chat.svc service=ws resolve;');
  });

  test.each([
    ['an older nginx', plan, withServer('srv+http://_ws._tcp.chat.svc')],
    ['nobody to ask', newer, { ...withServer('srv+http://_ws._tcp.chat.svc'), resolvers: [] }],
    ['a name of another form', newer, withServer('srv+http://ws.chat.svc')],
  ])('are refused for %s', (_why, forPlan, forSite) => {
    const { value, diagnostics } = generate({ plan: forPlan, site: forSite, form: 'whole', remarks: 'reasons' });
    expect(value).toBeNull();
    expect(diagnostics).toMatchObject([{ code: 'generate-srv-unresolved' }]);
  });
});

describe('names', () => {
  const { plan, site: good } = prepare('authorizer', '1.22.1');
  const route = good.routes[0]!;
  const upstream = good.upstreams[0]!;
  const places: Record<string, (text: string) => Site> = {
    host: (text) => ({ ...good, routes: [{ ...route, match: { ...route.match, host: text } }] }),
    path: (text) => ({ ...good, routes: [{ ...route, match: { ...route.match, path: `/${text}` } }] }),
    origin: (text) => ({ ...good, routes: [{ ...route, origins: { ...route.origins, allow: [`https://${text}`] } }] }),
    server: (text) => ({
      ...good,
      upstreams: [{ ...upstream, servers: [{ ...upstream.servers[0]!, url: `http://${text}` }] }],
    }),
    socket: (text) => ({
      ...good,
      upstreams: [{ ...upstream, servers: [{ ...upstream.servers[0]!, url: `unix:/${text}` }] }],
    }),
    'upstream name': (text) => ({
      ...good,
      upstreams: [{ ...upstream, name: text }],
      routes: [{ ...route, upstream: text }],
    }),
    'hash header': (text) => ({
      ...good,
      upstreams: [
        {
          ...upstream,
          servers: [upstream.servers[0]!, { ...upstream.servers[0]!, url: 'http://10.0.0.2:1' }],
          balance: { kind: 'hash', key: { by: 'header', name: text } },
        },
      ],
    }),
    'hash cookie': (text) => ({
      ...good,
      upstreams: [
        {
          ...upstream,
          servers: [upstream.servers[0]!, { ...upstream.servers[0]!, url: 'http://10.0.0.2:1' }],
          balance: { kind: 'hash', key: { by: 'cookie', name: text } },
        },
      ],
    }),
    authorizer: (text) => ({
      ...good,
      routes: [
        {
          ...route,
          handshake: { ...route.handshake, authorize: { ...route.handshake.authorize!, url: `http://a/${text}` } },
        },
      ],
    }),
    'authorizer header': (text) => ({
      ...good,
      routes: [
        { ...route, handshake: { ...route.handshake, authorize: { ...route.handshake.authorize!, headers: [text] } } },
      ],
    }),
    certificate: (text) => ({ ...good, listen: [{ ...good.listen[0]!, tls: { cert: text, key: 'key.pem' } }] }),
    'listen address': (text) => ({ ...good, listen: [{ ...good.listen[0]!, address: { host: text, port: 80 } }] }),
    'trusted proxy': (text) => ({ ...good, trustedProxies: [text] }),
    resolver: (text) => ({ ...good, resolvers: [text] }),
    user: (text) => ({ ...good, user: text }),
    log: (text) => ({ ...good, paths: { ...good.paths, accessLog: `/${text}.log` } }),
    pid: (text) => ({ ...good, paths: { ...good.paths, pid: `/${text}` } }),
  };
  const mayBeEmpty = new Set(['path', 'authorizer', 'log', 'pid']);
  const mayHaveSpaces = new Set(['certificate', 'log', 'pid']);
  const evil = [
    '; } evil',
    'a;',
    'a{',
    'a}',
    'a b',
    'a\nb',
    'a"',
    "a'",
    'a\\',
    '$http_evil',
    ['$', '{evil}'].join(''),
    '#a',
    'a\u0000',
    'a\u00a0b',
    '; return 200 "owned',
    '* 1; include /etc/passwd',
    'é',
    '',
  ];

  test.each(Object.keys(places))('%s', (place) => {
    const shape = (text: string) => modelOf(text, plan).model.configuration.statements.map(outline).join('\n');
    const check = (text: string) => {
      const { value, diagnostics } = generate({ plan, site: places[place]!(text), form: 'whole', remarks: 'reasons' });
      if (value === null) {
        expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
        return;
      }
      // What got through is a word, in files with spaces in it: the statements are those of a harmless name.
      expect(/^[\w/.~!&()*+,=:@%?[\]-]*(?: [\w./@+~-]*)*$/.test(text), text).toBe(true);
      expect(modelOf(value.configuration.text, plan).findings).toEqual([]);
      expect(shape(value.configuration.text)).not.toContain('evil {');
    };
    for (const text of evil) {
      const { value } = generate({ plan, site: places[place]!(text), form: 'whole', remarks: 'reasons' });
      if (!(text === '' && mayBeEmpty.has(place)) && !(text === 'a b' && mayHaveSpaces.has(place)))
        expect(value, text).toBeNull();
    }
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary-ascii', maxLength: 12 }),
          fc.string({ maxLength: 12 }),
          fc.constantFrom(...evil),
        ),
        check,
      ),
      { numRuns: 60 },
    );
  });
});

function outline(statement: Statement): string {
  const inside = statement.children.map(outline).join(' ');
  return `${statement.directive.name}${inside === '' ? ';' : ` { ${inside} }`}`;
}

test('docs/generate.md has every gate and every field of the log', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/generate.md'), 'utf8');
  for (const { since, what, before } of Object.values(gates))
    expect(page).toContain(`| ${since.join('.')} | ${what} | ${before} |`);
  for (const { name, variable, answers } of logFields)
    expect(page).toContain(`| \`${name}\` | \`${variable}\` | ${answers} |`);
});
