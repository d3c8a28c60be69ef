import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { openGate } from '../../gateway/contract.ts';
import { commonVersion } from '../../gateway/handover/fields.ts';
import { stateVersions } from '../../gateway/handover/state.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import { keyFrom } from '../../ws/client-handshake.ts';
import { encodeMessage } from '../../ws/frame.ts';
import { acceptFor } from '../../ws/handshake.ts';
import { exitText, lastError } from '../processes/child.ts';
import type { WorkerStart } from '../workers/forks.ts';
import type { WorkerProcess } from '../workers/process.ts';

/** What became of a worker that was tried. */
export type Verdict =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly version: string | null; readonly problem: string };

export interface ProbationOptions {
  /** Starts a worker from the code on disk that nobody but the probation can reach. */
  readonly start: (change: (start: WorkerStart) => WorkerStart, onErrors: (text: string) => void) => WorkerProcess;
  readonly forMs: number;
}

/** As many as make a worker do all that it does, without holding the processor from those that carry. */
const clients = 20;
const sayEveryMs = 50;
/** A loaded machine takes its time; what takes longer than this stands still. */
const patienceMs = 5000;
const comesUpMs = 20_000;
const exitShowsMs = 1000;
const host = 'probe.holdline.invalid';
const name = 'holdline-probe';
/** Every message has this length, so that both ends know where it stops. */
const textBytes = 64;

/**
 * Tries the code on disk as a worker: under the plan that runs, hooks and limits included, on a port of its own, with a
 * server and clients of the probation's. So what is wrong with it costs nobody a connection.
 */
export async function tryOnDisk({ start, forMs }: ProbationOptions): Promise<Verdict> {
  const server = net.createServer(echo);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let errors = '';
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const worker = start(
    // A gate that is closed turns clients away from the edge, and there is none on this port.
    (before) => ({ ...before, plan: probePlan(before.plan, url), servers: {}, certificates: [null], gate: openGate }),
    (text) => {
      errors = (errors + text).slice(-4096);
    },
  );
  const gone = worker.exited.then((exit) => `it ended (${exitText(exit)})${lastError(errors)}`);
  const sockets: Socket[] = [];
  const fails = (problem: string): Verdict => ({ ok: false, version: worker.loaded?.version ?? null, problem });
  try {
    const up = await Promise.race([worker.ready, gone, after(comesUpMs, 'it did not come up in time')]).catch(
      (error: Error) => `${error.message}${lastError(errors)}`,
    );
    if (typeof up === 'string') return fails(up);
    const { loaded } = worker;
    if (loaded === null || loaded.reads == null || commonVersion(stateVersions, loaded.reads) === null)
      return fails('it cannot read what a connection’s state says in this version');
    const port = up[0]!.port;
    const talks = Array.from({ length: clients }, () => talk(port, forMs, sockets));
    // A connection that drops is the first that shows of a worker that died.
    const ended = await Promise.race([Promise.all(talks).then(() => null), gone]).catch((error: Error) =>
      Promise.race([gone, after(exitShowsMs, error.message)]),
    );
    return ended === null ? { ok: true, version: loaded.version } : fails(ended);
  } finally {
    worker.kill();
    for (const socket of sockets) socket.destroy();
    await closed(server);
  }
}

/** One client: a handshake, and then messages that have to come back, until the time is over. */
async function talk(port: number, forMs: number, sockets: Socket[]): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  sockets.push(socket);
  const key = keyFrom(randomBytes(16));
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const reader = new Reader(socket);
  const head = await reader.head();
  if (!head.startsWith('HTTP/1.1 101 ') || !head.includes(acceptFor(key)))
    throw new Error(`its handshake was answered with ${JSON.stringify(head.slice(0, 60))}`);
  const untilMs = performance.now() + forMs;
  for (let number = 0; performance.now() < untilMs; number++) {
    const text = String(number).padStart(textBytes, '.');
    socket.write(encodeMessage(text, randomBytes(4)));
    const answer = await reader.bytes(textBytes + 2);
    if (answer.toString('latin1', 2) !== text) throw new Error('a message came back as another one');
    await new Promise((resolve) => setTimeout(resolve, sayEveryMs));
  }
}

/** The server: accepts, and sends each message back. */
async function echo(socket: Socket): Promise<void> {
  const reader = new Reader(socket);
  try {
    const head = await reader.head();
    const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? '';
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
    );
    for (;;) {
      const frame = await reader.bytes(6 + textBytes, Number.POSITIVE_INFINITY);
      const payload = frame.subarray(6).map((byte, index) => byte ^ frame[2 + (index & 3)]!);
      socket.write(encodeMessage(Buffer.from(payload).toString('latin1'), null));
    }
  } catch {
    // The worker let go of it, or is gone: whoever talks through it says so.
    socket.destroy();
  }
}

/** Bytes of a socket, as many as are wanted. */
class Reader {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #over = false;
  #wake: (() => void) | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake?.();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#over = true;
      this.#wake?.();
    });
  }

  async head(): Promise<string> {
    await this.#until(() => this.#bytes.includes('\r\n\r\n'), patienceMs);
    return this.#take(this.#bytes.indexOf('\r\n\r\n') + 4).toString('latin1');
  }

  async bytes(length: number, waitMs = patienceMs): Promise<Buffer> {
    await this.#until(() => this.#bytes.length >= length, waitMs);
    return this.#take(length);
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  async #until(isThere: () => boolean, waitMs: number): Promise<void> {
    let late = false;
    const giveUp = () => {
      late = true;
      this.#socket.destroy();
    };
    const deadline = Number.isFinite(waitMs) ? setTimeout(giveUp, waitMs) : undefined;
    while (!isThere() && !this.#over) await new Promise<void>((resolve) => (this.#wake = resolve));
    clearTimeout(deadline);
    if (isThere()) return;
    throw new Error(late ? `it stood still for ${waitMs / 1000} s` : 'it dropped a connection');
  }
}

function probePlan(plan: EdgePlan, url: string): EdgePlan {
  const [first] = plan.routes;
  const none = { set: [], add: [], remove: [] };
  const route: RouteSpec = {
    ...first!,
    name,
    match: { host, path: '/' },
    upstream: name,
    path: null,
    headers: { toServer: none, toClient: none },
    subprotocol: null,
    origins: { allow: null, mode: 'enforce', missing: 'allow' },
    heartbeat: null,
    idleTimeoutMs: null,
    lifetimeMs: null,
    handshake: { ...first!.handshake, ratePerSecond: null, authorize: null },
    limits: {
      ...first!.limits,
      connections: null,
      connectionsPerAddress: null,
      messagesPerSecond: null,
      bytesPerSecond: null,
    },
    hooks: null,
    move: null,
  };
  const upstream: EdgePlan['upstreams'][number] = {
    name,
    servers: [{ url, weight: 1, connectionsMax: null }],
    balance: { kind: 'round-robin' },
    managed: null,
    verifyTls: false,
    ca: null,
    resolveEveryMs: null,
    health: null,
    slowStartMs: 0,
    rebalance: 'off',
  };
  const address = { host: '127.0.0.1', port: 0 };
  const listen = { address, tls: null, otherCertificates: [], clientCertificates: null, proxyProtocol: false };
  // What is shared out over the workers may be less for one of them than the probation has clients.
  const limits = { ...plan.limits, connections: clients, connectionsPerWorker: clients, handshakesPerSecond: null };
  return {
    ...plan,
    limits,
    listen: [listen],
    upstreams: [...plan.upstreams, upstream],
    routes: [route, ...plan.routes],
  };
}

function after(ms: number, text: string): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve(text), ms).unref());
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
