import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ServiceMessage } from '../../../src/control/service/messenger.ts';
import { type ReportedEdge, serviceReporter, signsOfLife } from '../../../src/control/service/reporter.ts';
import type { WorkerStatus } from '../../../src/control/workers/state.ts';
import { newTotals } from '../../../src/registry/totals.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is told, and an edge whose workers have been silent for so many milliseconds. */
function scene() {
  const told: ServiceMessage[] = [];
  const state = { silentMs: [0, 0], closed: false };
  const edge: ReportedEdge = {
    totals: newTotals,
    workers: () => state.silentMs.map((silentMs, index) => ({ pid: index + 1, silentMs }) as WorkerStatus),
    silentWorkers: () => state.silentMs.flatMap((silentMs, index) => (silentMs >= 3000 ? [index + 1] : [])),
    gates: { state: () => ({ closed: state.closed }) },
  };
  const messages = { send: (message: ServiceMessage) => void told.push(message), sent: () => Promise.resolve() };
  return { told, state, edge, messages };
}

test('ready comes with the counts, and the counts again when they have changed', () => {
  const { told, state, edge, messages } = scene();
  serviceReporter(messages, null).ready(edge);
  vi.advanceTimersByTime(30_000);
  state.closed = true;
  vi.advanceTimersByTime(30_000);
  expect(told).toEqual([
    { READY: '1', STATUS: '0 connections, 2 workers' },
    { STATUS: '0 connections, 2 workers, gate closed' },
  ]);
});

const alive = { WATCHDOG: '1' };

test('a sign of life comes at half the time', () => {
  const { told, edge, messages } = scene();
  serviceReporter(messages, 60_000).ready(edge);
  vi.advanceTimersByTime(60_000);
  expect(told.filter((message) => 'WATCHDOG' in message)).toEqual([alive, alive, alive]);
});

test('a watchdog of a microsecond does not make the edge start processes without end', () => {
  const { told, edge, messages } = scene();
  serviceReporter(messages, 0.001).ready(edge);
  vi.advanceTimersByTime(10_000);
  expect(told.filter((message) => 'WATCHDOG' in message)).toHaveLength(21);
  expect(signsOfLife(0.001).suffices).toBe(false);
  expect(signsOfLife(501).suffices).toBe(true);
});

test.each([
  ['one worker that is silent, which the supervisor will end', [0, 5000], true],
  ['every worker is silent', [5000, 5000], false],
  ['there is no worker', [], false],
  ['one that the supervisor could not end', [0, 60_000], false],
])('%s', (_what, silentMs, lives) => {
  const { told, state, edge, messages } = scene();
  state.silentMs = silentMs;
  serviceReporter(messages, 60_000).ready(edge);
  vi.advanceTimersByTime(60_000);
  expect(told.some((message) => 'WATCHDOG' in message)).toBe(lives);
});

test('once a worker answers again, the sign of life comes within a second', () => {
  const { told, state, edge, messages } = scene();
  state.silentMs = [5000];
  serviceReporter(messages, 60_000).ready(edge);
  vi.advanceTimersByTime(9500);
  state.silentMs = [0];
  expect(told).not.toContainEqual(alive);
  vi.advanceTimersByTime(1000);
  expect(told).toContainEqual(alive);
});

test('while the edge ends, its workers may be gone', async () => {
  const { told, state, edge, messages } = scene();
  const reporter = serviceReporter(messages, 60_000);
  reporter.ready(edge);
  reporter.stopping();
  state.silentMs = [];
  told.length = 0;
  vi.advanceTimersByTime(30_000);
  expect(told).toContainEqual(alive);
  await reporter.close();
  told.length = 0;
  vi.advanceTimersByTime(300_000);
  expect(told).toEqual([]);
});

test('two reloads at once are one, and one that fails ends as well', async () => {
  const { told, edge, messages } = scene();
  const reporter = serviceReporter(messages, null);
  reporter.ready(edge);
  told.length = 0;
  const ends: (() => void)[] = [];
  const one = reporter.reloading(() => new Promise<void>((resolve) => ends.push(resolve)));
  const two = reporter.reloading(() => Promise.reject(new Error('no')));
  await expect(two).rejects.toThrow('no');
  ends[0]!();
  await one;
  expect(told).toEqual([{ RELOADING: '1', MONOTONIC_USEC: expect.stringMatching(/^\d+$/) }, { READY: '1' }]);
});

test('without a service manager nothing happens', async () => {
  const { told, edge } = scene();
  const reporter = serviceReporter(null, 60_000);
  reporter.ready(edge);
  expect(await reporter.reloading(async () => 'read')).toBe('read');
  reporter.stopping();
  await reporter.close();
  vi.advanceTimersByTime(300_000);
  expect(told).toEqual([]);
});
