/**
 * The guard before a reload of nginx: compared by meaning, refused without harm, held to a budget, and told in advance.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HoldlineError } from '../../../src/base/error.ts';
import { takeChanges } from '../../../src/control/engines/nginx/changes.ts';
import { foresee } from '../../../src/control/engines/nginx/foresight.ts';
import type { Running } from '../../../src/control/engines/nginx/running.ts';
import { ConnectionTable } from '../../../src/control/engines/nginx/table.ts';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import type { WorkerStatus } from '../../../src/control/workers/state.ts';
import type { EdgePlan } from '../../../src/plan/edge/model.ts';
import { newRouteTotals, newTotals } from '../../../src/registry/totals.ts';
import type { Spec } from '../../../src/spec/model.ts';
import { plan as planFor } from '../plans.ts';

const spec = {} as Spec;

function settledAs(plan: EdgePlan, meaning: string) {
  return { plan, text: meaning, shutdownMs: 300_000, workers: 2, freshBytes: 5_000_000, meaning };
}

function guard(reloadsPerHour: number) {
  const plan = planFor();
  const running: Running = { settled: settledAs(plan, 'first'), isEnding: false, restarts: 0 };
  const reloaded: string[] = [];
  const events: EdgeEvent[] = [];
  const refused = { text: '' };
  const told = { onEnd: () => undefined, onRefused: () => undefined };
  const table = new ConnectionTable({ nowMs: Date.now, monotonicMs: Date.now, plan: () => plan, ...told });
  const refusalOf = (text: string) =>
    text === refused.text ? new HoldlineError('engine-nginx-refused', 'nginx refuses it') : null;
  let wanted = 'first';
  const changes = takeChanges({
    running,
    life: {
      refusal: async (text) => refusalOf(text),
      reload: async (text) => {
        const refusal = refusalOf(text);
        if (refusal !== null) throw refusal;
        reloaded.push(text);
      },
    },
    table,
    workers: () => [],
    note: (event) => events.push(event),
    nowMs: Date.now,
    reloadsPerHour,
    said: [],
    settle: () => ({ value: settledAs(plan, wanted), diagnostics: [] }),
  });
  return {
    reloaded,
    events,
    refused,
    running,
    change(meaning: string) {
      wanted = meaning;
      return changes.apply(spec, plan);
    },
    preview(meaning: string) {
      wanted = meaning;
      return changes.preview(spec, plan);
    },
    close: changes.close,
  };
}

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

test('no change is no reload', async () => {
  const { change, reloaded, events } = guard(12);
  expect(await change('first')).toEqual({ changed: [], diagnostics: [] });
  expect([reloaded, events]).toEqual([[], []]);
});

test('a change that nginx refuses changes nothing, and does not count', async () => {
  const { change, preview, reloaded, refused, running } = guard(1);
  refused.text = 'broken';
  expect((await preview('broken')).diagnostics).toMatchObject([{ code: 'engine-nginx-refused' }]);
  expect((await change('broken')).diagnostics).toMatchObject([{ code: 'engine-nginx-refused' }]);
  expect(running.settled.meaning).toBe('first');
  await change('second');
  expect(reloaded).toEqual(['second']);
});

test('past the budget a change waits, the newest one is taken over in time, and what waits is told', async () => {
  const { change, preview, reloaded, events } = guard(2);
  await change('second');
  await vi.advanceTimersByTimeAsync(600_000);
  await change('third');
  expect(await change('fourth')).toMatchObject({ changed: [], diagnostics: [{ code: 'engine-reload-waits' }] });
  expect((await preview('fifth')).effects.at(-1)).toMatch(/^It waits: nginx was reloaded 2 times within an hour/);
  await change('fifth');
  // Said once: the same part of the spec waits until the same time.
  expect(events.filter(({ kind }) => kind === 'nginx-reload-waits')).toHaveLength(1);
  expect(reloaded).toEqual(['second', 'third']);
  await vi.advanceTimersByTimeAsync(3_000_000);
  expect(reloaded).toEqual(['second', 'third', 'fifth']);
});

test('what waits is forgotten when the spec is taken back, and when the edge ends', async () => {
  const { change, close, reloaded } = guard(1);
  await change('second');
  await change('third');
  await change('second');
  await vi.advanceTimersByTimeAsync(3_600_000);
  await change('third');
  await change('fourth');
  close();
  await vi.advanceTimersByTimeAsync(7_200_000);
  expect(reloaded).toEqual(['second', 'third']);
});

test('a preview names who stays, until when, and what that costs; and it changes nothing', async () => {
  const { preview, reloaded } = guard(12);
  expect((await preview('second')).effects.at(-1)).toBe('It would be reload 1 of at most 12 in an hour.');
  expect(reloaded).toEqual([]);
  const totals = newTotals();
  totals.routes.chat = { ...newRouteTotals(), open: 1200 };
  const worker = (leaving: boolean, connections: number) =>
    ({ leaving, connections, memoryBytes: 20_000_000 }) as WorkerStatus;
  const workers = [worker(false, 700), worker(false, 400), worker(true, 100)];
  expect(foresee({ totals, workers, now: { shutdownMs: 300_000 }, next: { workers: 2, freshBytes: 5e6 } })).toEqual([
    '1200 connections of chat would stay with the old workers.',
    'The old workers end with their last connection, and after 5m at most: who is left then is cut without a close frame (1006).',
    'Until then they keep 60.0 MB in 3 processes.',
    '2 new workers would take every new connection, and need together 5.00 MB to begin with.',
    '1 worker of earlier reloads still holds 100 connections.',
  ]);
});
