/** One spec carried by either engine, with servers behind it and the control API in front: what a user has. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { startControlServer } from '../../../src/control/api/server.ts';
import type { ApplyOutcome } from '../../../src/control/change/apply.ts';
import type { ReloadPreview } from '../../../src/control/edge/preview.ts';
import { foreseeEdge } from '../../../src/control/edge/preview.ts';
import type { Engine } from '../../../src/control/engines/engine.ts';
import { startNginxEngine } from '../../../src/control/engines/nginx/start.ts';
import { startSupervisor } from '../../../src/control/supervisor.ts';
import { readHostFacts } from '../../../src/host/edge-facts.ts';
import { freePorts } from '../../../src/host/free-ports.ts';
import type { EdgePlan } from '../../../src/plan/edge/model.ts';
import { planEdge } from '../../../src/plan/edge/plan.ts';
import type { Spec } from '../../../src/spec/model.ts';
import { specFromObject } from '../../../src/spec/read.ts';

export type EngineName = EdgePlan['engine'];

export interface Carried {
  readonly servers: readonly WebSocketServer[];
  readonly serverUrls: readonly string[];
  /** Resolves with an open socket, or with the status of the refusal. */
  dial(path: string, options?: { readonly origin?: string; readonly protocol?: string }): Promise<WebSocket | number>;
  open(path?: string): Promise<WebSocket>;
  /** What the control API answers; of an error, its code. */
  ask<Answer>(method: string, path: string, body?: object): Promise<Answer>;
  text(path: string): Promise<string>;
  /** Takes over the spec with these origins on its first route, and with these servers. */
  reload(change: Change): Promise<ApplyOutcome>;
  preview(change: Change): Promise<ReloadPreview>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface Change {
  readonly origins: readonly string[];
  readonly servers?: readonly string[];
}

interface Running {
  readonly engine: Engine;
  apply(spec: Spec, plan: EdgePlan): Promise<ApplyOutcome>;
  preview(spec: Spec, plan: EdgePlan): Promise<ReloadPreview>;
}

export const pageOrigin = 'http://app.example';

export async function carriedBy(name: EngineName): Promise<Carried> {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-contract-'));
  const servers = [await echoServer(), await echoServer()];
  const serverUrls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [port] = await freePorts(1);

  function planned({ origins, servers: urls = serverUrls.slice(0, 1) }: Change) {
    const { value: spec, diagnostics } = specFromObject({
      engine: name,
      listen: `127.0.0.1:${port}`,
      upstreams: { app: { servers: [...urls] }, other: { servers: [serverUrls[1]!] } },
      routes: [
        { name: 'chat', match: { path: '/chat/' }, upstream: 'app', origins: [...origins] },
        { name: 'few', match: { path: '/few/' }, upstream: 'app', origins: 'any', limits: { perIp: 2 } },
        { name: 'other', match: { path: '/other/' }, upstream: 'other', origins: 'any' },
      ],
      drain: { deadline: '1s' },
    });
    if (spec === null) throw new Error(JSON.stringify(diagnostics));
    return { spec, plan: planEdge(spec, readHostFacts()).value! };
  }

  const first = planned({ origins: [pageOrigin] });
  const running = await (name === 'nginx' ? startNginx(first, directory) : startBuiltIn(first, directory));
  const { engine } = running;
  const nothing = async () => ({ changed: [], diagnostics: [], effects: [], lastChange: null });
  const api = await startControlServer({
    target: { ...engine, version: 'test', reload: nothing, preview: nothing, save: async () => undefined },
    address: { host: '127.0.0.1', port: 0 },
    tokens: { steer: null, read: null },
  });

  async function dial(where: string, { origin = pageOrigin, protocol }: { origin?: string; protocol?: string } = {}) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${where}`, protocol === undefined ? [] : [protocol], {
      origin,
    });
    socket.on('error', () => undefined);
    return await new Promise<WebSocket | number>((resolve) => {
      socket.once('open', () => resolve(socket));
      socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        resolve(response.statusCode ?? 0);
        socket.terminate();
      });
    });
  }

  const answerOf = (method: string, where: string, body?: object) =>
    fetch(`${api.url}${where}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const stop = () => engine.close({ graceMs: 500, deadlineMs: 500 });
  return {
    servers,
    serverUrls,
    dial,
    async open(where = '/chat/room?token=secret') {
      const socket = await dial(where);
      if (typeof socket === 'number') throw new Error(`${where}: ${socket}`);
      return socket;
    },
    async ask(method, where, body) {
      const response = await answerOf(method, where, body);
      const answer = (await response.json()) as { readonly code?: string };
      return (response.ok ? answer : answer.code) as never;
    },
    text: async (where) => (await answerOf('GET', where)).text(),
    reload(change) {
      const { spec, plan } = planned(change);
      return running.apply(spec, plan);
    },
    preview(change) {
      const { spec, plan } = planned(change);
      return running.preview(spec, plan);
    },
    stop,
    async close() {
      await stop();
      await api.close();
      for (const server of servers) {
        for (const socket of server.clients) socket.terminate();
        server.close();
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

type Planned = { readonly spec: Spec; readonly plan: EdgePlan };

async function startNginx({ spec, plan }: Planned, directory: string): Promise<Running> {
  const engine = await startNginxEngine({
    spec,
    plan,
    directory,
    prefix: path.join(directory, 'nginx'),
    searchPath: process.env.PATH ?? '',
    reloadsPerHour: 12,
    onEvent: () => undefined,
  });
  return { engine, apply: engine.apply, preview: engine.preview };
}

async function startBuiltIn({ plan }: Planned, directory: string): Promise<Running> {
  const certificates = plan.listen.map(() => null);
  const supervisor = await startSupervisor({
    plan: { ...plan, workers: 2 },
    certificates,
    directory,
    env: process.env,
    onEvent: () => undefined,
  });
  const withWorkers = (next: EdgePlan) => ({ ...next, workers: 2 });
  return {
    engine: supervisor,
    apply: async (_spec, next) => supervisor.apply(withWorkers(next), certificates),
    preview: async (_spec, next) => foreseeEdge(supervisor.plan(), withWorkers(next), supervisor.totals()),
  };
}

async function echoServer(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 4_194_304 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  return server;
}
