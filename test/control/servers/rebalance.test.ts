/** Evening out: who is taken from which server, what is only said, and when it begins by itself. */
import { expect, test } from 'vitest';
import type { DrainDesk } from '../../../src/control/drain/desk.ts';
import type { DrainRequest, DrainRow } from '../../../src/control/drain/job.ts';
import type { ServerRow } from '../../../src/control/servers/entry.ts';
import { rebalanceDesk } from '../../../src/control/servers/rebalance.ts';
import type { EdgePlan } from '../../../src/plan/edge/model.ts';
import { settleMs } from '../../../src/policy/rebalance/excess.ts';
import { route, upstream } from '../plans.ts';

type Counts = Readonly<Record<string, number>>;

function desk(counts: Counts, change: Partial<Parameters<typeof upstream>[0]> = {}) {
  const begun: DrainRequest[] = [];
  const plan = {
    upstreams: [upstream({ name: 'app', ...change })],
    routes: [route({ name: 'moving', move: { replay: null } }), route({ name: 'closing' })],
  } as unknown as EdgePlan;
  const rows = Object.entries(counts).map(
    ([url, connections]) => ({ upstream: 'app', url, weight: 1, share: 1, connections, state: 'up' }) as ServerRow,
  );
  const places = ({ target }: DrainRequest) => {
    const url = target.filter.server as string;
    const place = (_: unknown, number: number) => ({
      id: `${url}-${number}`,
      worker: 1,
      route: number % 4 === 0 ? 'closing' : 'moving',
      openedAtMs: 0,
      idleMs: number,
    });
    return Promise.resolve(Array.from({ length: counts[url]! }, place));
  };
  const drains = {
    start: (request: DrainRequest) => {
      begun.push(request);
      return Promise.resolve({ id: 'd1', what: request.what } as DrainRow);
    },
  } as DrainDesk;
  return { ...rebalanceDesk({ plan: () => plan, rows: () => rows, places, drains }), begun };
}

const asked = { upstream: null, dryRun: false, rate: null, order: null };

test('a server that joins empty: the idlest of the excess, idlest first, to be moved where their route moves', async () => {
  const { rebalance, begun } = desk({ a: 100, b: 100, c: 0 });
  const done = await rebalance(asked);
  expect(done).toMatchObject({ upstream: 'app', moves: 50, closes: 16, drain: { id: 'd1' } });
  const [request] = begun;
  expect(request).toMatchObject({ order: 'idlest', moves: 'rebalance', what: 'rebalance of app', rate: null });
  expect(request!.target.ids).toHaveLength(66);
  expect(request!.target.ids).toContain('a-99');
  expect(request!.target.ids).not.toContain('a-66');
});

test('a dry run says the same and begins nothing; even servers have nothing to do', async () => {
  const uneven = desk({ a: 100, b: 0 });
  expect(await uneven.rebalance({ ...asked, dryRun: true })).toMatchObject({ moves: 38, closes: 12, drain: null });
  const even = desk({ a: 51, b: 50 });
  expect(await even.rebalance(asked)).toEqual({ upstream: 'app', servers: [], moves: 0, closes: 0, drain: null });
  expect([...uneven.begun, ...even.begun]).toEqual([]);
});

test('an unknown upstream, and one whose clients belong to a server by a key, are refused', async () => {
  await expect(desk({ a: 9 }).rebalance({ ...asked, upstream: 'apq' })).rejects.toMatchObject({
    code: 'upstream-unknown',
  });
  const byKey = desk({ a: 100, b: 0 }, { balance: { kind: 'hash', key: { by: 'ip' } } });
  await expect(byKey.rebalance(asked)).rejects.toMatchObject({ code: 'rebalance-by-key' });
});

test('auto begins when it has been worth it for a while, and only where the spec says so', async () => {
  const auto = desk({ a: 100, b: 0 }, { rebalance: 'auto' });
  const off = desk({ a: 100, b: 0 });
  for (let nowMs = 0; nowMs <= 2 * settleMs; nowMs += 1000) {
    auto.look(nowMs);
    off.look(nowMs);
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(auto.begun).toHaveLength(1);
  expect(off.begun).toEqual([]);
});
