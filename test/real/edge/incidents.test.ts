/** Each kind of mass disconnect, staged with the real programs: the event names its cause. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { Incident } from '../../../src/registry/incidents/incident.ts';
import { route } from '../../control/plans.ts';
import { connect, startTestEdge, type TestEdge, until } from './edge.ts';
import { freePort } from './free-port.ts';

/** More than the 20 that are "many". */
const crowd = 40;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startEdge(fields: Parameters<typeof startTestEdge>[0] = {}): Promise<TestEdge> {
  const edge = await startTestEdge({ trustedProxies: ['127.0.0.0/8'], ...fields });
  cleanups.push(() => edge.close());
  return edge;
}

async function join(url: string): Promise<WebSocket[]> {
  const sockets = await Promise.all(Array.from({ length: crowd }, () => connect(url)));
  for (const socket of sockets) socket.on('error', () => undefined);
  cleanups.push(() => {
    for (const socket of sockets) socket.terminate();
  });
  return sockets;
}

function incidentOf(edge: TestEdge): Promise<Incident> {
  return until(() => {
    const found = edge.events.find((event) => event.kind === 'incident');
    return found?.kind === 'incident' ? found.incident : null;
  });
}

function scratch(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-incident-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** nginx or HAProxy in front of the edge, which tells the edge who the client is. */
async function startFront(command: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(command[0]!, command.slice(1), { stdio: 'ignore' });
  cleanups.push(() => child.kill('SIGKILL'));
  await until(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
      }),
  );
  return child;
}

function nginxFile(edge: TestEdge, port: number, readTimeout: string): string {
  const directory = scratch();
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; master_process on; worker_processes 1; worker_shutdown_timeout 1s; pid ${directory}/nginx.pid;
     error_log ${directory}/error.log; events { worker_connections 1024; }
     http { access_log off;
       client_body_temp_path ${directory}/b; proxy_temp_path ${directory}/p; fastcgi_temp_path ${directory}/f;
       uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
       server { listen 127.0.0.1:${port}; location / {
         proxy_pass ${edge.url.replace('ws:', 'http:')}; proxy_http_version 1.1; proxy_read_timeout ${readTimeout};
         proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_set_header Host $http_host;
         proxy_set_header X-Forwarded-For 203.0.113.$remote_port; } } }`.replace(
      '203.0.113.$remote_port',
      '203.0.113.9',
    ),
  );
  return file;
}

describe('mass disconnects', () => {
  test('the server is killed', async () => {
    const edge = await startEdge();
    await join(edge.url);
    for (const socket of edge.server.clients) socket.terminate();
    expect(await incidentOf(edge)).toMatchObject({ kind: 'server', subject: edge.serverUrl, connections: crowd });
  });

  test('the server restarts and says so', async () => {
    const edge = await startEdge();
    await join(edge.url);
    for (const socket of edge.server.clients) socket.close(1012);
    const incident = await incidentOf(edge);
    expect(incident).toMatchObject({ kind: 'server', subject: edge.serverUrl });
    expect(incident.sentence).toContain('with 1012');
  });

  test('a worker is killed', async () => {
    const edge = await startEdge({ workers: 1 });
    await join(`${edge.url}/rooms/7`);
    await until(() => edge.supervisor.chronicle.known === crowd);
    const worker = await until(
      () => edge.supervisor.workers().find(({ connections }) => connections === crowd) ?? null,
    );
    process.kill(worker.pid, 'SIGKILL');
    expect(await incidentOf(edge)).toMatchObject({ kind: 'worker', subject: String(worker.pid), connections: crowd });
    const ended = [...edge.supervisor.chronicle.ended.backFrom()].map(({ item }) => item);
    expect(ended).toHaveLength(crowd);
    expect(ended[0]).toMatchObject({ cause: 'worker-crashed', path: '/rooms/7', clientAddress: '127.0.0.1' });
  });

  test('nginx in front is reloaded, and its old workers are ended', async () => {
    const edge = await startEdge();
    const port = await freePort();
    const nginx = await startFront(['/usr/sbin/nginx', '-c', nginxFile(edge, port, '1h')], port);
    await join(`ws://127.0.0.1:${port}/`);
    nginx.kill('SIGHUP');
    expect(await incidentOf(edge)).toMatchObject({ kind: 'proxy', subject: '127.0.0.1', connections: crowd });
  });

  test('HAProxy in front is restarted', async () => {
    const edge = await startEdge();
    const port = await freePort();
    const file = path.join(scratch(), 'haproxy.cfg');
    writeFileSync(
      file,
      `defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
frontend in
  bind 127.0.0.1:${port}
  http-request set-header X-Forwarded-For 203.0.113.9
  default_backend edge
backend edge
  server edge ${edge.url.replace('ws://', '')}
`,
    );
    const haproxy = await startFront(['/usr/sbin/haproxy', '-db', '-f', file], port);
    await join(`ws://127.0.0.1:${port}/`);
    haproxy.kill('SIGTERM');
    haproxy.kill('SIGKILL');
    expect(await incidentOf(edge)).toMatchObject({ kind: 'proxy', subject: '127.0.0.1', connections: crowd });
  });

  test('nginx in front with its 60 seconds', async () => {
    const edge = await startEdge({ routes: [route({ heartbeat: null })] });
    const port = await freePort();
    await startFront(['/usr/sbin/nginx', '-c', nginxFile(edge, port, '60s')], port);
    await join(`ws://127.0.0.1:${port}/`);
    const incident = await incidentOf(edge);
    expect(incident).toMatchObject({ kind: 'silent-hop', subject: '60 s', connections: crowd });
    expect(incident.sentence).toContain('nginx (proxy_read_timeout)');
  });
});
