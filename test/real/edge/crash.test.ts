/** kill -9 of a worker under load: whoever was elsewhere loses nothing, and newcomers are served. */
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { closeOf, startTestEdge, until } from './edge.ts';

const clientCount = 200;

/** A client that sends numbered messages, the next one when the last came back, and notes whatever goes wrong. */
function talk(socket: WebSocket) {
  const state = {
    port: (socket as unknown as { _socket: Socket })._socket.localPort,
    echoed: 0,
    wrong: 0,
    closed: false,
  };
  socket.on('message', (data) => {
    if (data.toString() === `message ${state.echoed}`) state.echoed++;
    else state.wrong++;
    socket.send(`message ${state.echoed}`);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    state.closed = true;
  });
  socket.send('message 0');
  return state;
}

test('the other worker’s connections lose nothing, and new ones are served again', async () => {
  const edge = await startTestEdge({ workers: 2 });
  const sockets = await Promise.all(Array.from({ length: clientCount }, () => edge.connect()));
  const clients = sockets.map(talk);
  const { rows } = await edge.supervisor.query({}, { limit: 1000, after: null });
  const workerOf = (id: string) => id.slice(0, id.lastIndexOf('-'));
  const workerByPort = new Map(rows.map((row) => [row.clientPort, workerOf(row.id)]));
  // The first report after all have connected tells the supervisor what each worker holds.
  const held = await until(() => {
    const workers = edge.supervisor.workers();
    return workers.reduce((sum, worker) => sum + worker.connections, 0) === clientCount && workers;
  });
  await until(() => clients.every((client) => client.echoed >= 5));

  const victim = held[0]!;
  const killedAt = performance.now();
  process.kill(victim.pid, 'SIGKILL');
  const crash = await until(() => edge.events.find((event) => event.kind === 'worker-crashed') ?? null);
  const crashSeenMs = performance.now() - killedAt;
  // Newcomers all along: none of them may be refused, as the other worker accepts on the same socket.
  const newcomers = [await edge.connect()];
  const firstNewcomerMs = performance.now() - killedAt;
  await until(() => edge.supervisor.workers().length === 2);
  const replacedMs = performance.now() - killedAt;
  const replacement = edge.supervisor.workers().find((worker) => !held.some((before) => before.pid === worker.pid))!;
  await until(async () => {
    newcomers.push(...(await Promise.all(Array.from({ length: 10 }, () => edge.connect()))));
    await edge.supervisor.query({}, { limit: 1, after: null });
    return (edge.supervisor.workers().find((worker) => worker.pid === replacement.pid)?.connections ?? 0) > 0;
  });

  const lost = clients.filter((client) => client.closed);
  const kept = clients.filter((client) => !client.closed);
  expect(crash).toMatchObject({ worker: victim.pid, how: 'signal SIGKILL', lost: victim.connections, restartInMs: 0 });
  expect(lost).toHaveLength(victim.connections);
  expect(new Set(lost.map((client) => workerByPort.get(client.port!))).size).toBe(1);
  const survivor = new Set(kept.map((client) => workerByPort.get(client.port!)));
  expect(survivor.size).toBe(1);
  expect(survivor).not.toContain(workerByPort.get(lost[0]!.port!));

  const before = kept.map((client) => client.echoed);
  await until(() => kept.every((client, index) => client.closed || client.echoed >= before[index]! + 20));
  expect(kept.filter((client) => client.closed || client.wrong > 0)).toEqual([]);
  expect(edge.supervisor.totals().routes.all?.closes['worker-crashed']).toBe(victim.connections);
  console.log(
    `${clientCount} clients, ${lost.length} on the killed worker, ${kept.length} on the other with 0 losses; crash noticed after ` +
      `${crashSeenMs.toFixed(0)} ms, a newcomer served after ${firstNewcomerMs.toFixed(0)} ms, the new worker ready after ${replacedMs.toFixed(0)} ms`,
  );
  await edge.close();
});

test('with its only worker dead the port stays, and whoever comes meanwhile is served by the next worker', async () => {
  const edge = await startTestEdge({ workers: 1 });
  const socket = await edge.connect();
  const closed = closeOf(socket);
  const killedAt = performance.now();
  process.kill(edge.supervisor.workers()[0]!.pid, 'SIGKILL');
  expect((await closed).code).toBe(1006);
  const newcomer = await edge.connect();
  console.log(
    `the only worker killed: a newcomer waited in the backlog, served after ${(performance.now() - killedAt).toFixed(0)} ms`,
  );
  expect(edge.supervisor.workerRestarts()).toBe(1);
  newcomer.close();
  await edge.close();
});

test('2,000 quick connections over two workers', async () => {
  const edge = await startTestEdge({ workers: 2 });
  const total = 2000;
  let left = total;
  async function visitor(): Promise<void> {
    while (left-- > 0) {
      const socket = await edge.connect();
      const closed = closeOf(socket);
      socket.close();
      await closed;
    }
  }
  await Promise.all(Array.from({ length: 50 }, visitor));
  const shares = await until(() => {
    const opens = edge.events.filter((event) => event.kind === 'open');
    return opens.length === total && byWorker(opens.map((event) => event.id));
  });
  const counts = Object.values(shares);
  console.log(`2,000 quick connections over two workers: ${counts.join(' and ')}`);
  expect(counts).toHaveLength(2);
  // A worker with less than a quarter would mean that the kernel prefers one, which it has not been seen to do.
  expect(Math.min(...counts)).toBeGreaterThan(total / 4);
  await edge.close();
});

function byWorker(ids: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const id of ids) {
    const worker = id.slice(0, id.lastIndexOf('-'));
    counts[worker] = (counts[worker] ?? 0) + 1;
  }
  return counts;
}
