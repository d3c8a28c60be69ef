/** An edge with workers in processes of their own, and a plain ws server behind it. */
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import { type Supervisor, startSupervisor } from '../../../src/control/supervisor.ts';
import type { EdgePlan } from '../../../src/plan/edge/model.ts';
import { plan, upstream } from '../../control/plans.ts';

export interface TestEdge {
  readonly supervisor: Supervisor;
  /** What it was started with. */
  readonly plan: EdgePlan;
  readonly url: string;
  readonly events: EdgeEvent[];
  /** Sockets that the server behind the edge holds. */
  readonly server: WebSocketServer;
  readonly serverUrl: string;
  connect(path?: string): Promise<WebSocket>;
  close(): Promise<void>;
}

/** The server answers each message with the same message. */
export async function startTestEdge(fields: Partial<EdgePlan> = {}, workerEntry?: string): Promise<TestEdge> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const servers = [{ url: serverUrl, weight: 1, connectionsMax: null }];
  const events: EdgeEvent[] = [];
  const started = plan({ upstreams: [upstream({ name: 'app', servers })], ...fields });
  const supervisor = await startSupervisor({
    plan: started,
    certificates: [null],
    directory: import.meta.dirname,
    env: process.env,
    onEvent: (event) => events.push(event),
    ...(workerEntry === undefined ? {} : { workerEntry }),
  });
  const url = `ws://127.0.0.1:${supervisor.addresses[0]?.port}`;
  return {
    supervisor,
    plan: started,
    url,
    events,
    server,
    serverUrl,
    connect: (path = '/') => connect(`${url}${path}`),
    async close() {
      await supervisor.close({ graceMs: 1000 });
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

export function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
}

/** Asks again every few milliseconds until the answer is there; the test's own timeout is the bound. */
export async function until<Value>(ask: () => Promise<Value | null | false> | Value | null | false): Promise<Value> {
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
