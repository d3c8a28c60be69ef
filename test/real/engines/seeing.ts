/** Handshakes, and what is seen of those who are connected. */
import type { WebSocket } from 'ws';
import { pageOrigin } from './carried.ts';
import { echoes, endsOf, leave, once, rowsOf, type Step, statusOf, workersOf } from './step.ts';

export const seeing: readonly Step[] = [
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
];
