/** Connections go from one worker process to another, and neither client nor server notices. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { converse, crowd, spread } from './conversations.ts';
import { startTestEdge, until } from './edge.ts';

test('another number of workers, up and down, under 200 conversations', { retry: 0 }, async () => {
  const edge = await startTestEdge({ workers: 1 });
  try {
    const talk = converse(await crowd(edge, 200));
    const resize = (workers: number) => edge.supervisor.apply({ ...edge.supervisor.plan(), workers });
    expect(resize(3)).toMatchObject({ changed: ['workers'], diagnostics: [] });
    await until(() => spread(edge).length === 3 && spread(edge)[0]! > 60);
    // The last ones are still between two workers, which neither of them lists; then each is listed once.
    const ids = await until(async () => {
      const { rows } = await edge.supervisor.query({}, { limit: 1000, after: null });
      return rows.length >= 200 && rows.map(({ id }) => id);
    });
    expect(new Set(ids).size).toBe(200);
    expect(ids.length).toBe(200);
    const before = talk.echoes;
    await until(() => talk.echoes > before + 1000);
    resize(1);
    await until(() => edge.supervisor.workers().length === 1 && spread(edge)[0] === 200);
    const after = talk.echoes;
    await until(() => talk.echoes > after + 1000);
    expect(talk.wrong).toEqual([]);
    expect(edge.server.clients.size).toBe(200);
    expect(edge.supervisor.workerRestarts()).toBe(0);
    const handed = edge.events.filter((event) => event.kind === 'handed-over');
    expect(handed.length).toBeGreaterThanOrEqual(3);
    console.log(
      `slowest of ${talk.echoes} echoes through ${handed.length} hand-overs: ${talk.slowestMs.toFixed(0)} ms`,
    );
    talk.stop();
  } finally {
    await edge.close();
  }
});

test('a worker that was replaced gets its share again; caps count each connection once', { retry: 0 }, async () => {
  const edge = await startTestEdge({ workers: 2 });
  try {
    const talk = converse(await crowd(edge, 100));
    await edge.supervisor.even(null);
    await until(() => spread(edge)[0] === 50);
    const [first] = edge.supervisor.workers();
    talk.wrong.length = 0;
    process.kill(first!.pid, 'SIGKILL');
    // Only the one that died has lost any, and the others go on; then the new one gets half of them.
    await until(() => spread(edge).length === 2 && spread(edge).join() === '25,25');
    expect(talk.wrong.length).toBe(50);
    expect(talk.wrong.every((each) => each.includes('was closed'))).toBe(true);
    talk.stop();
  } finally {
    await edge.close();
  }
});

test('a drain finds whoever has gone to another worker meanwhile', { retry: 0 }, async () => {
  const edge = await startTestEdge({ workers: 2 });
  try {
    const sockets = await crowd(edge, 60);
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    const drain = await edge.supervisor.drains.start({
      target: { filter: {}, ids: null, worker: null },
      what: 'all',
      cause: 'drain',
      rate: { perSecond: 30 },
      order: null,
      code: 1012,
      reason: 'go',
    });
    edge.supervisor.apply({ ...edge.supervisor.plan(), workers: 1 });
    const codes = (await closed).map(([code]) => code as number);
    expect(new Set(codes)).toEqual(new Set([1012]));
    expect((await edge.supervisor.drains.ended(drain.id)).closed).toBe(60);
  } finally {
    await edge.close();
  }
});
