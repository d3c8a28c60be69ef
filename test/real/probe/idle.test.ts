/**
 * Idle discovery against real proxies: within a tenth of what they are set to, how they end it, and whose silence
 * counts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IdleReport } from '../../../src/probe/idle/report.ts';
import { probe } from '../../../src/probe/probe.ts';
import { cleanUp, haproxy, onCleanUp, wsEcho } from '../../probe/endpoints.ts';
import { startNginx } from '../support/nginx.ts';

const slow = process.env.HOLDLINE_SLOW_TESTS === '1';

let nginx: number;
let backend: number;

beforeAll(async () => {
  backend = await wsEcho();
  const location = (path: string, timeout: string) =>
    `location ${path} { proxy_pass http://127.0.0.1:${backend}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; ${timeout} }`;
  const running = await startNginx({
    conf: ([port]) =>
      `events {} http { access_log off; server { listen 127.0.0.1:${port}; ${location('/5', 'proxy_read_timeout 5s;')} ${location('/20', 'proxy_read_timeout 20s;')} ${location('/60', '')} } }`,
  });
  onCleanUp(() => running.close());
  nginx = running.ports[0]!;
});

afterAll(cleanUp);

async function idleOf(url: string, maxMs: number): Promise<IdleReport> {
  const report = await probe(url, { checks: null, idle: { maxMs } });
  expect(report.failure).toBeNull();
  expect(report.outcome).toBe('passed');
  return report.idle!;
}

function expectTunnelTimeout(idle: IdleReport, expectedMs: number): void {
  expect(idle).toMatchObject({
    kind: 'idle',
    death: { how: 'fin' },
    silence: 'both',
    // One frame of either side is enough, answered or not.
    keptOpenBy: { pings: true, clientFrames: true, messages: true },
  });
  expect(idle.timeoutMs).toBeGreaterThan(expectedMs * 0.9);
  expect(idle.timeoutMs).toBeLessThan(expectedMs * 1.1);
}

describe.concurrent('nginx', () => {
  test('proxy_read_timeout 5s', async () => {
    const idle = await idleOf(`ws://127.0.0.1:${nginx}/5`, 40_000);
    expectTunnelTimeout(idle, 5000);
    expect(idle.guess?.hop).toBe('nginx');
  });

  test('proxy_read_timeout 20s', async () => {
    const idle = await idleOf(`ws://127.0.0.1:${nginx}/20`, 60_000);
    expectTunnelTimeout(idle, 20_000);
  });

  test('60 s, the default', { timeout: 200_000 }, async ({ skip }) => {
    skip(!slow, 'it takes 80 s; HOLDLINE_SLOW_TESTS=1 runs it');
    const idle = await idleOf(`ws://127.0.0.1:${nginx}/60`, 150_000);
    expectTunnelTimeout(idle, 60_000);
    expect(idle.guess).toMatchObject({ hop: 'nginx' });
  });

  test('HAProxy with timeout tunnel 8s', async () => {
    const port = await haproxy(
      (own) =>
        `defaults\n  mode http\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n  timeout tunnel 8s\nlisten l\n  bind 127.0.0.1:${own}\n  server s 127.0.0.1:${backend}`,
    );
    expectTunnelTimeout(await idleOf(`ws://127.0.0.1:${port}/`, 40_000), 8000);
  });
});
