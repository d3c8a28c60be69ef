/** Supervisor, workers and control API as they really run: several processes, real sockets. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { ControlServer } from '../../../src/control/api/server.ts';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import { startSupervisor } from '../../../src/control/supervisor.ts';
import { managedSpec, plan, route, upstream } from '../../control/plans.ts';
import { startApi } from './api.ts';
import { closeOf, startTestEdge, type TestEdge, until } from './edge.ts';

const firstPage = { limit: 1000, after: null };

describe('an edge with two workers', () => {
  let edge: TestEdge;
  let api: ControlServer;

  beforeAll(async () => {
    edge = await startTestEdge();
    api = (await startApi(edge)).server;
  });
  afterAll(async () => {
    await api?.close();
    await edge?.close();
  });

  async function call(request: string, body?: unknown): Promise<Record<string, never>> {
    const [method, path] = request.split(' ') as [string, string];
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, never>;
  }

  test('lists what both workers hold, page by page, and counts it', async () => {
    // The kernel wakes whichever worker it likes: more of them come until it has liked both.
    const sockets: WebSocket[] = [];
    const workerOf = (id: string) => id.slice(0, id.lastIndexOf('-'));
    try {
      await until(async () => {
        sockets.push(...(await Promise.all(Array.from({ length: 20 }, () => edge.connect('/list')))));
        const { rows } = await edge.supervisor.query({}, { limit: 1000, after: null });
        return new Set(rows.map((row) => workerOf(row.id))).size === 2;
      });
      const seen: string[] = [];
      let next: string | null = null;
      do {
        const page = await edge.supervisor.query({}, { limit: 7, after: next });
        expect(page.matched).toBe(sockets.length);
        seen.push(...page.rows.map((row) => row.id));
        next = page.next;
      } while (next !== null);
      expect(new Set(seen).size).toBe(sockets.length);
      expect(new Set(seen.map(workerOf)).size).toBe(2);
      expect((await call('GET /counts?by=path')).counts).toEqual({ '/list': sockets.length });
    } finally {
      for (const socket of sockets) socket.close();
      await until(async () => (await edge.supervisor.query({}, firstPage)).matched === 0);
    }
  });

  test('closes one connection with a code and a reason, and the log says who', async () => {
    const [one, other] = [await edge.connect('/kick'), await edge.connect('/stay')];
    const row = (await edge.supervisor.query({}, firstPage)).rows.find((each) => each.path === '/kick');
    expect(row).toMatchObject({ route: 'all', server: edge.serverUrl, state: 'open' });
    const closed = closeOf(one);
    expect(await call(`POST /connections/${row?.id}/close`, { code: 4321, reason: 'out' })).toEqual({
      closed: 1,
      unanswered: [],
    });
    expect(await closed).toEqual({ code: 4321, reason: 'out' });
    const line = await until(
      () => edge.events.find((event) => event.kind === 'close' && event.ended.id === row?.id) ?? null,
    );
    expect(line?.kind === 'close' && line.ended).toMatchObject({
      by: 'operator',
      cause: 'kick',
      code: 4321,
      reason: 'out',
      route: 'all',
    });
    expect(await echo(other, 'still here')).toBe('still here');
    other.close();
  });

  test('sends a text and a binary message to whoever matches', async () => {
    const sockets = await Promise.all(Array.from({ length: 6 }, () => edge.connect('/news')));
    const received = sockets.map(next);
    expect(await call('POST /messages', { filter: { route: 'all' }, text: 'news' })).toMatchObject({ sent: 6 });
    expect(await Promise.all(received)).toEqual(Array(6).fill('news'));
    const bytes = sockets.map(next);
    await call('POST /messages', { all: true, base64: Buffer.from('bytes').toString('base64') });
    expect(await Promise.all(bytes)).toEqual(Array(6).fill('bytes'));
    for (const socket of sockets) socket.close();
  });

  test('a closed gate refuses newcomers on every worker and leaves who is there', async () => {
    const inside = await edge.connect();
    await call('PUT /gate', { closed: true });
    // The gate is a message to each worker; what it answers after the next question is asked with the gate closed.
    await edge.supervisor.query({}, firstPage);
    const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => edge.connect()));
    expect(attempts.map((attempt) => attempt.status)).toEqual(Array(10).fill('rejected'));
    expect(await echo(inside, 'in')).toBe('in');
    await call('PUT /gate', { closed: false });
    await edge.supervisor.query({}, firstPage);
    (await edge.connect()).close();
    inside.close();
  });

  test('a new plan reaches every worker; one that needs a restart changes nothing', async () => {
    const before = edge.supervisor.plan();
    const moved = { ...before, routes: [route({ name: 'renamed' })] };
    expect(edge.supervisor.apply(moved)).toEqual({ changed: ['routes renamed, all'], diagnostics: [] });
    expect(edge.supervisor.apply(moved)).toEqual({ changed: [], diagnostics: [] });
    await edge.supervisor.query({}, firstPage);
    const sockets = await Promise.all(Array.from({ length: 20 }, () => edge.connect()));
    expect(await edge.supervisor.counts('route', { route: 'renamed' })).toEqual({ renamed: 20 });
    expect(edge.supervisor.apply({ ...moved, listen: [] }).diagnostics).toMatchObject([
      { code: 'reload-needs-restart' },
    ]);
    expect(edge.supervisor.plan().listen).toHaveLength(1);
    for (const socket of sockets) socket.close();
  });

  test('workers report their memory and their loop, and the metrics show it', async () => {
    // What is counted reaches the supervisor with the next report of its worker.
    const text = await until(async () => {
      const metrics = await (await fetch(`${api.url}/metrics`)).text();
      return /^holdline_handshakes_total\{route="all",outcome="upgraded"\} \d+$/m.test(metrics) && metrics;
    });
    expect(text.match(/^holdline_memory_bytes\{worker="\d+"\} [1-9]\d+$/gm)).toHaveLength(2);
    expect(edge.supervisor.workers()).toHaveLength(2);
  });
});

test('the end: 1001 to everybody, and the port is free again', async () => {
  const edge = await startTestEdge();
  const sockets = await Promise.all(Array.from({ length: 30 }, () => edge.connect()));
  const closes = sockets.map(closeOf);
  await edge.close();
  expect(await Promise.all(closes)).toEqual(Array(30).fill({ code: 1001, reason: 'the edge is shutting down' }));
  const closed = edge.events.filter((event) => event.kind === 'close');
  expect(closed).toHaveLength(30);
  expect(closed.every((event) => event.ended.cause === 'shutdown')).toBe(true);
  expect(edge.supervisor.totals().routes.all?.closes).toEqual({ shutdown: 30 });
  const { port } = new URL(edge.url);
  const listen = [
    {
      address: { host: '127.0.0.1', port: Number(port) },
      tls: null,
      otherCertificates: [],
      clientCertificates: null,
      proxyProtocol: false,
    },
  ];
  const again = await startTestEdge({ listen, workers: 1 });
  await expect(startTestEdge({ listen, workers: 1 })).rejects.toMatchObject({ code: 'listen-port-taken' });
  await again.close();
});

describe('servers that Holdline starts itself', () => {
  const managed = (command: string, instances = 2) =>
    plan({
      workers: 1,
      upstreams: [upstream({ name: 'app', managed: managedSpec(command, import.meta.dirname, instances) })],
    });
  const greeter = `${process.execPath} greeter.mjs`;

  test('are started, get a port and a number, are replaced when they die, and end with the edge', async () => {
    const edge = await startTestEdge({ ...managed(greeter) });
    const urls = edge.supervisor.servers.rows().map((server) => server.url);
    expect(urls).toHaveLength(2);
    const greetings = await Promise.all([greeting(edge), greeting(edge), greeting(edge), greeting(edge)]);
    expect(new Set(greetings)).toEqual(new Set(['instance 1', 'instance 2']));
    expect(edge.events).toContainEqual({
      kind: 'instance-output',
      upstream: 'app',
      instance: 1,
      line: 'greeter 1 is up',
    });

    const [first] = edge.supervisor.instances();
    process.kill(first!.pid!, 'SIGKILL');
    await until(() => edge.events.some((event) => event.kind === 'instance-ended'));
    const replaced = await until(
      () => edge.supervisor.instances().find((each) => each.restarts === 1 && each.url) ?? null,
    );
    expect(replaced).toMatchObject({ instance: 1, url: first?.url, state: 'running' });
    const pids = edge.supervisor.instances().map((instance) => instance.pid!);
    await edge.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test('more of them after a reload, and another command without a moment without any', async () => {
    const edge = await startTestEdge({ ...managed(greeter, 1) });
    edge.supervisor.apply(managed(greeter, 2));
    await until(() => listed(edge) === 2);
    edge.supervisor.apply(managed(`GREETING=hello ${greeter}`, 1));
    expect(listed(edge)).toBe(2);
    await until(() => listed(edge) === 1);
    await edge.supervisor.query({}, firstPage);
    expect(await greeting(edge)).toBe('hello 1');
    await edge.close();
  });

  test('are not left behind by an edge that is killed', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'holdline-killed-'));
    const file = path.join(directory, 'holdline.yaml');
    const command = `node ${path.join(import.meta.dirname, 'greeter.mjs')}; true`;
    const upstreams = { app: { command, instances: 1 } };
    writeFileSync(
      file,
      JSON.stringify({
        listen: '127.0.0.1:0',
        control: '127.0.0.1:0',
        workers: 1,
        upstreams,
        routes: [{ upstream: 'app', origins: 'any' }],
      }),
    );
    const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
    const edge = spawn(process.execPath, [main, 'up', file]);
    let output = '';
    edge.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    edge.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const control = await until(() => /control {2}(http:\S+)/.exec(output)?.[1] ?? (edge.exitCode !== null && output));
    const answer = (await (await fetch(new URL('/upstreams', String(control)))).json()) as {
      upstreams: [{ instances: [{ pid: number }] }];
    };
    const { pid } = answer.upstreams[0].instances[0];
    expect(isAlive(pid)).toBe(true);
    edge.kill('SIGKILL');
    await until(() => !isAlive(pid));
    rmSync(directory, { recursive: true });
  });

  test('the start can be called off while a server is still coming up', async () => {
    const stop = new AbortController();
    const events: EdgeEvent[] = [];
    const start = startSupervisor({
      plan: managed('echo coming; sleep 600', 1),
      certificates: [null],
      directory: import.meta.dirname,
      env: process.env,
      onEvent: (event) => events.push(event),
      signal: stop.signal,
    });
    await until(() => events.some((event) => event.kind === 'instance-output'));
    stop.abort();
    await expect(start).rejects.toThrow();
  });

  test('a command that ends at once is a clear error with its last words, and nothing is left running', async () => {
    const attempt = startTestEdge({ ...managed('echo no such module >&2; exit 7', 1) });
    await expect(attempt).rejects.toMatchObject({
      code: 'upstream-start-failed',
      message: expect.stringMatching(/exit code 7.*no such module/s),
    });
  });
});

function next(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => socket.once('message', (data) => resolve(data.toString())));
}

function echo(socket: WebSocket, text: string): Promise<string> {
  const answer = next(socket);
  socket.send(text);
  return answer;
}

function listed(edge: TestEdge): number {
  return edge.supervisor.servers.rows().filter(({ state }) => state !== 'gone').length;
}

async function greeting(edge: TestEdge): Promise<string> {
  const socket = await edge.connect();
  const text = await echo(socket, 'who?');
  socket.close();
  return text;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
