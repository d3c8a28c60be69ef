/** What the control API says of itself, its page in docs/, and the metrics. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { api } from './call.ts';

test('the description names every route', async () => {
  const { body } = await api().call('GET /openapi.json');
  expect(Object.keys(body.paths as object).sort()).toEqual([
    '/complete',
    '/connections',
    '/connections/close',
    '/connections/{id}',
    '/connections/{id}/close',
    '/connections/{id}/messages',
    '/connections/{id}/tap',
    '/counts',
    '/drains',
    '/drains/{id}',
    '/drains/{id}/cancel',
    '/even',
    '/events',
    '/gate',
    '/healthz',
    '/history',
    '/messages',
    '/metrics',
    '/origins',
    '/previews',
    '/readyz',
    '/reload',
    '/servers',
    '/servers/drain',
    '/servers/rebalance',
    '/servers/remove',
    '/servers/undrain',
    '/session',
    '/status',
    '/upgrade',
    '/upgrade/cancel',
    '/upstreams',
    '/upstreams/{name}/restart',
    '/version',
    '/workers',
  ]);
});

test('the page names every route and every metric, and no other', async () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/control-api.md'), 'utf8');
  const described = [...page.matchAll(/`(?:GET|POST|PUT) (\/[^`?]*)/g)].map((match) => match[1]!);
  const { body } = await api().call('GET /openapi.json');
  expect([...new Set(described)].sort()).toEqual([...Object.keys(body.paths as object), '/openapi.json'].sort());
  const { text } = (await api().call('GET /metrics')).body as { text: string };
  const named = [...page.matchAll(/`(holdline_\w+)`/g)].map((match) => match[1]!);
  expect(named.sort()).toEqual([...text.matchAll(/^# TYPE (\w+)/gm)].map((match) => match[1]!).sort());
});

test('the metrics in text form', async () => {
  const { text } = (await api().call('GET /metrics')).body as { text: string };
  for (const line of [
    '# TYPE holdline_connections gauge',
    'holdline_connections{route="chat"} 4',
    'holdline_server_connections{server="http://127.0.0.1:9"} 4',
    '# TYPE holdline_handshakes_total counter',
    'holdline_handshakes_total{route="chat",outcome="upgraded"} 6',
    'holdline_closes_total{route="chat",cause="client-close"} 2',
    'holdline_bytes_total{route="chat",from="client"} 12',
    'holdline_messages_total{route="chat",from="server"} 3',
    '# TYPE holdline_handshake_seconds histogram',
    'holdline_handshake_seconds_bucket{le="0.001",route="chat"} 0',
    'holdline_handshake_seconds_bucket{le="10",route="chat"} 5',
    'holdline_handshake_seconds_bucket{le="+Inf",route="chat"} 6',
    'holdline_handshake_seconds_sum{route="chat"} 20',
    'holdline_handshake_seconds_count{route="chat"} 6',
    'holdline_event_loop_delay_seconds{worker="7"} 0.25',
    'holdline_memory_bytes{worker="7"} 50000000',
    'holdline_worker_restarts_total 3',
    'holdline_gate_closed 0',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('OpenMetrics for whoever accepts it: units, no _total in a family’s name, and an end', async () => {
  const { call } = api();
  const asPrometheus =
    'application/openmetrics-text;version=1.0.0;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1';
  const { text } = (await call('GET /metrics', undefined, { accept: asPrometheus })).body as { text: string };
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  for (const line of [
    '# TYPE holdline_bytes counter',
    '# UNIT holdline_bytes bytes',
    'holdline_bytes_total{route="chat",from="client"} 12',
    '# UNIT holdline_handshake_seconds seconds',
    'holdline_handshake_seconds_bucket{le="10.0",route="chat"} 5',
    'holdline_handshake_seconds_bucket{le="+Inf",route="chat"} 6',
    'holdline_worker_restarts_total 3',
    'holdline_build_info{version="0"} 1',
  ])
    expect(text.split('\n')).toContain(line);
  for (const accept of ['*/*', 'text/plain', 'text/plain, application/openmetrics-text;q=0.1'])
    expect((await call('GET /metrics', undefined, { accept })).body.text).not.toContain('# EOF');
});
