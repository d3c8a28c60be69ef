/** Changes, losses and the end. */
import { pageOrigin } from './carried.ts';
import { closeOf, endsOf, leave, once, rowsOf, type Step, statusOf, workersOf } from './step.ts';

export const changing: readonly Step[] = [
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
