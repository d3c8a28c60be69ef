import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { drainDesk } from '../../../src/control/drain/desk.ts';
import type { DrainPlace, DrainRequest } from '../../../src/control/drain/job.ts';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import { plan, route } from '../plans.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const everything: DrainRequest = {
  target: { filter: {}, ids: null, worker: null },
  what: 'everything',
  cause: 'drain',
  rate: null,
  order: null,
  code: null,
  reason: null,
};

/** `workers[i]` connections in worker i, opened one after the other over all workers. */
function desk(options: { workers: readonly number[]; budget?: number; left?: readonly string[]; dead?: number }) {
  const places: DrainPlace[] = options.workers.flatMap((count, worker) =>
    Array.from({ length: count }, (_, index) => ({
      id: `${worker}-${index}`,
      worker,
      route: 'all',
      openedAtMs: index * 10 + worker,
      idleMs: index,
    })),
  );
  const closes: { id: string; atMs: number; code: number }[] = [];
  const events: EdgeEvent[] = [];
  const started = performance.now();
  const drains = drainDesk({
    plan: plan({
      routes: [route({ drain: { rate: { perSecond: 100 }, order: 'oldest', code: 1012, reason: 'r' } })],
      drain: { budgetPerSecond: options.budget ?? 10_000, deadlineMs: 0 },
    }),
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    random: () => 0.5,
    list: async () => places,
    closeOn: async (worker, ids, request) => {
      if (worker === options.dead) throw new Error('gone');
      const here = ids.filter((id) => options.left?.includes(id) !== true);
      for (const id of here) closes.push({ id, atMs: performance.now() - started, code: request.code });
      return here.length;
    },
    onEvent: (event) => events.push(event),
  });
  const within = (fromMs: number, toMs: number) => closes.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length;
  return { drains, closes, events, within };
}

describe('a drain', () => {
  test('keeps its pace over all workers, oldest first, with the code of the route', async () => {
    const { drains, closes, within } = desk({ workers: [150, 150] });
    const { id, etaMs } = await drains.start(everything);
    expect(etaMs).toBeGreaterThan(2900);
    await vi.advanceTimersByTimeAsync(2000);
    expect(Math.abs(within(0, 1000) - 100)).toBeLessThanOrEqual(6);
    expect(Math.abs(within(1000, 2000) - 100)).toBeLessThanOrEqual(6);
    await vi.advanceTimersByTimeAsync(1500);
    expect(drains.get(id)).toMatchObject({ state: 'done', closed: 300, gone: 0, remaining: 0 });
    const ages = closes.map(({ id }) => Number(id.split('-')[1]));
    // Within one group the workers are told one after the other.
    for (const [index, age] of ages.entries()) expect(Math.abs(age - index / 2)).toBeLessThan(5);
    expect(new Set(closes.map((close) => close.code))).toEqual(new Set([1012]));
  });

  test('stops where it is when it is cancelled', async () => {
    const { drains, closes, events } = desk({ workers: [1000] });
    const { id } = await drains.start(everything);
    await vi.advanceTimersByTimeAsync(1000);
    const row = drains.cancel(id)!;
    const before = closes.length;
    await vi.advanceTimersByTimeAsync(5000);
    expect(closes).toHaveLength(before);
    expect(row).toMatchObject({ state: 'cancelled', total: 1000, closed: before });
    expect(events.at(-1)).toMatchObject({ kind: 'drain-ended', state: 'cancelled' });
    expect((await drains.ended(id)).state).toBe('cancelled');
  });

  test('who has left counts as gone, and gives its turn to the next', async () => {
    const left = Array.from({ length: 50 }, (_, index) => `0-${index}`);
    const { drains, closes, within } = desk({ workers: [200], left });
    const { id } = await drains.start(everything);
    await vi.advanceTimersByTimeAsync(1000);
    expect(within(0, 1000)).toBeGreaterThan(90);
    await vi.advanceTimersByTimeAsync(2000);
    expect(drains.get(id)).toMatchObject({ state: 'done', closed: 150, gone: 50 });
    expect(closes).toHaveLength(150);
  });

  test('a worker that is gone takes its connections with it, and the drain ends', async () => {
    const { drains } = desk({ workers: [20, 20], dead: 1 });
    const { id } = await drains.start(everything);
    await vi.advanceTimersByTimeAsync(1000);
    expect(drains.get(id)).toMatchObject({ state: 'done', closed: 20, gone: 20 });
  });

  test('of nothing is done at once', async () => {
    const { drains } = desk({ workers: [] });
    expect(await drains.start(everything)).toMatchObject({ state: 'done', total: 0, etaMs: 0 });
  });
});

test('two drains that overlap share the budget, and close nobody twice', async () => {
  const { drains, closes, within } = desk({ workers: [400], budget: 100 });
  const fast = { ...everything, rate: { perSecond: 1000 } };
  const closed = new Set<string>();
  const first = await drains.start(fast);
  const second = await drains.start({ ...fast, order: 'idlest' });
  await vi.advanceTimersByTimeAsync(3000);
  for (const second of [0, 1000, 2000]) expect(within(second, second + 1000)).toBeLessThanOrEqual(111);
  for (const { id } of closes) closed.add(id);
  expect(closes.length).toBeGreaterThan(280);
  expect(drains.get(first.id)!.closed).toBeGreaterThan(100);
  expect(drains.get(second.id)!.closed).toBeGreaterThan(100);
});

test('more than 32 at once are refused', async () => {
  const { drains } = desk({ workers: [1000] });
  for (let index = 0; index < 32; index++) await drains.start(everything);
  await expect(drains.start(everything)).rejects.toMatchObject({ code: 'drain-too-many' });
  drains.close();
});

describe('clients of a lost server', () => {
  const url = 'http://10.0.0.1:9000';
  const placesOf = (worker: number, count: number): DrainPlace[] =>
    Array.from({ length: count }, (_, index) => ({
      id: `${worker}-${index}`,
      worker,
      route: 'all',
      openedAtMs: index,
      idleMs: 0,
    }));

  test('of all workers are one drain, at the pace of their route, which nobody cancels', async () => {
    const { drains, within, events } = desk({ workers: [] });
    drains.lost({ server: url, moves: false, places: placesOf(0, 150) });
    await vi.advanceTimersByTimeAsync(20);
    drains.lost({ server: url, moves: false, places: placesOf(1, 140) });
    await vi.advanceTimersByTimeAsync(30);
    const [row] = drains.rows();
    expect(row).toMatchObject({ cause: 'server-lost', total: 290, ratePerSecond: 100, state: 'running' });
    expect(events).toMatchObject([{ kind: 'drain-started', what: `clients of the lost server ${url}`, total: 290 }]);
    expect(() => drains.cancel(row!.id)).toThrow(expect.objectContaining({ code: 'drain-needed' }));
    // A straggler joins.
    drains.lost({ server: url, moves: false, places: placesOf(2, 10) });
    await vi.advanceTimersByTimeAsync(950);
    expect(Math.abs(within(0, 1000) - 95)).toBeLessThanOrEqual(6);
    expect(drains.rows()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2200);
    expect(drains.get(row!.id)).toMatchObject({ state: 'done', total: 300, closed: 300 });
  });

  test('those that move take the whole budget, and share it with whatever else is closed', async () => {
    const { drains, within } = desk({ workers: [400], budget: 200 });
    drains.lost({ server: url, moves: true, places: placesOf(1, 400) });
    await drains.start({ ...everything, rate: { perSecond: 1000 } });
    await vi.advanceTimersByTimeAsync(1100);
    expect(drains.rows().map(({ cause, ratePerSecond }) => [cause, ratePerSecond])).toEqual([
      ['drain', 1000],
      ['server-lost', 200],
    ]);
    expect(within(100, 1100)).toBeLessThanOrEqual(222);
    for (const { closed } of drains.rows()) expect(closed).toBeGreaterThan(80);
    drains.close();
  });

  test('begin also when 32 drains run, and take no place from those', async () => {
    const { drains } = desk({ workers: [1000] });
    for (let index = 0; index < 31; index++) await drains.start(everything);
    drains.lost({ server: url, moves: false, places: placesOf(1, 10) });
    await vi.advanceTimersByTimeAsync(50);
    await drains.start(everything);
    expect(drains.rows()).toHaveLength(33);
    drains.close();
  });
});
