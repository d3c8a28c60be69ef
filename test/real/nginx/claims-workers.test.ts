/** Claims about workers and the host, each against a real nginx (nginx/lint/knowledge/claims/workers.ts). */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type NginxOptions, type RunningNginx, startNginx, testNginx } from '../support/nginx.ts';
import { type Exchange, echoes, exchange, plainHeaders, startTestServer, type TestServer } from '../support/upgrade.ts';

let server: TestServer;
const running: RunningNginx[] = [];
const opened: Exchange[] = [];

beforeEach(async () => {
  server = await startTestServer();
});

afterEach(async () => {
  for (const connection of opened.splice(0)) connection.socket.destroy();
  for (const nginx of running.splice(0)) await nginx.close();
  await server.close();
});

async function start(options: NginxOptions): Promise<RunningNginx> {
  const nginx = await startNginx(options);
  running.push(nginx);
  return nginx;
}

async function open(nginx: RunningNginx): Promise<Exchange> {
  const connection = await exchange(nginx.ports[0]!, '/');
  opened.push(connection);
  return connection;
}

/** One location for WebSockets, one for the counters. */
function site(ports: readonly number[], servers: readonly TestServer[] = [server]): string {
  return `
http {
  access_log off;
  upstream app { ${servers.map((each) => `server 127.0.0.1:${each.port};`).join(' ')} }
  server {
    ${ports.map((port) => `listen 127.0.0.1:${port};`).join(' ')}
    location / { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_pass http://app; }
    location = /status { stub_status; }
  }
}`;
}

test('claim 10: worker_processes is refused in events', () => {
  const verdict = testNginx('events { worker_processes auto; } http { access_log off; }');
  expect(verdict).toMatchObject({
    accepted: false,
    message: expect.stringContaining('"worker_processes" directive is not allowed here'),
  });
  expect(testNginx('worker_processes auto; events {} http { access_log off; }').accepted).toBe(true);
});

test('claim 11: when descriptors run out, clients are refused or wait, and the log says why', async () => {
  const nginx = await start({
    conf: (ports) => `worker_rlimit_nofile 40; events { worker_connections 512; } ${site(ports)}`,
  });
  const outOfDescriptors = async () => {
    while (!nginx.errorLog().includes('(24: Too many open files)')) await delay(10);
    return null;
  };
  const logged = outOfDescriptors();
  let held = 0;
  // Whether the last descriptor goes to a client or to the server decides between a 500 and a wait in the backlog.
  for (let next = await Promise.race([logged, open(nginx)]); next?.status === 101; held++)
    next = await Promise.race([logged, open(nginx)]);
  await logged;
  expect(held).toBeGreaterThan(5);
  expect(held).toBeLessThan(20);
});

test.each([
  [64, 30],
  [65, 31],
])('claim 15: worker_connections %d with two listening sockets holds %d', async (slots, expected) => {
  const nginx = await start({
    ports: 2,
    conf: (ports) => `worker_processes 1; events { worker_connections ${slots}; } ${site(ports)}`,
  });
  for (let i = 0; i < expected; i++) expect((await open(nginx)).status).toBe(101);
  expect((await open(nginx)).status).toBe(slots % 2 === 0 ? 500 : 0);
  expect(nginx.errorLog()).toContain('worker_connections are not enough');
});

test('claim 17: epoll is chosen without being asked for', async () => {
  const nginx = await start({ conf: (ports) => `events { worker_connections 64; } ${site(ports)}` });
  expect(nginx.errorLog()).toContain('using the "epoll" event method');
});

test('claim 22: a second server gets new connections, and no live one moves to it', async () => {
  const second = await startTestServer();
  const events = 'worker_processes 1; events { worker_connections 128; }';
  const nginx = await start({ conf: (ports) => `${events} ${site(ports)}` });
  const old = await open(nginx);
  await nginx.reload(`${events} ${site(nginx.ports, [server, second])}`);
  while (second.tunnels.length === 0) await open(nginx);
  expect(await echoes(old)).toBe(true);
  expect(server.tunnels[0]!.destroyed).toBe(false);
  await second.close();
});

test('claim 27: stub_status counts an upgraded connection as active and as writing', async () => {
  const nginx = await start({
    conf: (ports) => `worker_processes 1; events { worker_connections 128; } ${site(ports)}`,
  });
  for (let i = 0; i < 5; i++) await open(nginx);
  // The request for the counters is one itself.
  await untilCounters(nginx, 'Active connections: 6', 'Writing: 6');
});

test('claim 27: the counters keep what a killed worker held', async () => {
  const nginx = await start({
    conf: (ports) => `worker_processes 1; events { worker_connections 128; } ${site(ports)}`,
  });
  const held = await Promise.all(Array.from({ length: 5 }, () => open(nginx)));
  const worker = Number(readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').trim());
  process.kill(worker, 'SIGKILL');
  await Promise.all(held.map((connection) => connection.closed));
  await untilCounters(nginx, 'Active connections: 6', 'Writing: 6');
});

test('claim 27: a reload leaves connections with the old worker, and worker_shutdown_timeout cuts them all', async () => {
  const patient = await start({
    conf: (ports) => `worker_processes 1; events { worker_connections 128; } ${site(ports)}`,
  });
  const strict = await start({
    conf: (ports) =>
      `worker_processes 1; worker_shutdown_timeout 1s; events { worker_connections 128; } ${site(ports)}`,
  });
  const kept = await Promise.all(Array.from({ length: 3 }, () => open(patient)));
  const cut = await Promise.all(Array.from({ length: 3 }, () => open(strict)));
  for (const nginx of [patient, strict])
    await nginx.reload(
      readFileSync(nginx.confPath, 'utf8')
        .replace(/^pid .*$/m, '')
        .replace(/\w+_temp_path \S+; ?/g, ''),
    );
  await Promise.all(cut.map((connection) => connection.closed));
  for (const connection of cut) expect(connection.received()).toHaveLength(0);
  for (const connection of kept) expect(await echoes(connection)).toBe(true);
});

async function untilCounters(nginx: RunningNginx, ...wanted: readonly string[]): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const answer = await exchange(nginx.ports[0]!, '/status', plainHeaders);
    await answer.closed;
    const text = answer.received().toString('latin1');
    if (wanted.every((part) => text.includes(part))) return;
    await delay(20);
  }
  expect.fail(`the counters never said ${wanted.join(' and ')}`);
}
