/**
 * What every case of bad input runs on: an edge with a bystander's connection through it, and a raw server behind it
 * whose conduct the case chooses. Cases are data: what comes, and what client, server and log get for it. The same
 * words stand in docs/bad-input.md.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { testCertificate } from '../../support/certificate.ts';
import { acceptPeer, dialPeer, type PeerOptions, type RawHandshake, type RawPeer } from '../../support/raw-peer.ts';
import { dialRaw, type RawSocket, rawServer } from '../../support/raw-socket.ts';
import { type RouteChange, startEdge, type TestEdge, testPlan, testRoute } from '../edge.ts';

export interface Observed {
  /** A status, `close` with its code, `cut` when the socket ends without either, `nothing`. */
  readonly client: string;
  /** `not asked` when no connection was made to it; else as for the client. */
  readonly server: string;
  /** The outcome of a handshake, or the cause of a close; `none` where neither exists. */
  readonly noted: string;
}

export interface BadInput extends Observed {
  readonly what: string;
  readonly route?: RouteChange;
  readonly tls?: boolean;
  /** What is noted instead where the parser (llhttp from 9.4 on) refuses before anybody is asked. */
  readonly notedByStrictParser?: Observed['noted'];
  readonly run: (bench: Bench) => Promise<Observed>;
}

export interface Bench {
  readonly edge: TestEdge;
  dial(): Promise<RawSocket>;
  /** The conduct of the server toward every connection; without one it answers 200. */
  serve(conduct: (socket: RawSocket) => void): void;
  /** Both ends of one connection through the edge. */
  pair(options?: PairOptions): Promise<Pair>;
  readonly serverAsked: number;
  /** Puts the edge's clock forward. */
  skip(ms: number): void;
  /** Sets the servers of the upstream, the raw server among them under `serverUrl`. */
  useServers(urls: readonly string[]): void;
  readonly serverUrl: string;
}

export interface PairOptions {
  readonly handshake?: RawHandshake;
  readonly answer?: { readonly headers?: readonly string[]; readonly behind?: Uint8Array };
  readonly client?: PeerOptions;
  readonly server?: PeerOptions;
}

export interface Pair {
  readonly client: RawPeer;
  readonly server: RawPeer;
}

export interface RunningBench extends Bench {
  readonly bystander: WebSocket;
  close(): Promise<void>;
}

export async function startBench(
  options: { readonly route?: RouteChange; readonly tls?: boolean; readonly hooks?: string } = {},
): Promise<RunningBench> {
  let conduct = answerPage;
  const server = await rawServer((socket) => conduct(socket));
  const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(echo, 'listening');
  echo.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));

  let aheadMs = 0;
  const clock: Clock = { nowMs: systemClock.nowMs, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
  const plan = { ...planFor(server.url, portOf(echo), options.route), hooks: options.hooks ?? null };
  // The bystander comes in over the last listener, which is plain.
  const listeners = options.tls
    ? {
        plan: { ...plan, listen: [...plan.listen, ...plan.listen] },
        handles: [null, null],
        certificates: [testCertificate, null],
      }
    : { plan };
  const edge = await startEdge([], {}, { clock, ...listeners });
  const bystander = new WebSocket(`ws://127.0.0.1:${edge.gateway.addresses.at(-1)!.port}/bystander`);
  await once(bystander, 'open');
  await edge.next('opened');

  return {
    edge,
    bystander,
    serverUrl: server.url,
    dial: () => dialRaw(edge.port),
    serve: (next) => {
      conduct = next;
    },
    pair: async (pairing = {}) => {
      const accepted = new Promise<RawPeer>((resolve, reject) => {
        conduct = (socket) =>
          acceptPeer(socket, pairing.answer, pairing.server).then(({ peer }) => resolve(peer), reject);
      });
      const { peer: client } = await dialPeer(edge.port, pairing.handshake, pairing.client);
      const pair = { client, server: await accepted };
      await edge.next('opened');
      return pair;
    },
    get serverAsked() {
      return server.accepted;
    },
    skip: (ms) => {
      aheadMs += ms;
    },
    useServers: (urls) =>
      edge.gateway.setServers(
        'servers',
        urls.map((url) => ({ url, weight: 1, connectionsMax: null })),
      ),
    close: async () => {
      bystander.terminate();
      await edge.close();
      await server.close();
      for (const client of echo.clients) client.terminate();
      echo.close();
    },
  };
}

/** The bystander's round trip: its connection lives and carries. */
export async function carries(bystander: WebSocket): Promise<void> {
  const word = `still here ${Math.random()}`;
  bystander.send(word);
  const [data] = await once(bystander, 'message');
  if (String(data) !== word) throw new Error(`the bystander sent ${word} and got ${data}`);
}

export function statusIn(received: Buffer): string {
  return (
    /^HTTP\/1\.1 (\d{3}) /.exec(received.toString('latin1', 0, 64))?.[1] ?? (received.length === 0 ? 'cut' : 'bytes')
  );
}

/** What a client gets that only reads until the end. */
export async function answerTo(socket: RawSocket): Promise<string> {
  await socket.over;
  socket.socket.end();
  return statusIn(socket.received);
}

/** How a connection through the edge ended for everybody. */
export async function endingOf(bench: Bench, pair: Pair): Promise<Observed> {
  const [client, server, { end }] = await Promise.all([pair.client.ending(), pair.server.ending(), bench.edge.ended()]);
  return { client, server, noted: end.cause };
}

function answerPage(socket: RawSocket): void {
  void socket
    .until((received) => (received.includes('\r\n\r\n') ? true : null))
    .then(
      () => socket.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\npage\n'),
      () => socket.socket.destroy(),
    );
}

function planFor(serverUrl: string, echoPort: number, change: RouteChange = {}) {
  const plan = testPlan([serverUrl], change);
  const echo = { ...plan.upstreams[0]!, name: 'echo' };
  return {
    ...plan,
    upstreams: [
      ...plan.upstreams,
      { ...echo, servers: [{ ...echo.servers[0]!, url: `http://127.0.0.1:${echoPort}` }] },
    ],
    routes: [
      ...plan.routes,
      { ...testRoute(), name: 'bystander', match: { host: null, path: '/bystander' }, upstream: 'echo' },
    ],
  };
}

function portOf(server: WebSocketServer): number {
  return (server.address() as AddressInfo).port;
}
