/**
 * What a user does with an edge and sees of it, whichever engine carries the connections. A step that differs names its row in the
 * table of docs/nginx-engine.md.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import { type Carried, pageOrigin } from './carried.ts';

export interface Step {
  readonly what: string;
  readonly run: (edge: Carried) => Promise<unknown>;
  /** Of both engines, or of each. */
  readonly sees: unknown;
  readonly differs?: { readonly nginx: unknown; readonly row: string };
}

interface Row {
  readonly id: string;
  readonly route: string;
  readonly server: string;
  readonly clientBytes: number;
  readonly clientMessages: number;
  readonly subprotocol: string | null;
}

interface Ended {
  readonly cause: string;
  readonly code: number;
  readonly route: string;
}

const cannot = 'engine-cannot';
const patienceMs = 20_000;

const rowsOf = async (edge: Carried, filter = '') =>
  (await edge.ask<{ rows: Row[] }>('GET', `/connections?q=${encodeURIComponent(filter)}`)).rows;
const endsOf = async (edge: Carried) => (await edge.ask<{ rows: Ended[] }>('GET', '/history')).rows;
const workersOf = async (edge: Carried) =>
  (await edge.ask<{ workers: { pid: number; connections: number; leaving: boolean }[] }>('GET', '/workers')).workers;

/** Asks again until it is so; where it never is, the step shows what it saw last. */
async function once<Value>(ask: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> {
  for (const deadline = performance.now() + patienceMs; ; ) {
    const value = await ask();
    if (isSo(value) || performance.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const closeOf = (socket: WebSocket) =>
  new Promise<number>((resolve) => {
    if (socket.readyState === socket.CLOSED) resolve(1006);
    else socket.once('close', resolve);
  });

async function leave(edge: Carried, ...sockets: readonly WebSocket[]): Promise<void> {
  for (const socket of sockets) socket.terminate();
  await once(
    () => rowsOf(edge),
    (rows) => rows.length === 0,
  );
}

const statusOf = (answer: WebSocket | number) => {
  if (typeof answer === 'number') return answer;
  answer.terminate();
  return 101;
};

async function echoes(edge: Carried, bytes: number): Promise<boolean> {
  const socket = await edge.open();
  const sent = randomBytes(bytes);
  const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex');
  const back = new Promise<boolean>((resolve) =>
    socket.once('message', (data: Buffer, binary) => resolve(binary && digest(data) === digest(sent))),
  );
  socket.send(sent);
  const isSame = await back;
  await leave(edge, socket);
  return isSame;
}

/** Asks for something that concerns one live connection. */
async function steered(edge: Carried, method: string, path: (id: string) => string, body: object): Promise<unknown> {
  const socket = await edge.open();
  const [row] = await once(
    () => rowsOf(edge),
    (rows) => rows.length === 1,
  );
  const answer = await edge.ask<unknown>(method, path(row!.id), body);
  await leave(edge, socket);
  return answer === cannot ? cannot : 'done';
}

const outcomeOf = (answer: unknown) => (answer === cannot ? cannot : 'done');

export const steps: readonly Step[] = [
  {
    what: 'up: it is ready, has two workers at least and nobody connected',
    run: async (edge) => [
      await edge.ask('GET', '/readyz'),
      (await workersOf(edge)).length > 0,
      (await rowsOf(edge)).length,
    ],
    sees: [{ ok: true, problem: null }, true, 0],
  },
  { what: 'a handshake', run: async (edge) => statusOf(await edge.dial('/chat/')), sees: 101 },
  { what: 'an echo of 64 bytes', run: (edge) => echoes(edge, 64), sees: true },
  { what: 'an echo of a megabyte', run: (edge) => echoes(edge, 1_000_000), sees: true },
  {
    what: 'an origin that is not on the list',
    run: async (edge) => statusOf(await edge.dial('/chat/', { origin: 'http://evil.example' })),
    sees: 403,
  },
  { what: 'a path that no route has', run: async (edge) => statusOf(await edge.dial('/nowhere')), sees: 404 },
  {
    what: 'what was refused is counted by its reason',
    run: (edge) =>
      once(
        async () => {
          const counts = (await edge.text('/metrics')).matchAll(
            /^holdline_handshakes_total\{[^}]*outcome="([a-z-]+)"[^}]*\} (\d+)$/gm,
          );
          return [...counts].map(([, outcome, count]) => `${outcome} ${count}`).toSorted();
        },
        (counts) => counts.length === 3,
      ),
    sees: ['no-route 1', 'origin-refused 1', 'upgraded 3'],
  },
  {
    what: 'one more than an address may have',
    run: async (edge) => {
      const two = [await edge.open('/few/'), await edge.open('/few/')];
      const third = statusOf(await edge.dial('/few/'));
      await leave(edge, ...two);
      return third;
    },
    sees: 429,
  },
  {
    what: 'who is connected, by a filter, with route, path and server, and without the query',
    run: async (edge) => {
      const sockets = [await edge.open(), await edge.open('/other/')];
      await once(
        () => rowsOf(edge),
        (rows) => rows.length === 2,
      );
      const rows = (await rowsOf(edge, 'route:chat')) as unknown as Record<string, unknown>[];
      await leave(edge, ...sockets);
      return rows.map(({ route, path, origin, clientAddress, server, state }) => ({
        route,
        path,
        origin,
        clientAddress,
        server: server === edge.serverUrls[0],
        state,
      }));
    },
    sees: [
      {
        route: 'chat',
        path: '/chat/room',
        origin: pageOrigin,
        clientAddress: '127.0.0.1',
        server: true,
        state: 'open',
      },
    ],
  },
  {
    what: 'bytes of a living connection',
    run: async (edge) => {
      const socket = await edge.open();
      socket.send('x'.repeat(50_000));
      const [row] = await once(
        () => rowsOf(edge),
        ([first]) => (first?.clientBytes ?? 0) > 50_000,
      );
      await leave(edge, socket);
      return row!.clientBytes > 50_000 && row!.clientBytes < 60_000;
    },
    sees: true,
  },
  {
    what: 'messages of a living connection',
    run: async (edge) => {
      const socket = await edge.open();
      socket.send('hello');
      const [row] = await once(
        () => rowsOf(edge),
        ([first]) => (first?.clientBytes ?? 0) > 0,
      );
      await leave(edge, socket);
      return row!.clientMessages;
    },
    sees: 1,
    differs: { nginx: 0, row: 'messages' },
  },
  {
    what: 'the subprotocol of a living connection',
    run: async (edge) => {
      const socket = await edge.dial('/chat/', { protocol: 'v2' });
      const [row] = await once(
        () => rowsOf(edge),
        (rows) => rows.length === 1,
      );
      await leave(edge, socket as WebSocket);
      return row!.subprotocol;
    },
    sees: 'v2',
    differs: { nginx: null, row: 'subprotocol, compression' },
  },
  {
    what: 'metrics and the snapshot count who is connected',
    run: async (edge) => {
      const sockets = [await edge.open(), await edge.open()];
      const counted = await once(
        async () => {
          const { now } = await edge.ask<{ now: { routes: { name: string; open: number }[] } }>('GET', '/status');
          const metrics = /^holdline_connections\{[^}]*route="chat"[^}]*\} (\d+)$/m.exec(await edge.text('/metrics'));
          return [now.routes.find(({ name }) => name === 'chat')?.open, Number(metrics?.[1])];
        },
        (counts) => counts.every((count) => count === 2),
      );
      await leave(edge, ...sockets);
      return counted;
    },
    sees: [2, 2],
  },
  {
    what: 'the history of one who closed with a code',
    run: async (edge) => {
      const socket = await edge.open('/other/');
      socket.close(4001, 'bye');
      const [end] = await once(
        () => endsOf(edge),
        ([newest]) => newest?.route === 'other' && newest.code !== 0,
      );
      await leave(edge);
      return [end!.cause, end!.code];
    },
    sees: ['client-close', 4001],
    differs: { nginx: ['ended', 1006], row: 'cause of an end' },
  },
  {
    what: 'a kick',
    run: (edge) => steered(edge, 'POST', (id) => `/connections/${id}/close`, { code: 4002 }),
    sees: 'done',
    differs: { nginx: cannot, row: '`kick`, `send`, `drain`, `tap`' },
  },
  {
    what: 'a message to a client',
    run: (edge) => steered(edge, 'POST', (id) => `/connections/${id}/messages`, { text: 'news' }),
    sees: 'done',
    differs: { nginx: cannot, row: '`kick`, `send`, `drain`, `tap`' },
  },
  {
    what: 'a drain',
    run: async (edge) => outcomeOf(await edge.ask('POST', '/drains', { filter: { q: 'route:few' }, rate: '1/s' })),
    sees: 'done',
    differs: { nginx: cannot, row: '`kick`, `send`, `drain`, `tap`' },
  },
  {
    what: 'a gate, closed and opened',
    run: async (edge) => [
      outcomeOf(await edge.ask('PUT', '/gate', { closed: true })),
      outcomeOf(await edge.ask('PUT', '/gate', { closed: false })),
    ],
    sees: ['done', 'done'],
    differs: { nginx: [cannot, cannot], row: '`gate`, `even`, `upgrade`, `rebalance`' },
  },
  {
    what: 'workers evened out',
    run: async (edge) => outcomeOf(await edge.ask('POST', '/even', {})),
    sees: 'done',
    differs: { nginx: cannot, row: '`gate`, `even`, `upgrade`, `rebalance`' },
  },
  {
    what: 'a server added and removed by command',
    run: async (edge) => {
      const server = { upstream: 'app', url: edge.serverUrls[1] };
      return [
        outcomeOf(await edge.ask('POST', '/servers', server)),
        outcomeOf(await edge.ask('POST', '/servers/drain', server)),
        outcomeOf(await edge.ask('POST', '/servers/remove', server)),
      ];
    },
    sees: ['done', 'done', 'done'],
    differs: { nginx: [cannot, cannot, cannot], row: 'servers by command' },
  },
  {
    what: 'a reload of the same spec',
    run: async (edge) => edge.reload({ origins: [pageOrigin] }),
    sees: { changed: [], diagnostics: [] },
  },
  {
    what: 'a preview of a change, which changes nothing',
    run: async (edge) => {
      const origins = [pageOrigin, 'http://new.example'];
      const { changed } = await edge.preview({ origins });
      return [changed, statusOf(await edge.dial('/chat/', { origin: 'http://new.example' }))];
    },
    sees: [['routes chat'], 403],
  },
  {
    what: 'a reload with a new origin: who is connected stays, and the new origin gets in',
    run: async (edge) => {
      const socket = await edge.open();
      const origins = [pageOrigin, 'http://new.example'];
      const { changed } = await edge.reload({ origins });
      const status = await once(
        async () => statusOf(await edge.dial('/chat/', { origin: 'http://new.example' })),
        (answer) => answer === 101,
      );
      const isOpen = socket.readyState === socket.OPEN;
      await leave(edge, socket);
      return [changed, status, isOpen];
    },
    sees: [['routes chat'], 101, true],
  },
  {
    what: 'a server exchanged in the spec: new clients go to the new one',
    run: async (edge) => {
      const origins = [pageOrigin, 'http://new.example'];
      const { changed } = await edge.reload({ origins, servers: [edge.serverUrls[1]!] });
      const server = await once(
        async () => {
          const socket = await edge.open();
          const [row] = await once(
            () => rowsOf(edge),
            (rows) => rows.length === 1,
          );
          await leave(edge, socket);
          return row!.server;
        },
        (url) => url === edge.serverUrls[1],
      );
      return [changed, server === edge.serverUrls[1]];
    },
    sees: [['upstreams app'], true],
  },
  {
    what: 'a worker that dies: its clients are told as lost, and new ones get in',
    run: async (edge) => {
      // A worker of the edge reports twice a second: nobody of the step before is counted any more.
      await once(
        () => workersOf(edge),
        (workers) => workers.every(({ connections }) => connections === 0),
      );
      const socket = await edge.open();
      const holding = await once(
        async () => (await workersOf(edge)).find(({ connections }) => connections > 0),
        (worker) => worker !== undefined,
      );
      const closed = closeOf(socket);
      process.kill(holding!.pid, 'SIGKILL');
      const code = await closed;
      // Counted, and not looked for in the history: the edge knows by name only whom it saw at its last look around.
      const lost = await once(
        async () =>
          /^holdline_closes_total\{[^}]*cause="worker-crashed"[^}]*\} (\d+)$/m.exec(await edge.text('/metrics'))?.[1],
        (count) => count === '1',
      );
      const status = await once(
        async () => statusOf(await edge.dial('/chat/')),
        (answer) => answer === 101,
      );
      await leave(edge);
      return [code, lost, status];
    },
    sees: [1006, '1', 101],
  },
  {
    what: 'a server that is lost',
    run: async (edge) => {
      const socket = await edge.open('/other/');
      const closed = closeOf(socket);
      for (const each of edge.servers[1]!.clients) each.terminate();
      const code = await closed;
      const [end] = await once(
        () => endsOf(edge),
        ([newest]) => newest?.route === 'other' && ['server-gone', 'ended'].includes(newest.cause),
      );
      return [code, end!.cause];
    },
    sees: [1011, 'server-gone'],
    differs: { nginx: [1006, 'ended'], row: 'close code' },
  },
  {
    what: 'the end: who is left is closed',
    run: async (edge) => {
      const socket = await edge.open();
      const closed = closeOf(socket);
      await edge.stop();
      return closed;
    },
    sees: 1012,
    differs: { nginx: 1006, row: 'close code' },
  },
];
