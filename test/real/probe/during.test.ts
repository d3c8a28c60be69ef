/**
 * What a reload of nginx does to live connections, seen by the probe: nothing, unless old workers are given a deadline.
 */
import { afterEach, expect, test } from 'vitest';
import { during } from '../../../src/probe/over-time/during.ts';
import { cleanUp, onCleanUp, wsEcho } from '../../probe/endpoints.ts';
import { startNginx } from '../support/nginx.ts';

afterEach(cleanUp);

async function reloaded(main: string) {
  const backend = await wsEcho();
  const conf = (port: number) =>
    `worker_processes 1; ${main} events {} http { access_log off; server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${backend}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; } } }`;
  const nginx = await startNginx({ conf: ([port]) => conf(port!) });
  onCleanUp(() => nginx.close());
  const [port] = nginx.ports;
  const change = () => nginx.reload(conf(port!)).then(() => ({ ok: true, said: 'reloaded' }));
  return during(`ws://127.0.0.1:${port}/`, {}, change, { connections: 12, settleMs: 2500 });
}

test('without worker_shutdown_timeout old workers keep their connections', async () => {
  const report = await reloaded('');
  expect(report).toMatchObject({ outcome: 'passed', kept: 12, lost: [], handshakes: { failed: 0 } });
  expect(report.handshakes.made).toBeGreaterThan(5);
});

test('with it, they cut all of them at once, and without a close frame', async () => {
  const report = await reloaded('worker_shutdown_timeout 1s;');
  expect(report).toMatchObject({
    outcome: 'failed',
    kept: 0,
    lost: [{ how: 'ended without a close frame (FIN)', count: 12 }],
  });
  expect(report.finding).toContain('they ended together');
  expect(report.handshakes.failed).toBe(0);
});
