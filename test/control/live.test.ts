/** The stream: snapshot, then changes; resumed; and bounded for a viewer that does not read. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { problemsOf } from '../../src/control/live/now.ts';
import { liveViewers, viewersMax } from '../../src/control/live/viewers.ts';
import { fakeTarget } from './fake-target.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const decoder = new TextDecoder();

function viewers() {
  const target = fakeTarget();
  const live = liveViewers(target, () => 1_010_000);
  const reader = (lastEventId: string | null = null) => {
    const stream = live.open(lastEventId)!.getReader();
    return { next: async () => decoder.decode((await stream.read()).value), leave: () => stream.cancel() };
  };
  return { target, live, reader };
}

const ids = (text: string) => [...text.matchAll(/^id: .*-(\d+)$/gm)].map((match) => Number(match[1]));
const kinds = (text: string) => [...text.matchAll(/^event: (\w+)$/gm)].map((match) => match[1]);

test('a snapshot, then each second, then what happened', async () => {
  const { target, reader, live } = viewers();
  const viewer = reader();
  expect(kinds(await viewer.next())).toEqual(['snapshot']);
  target.note({ kind: 'worker-ready', worker: 7 });
  await vi.advanceTimersByTimeAsync(1000);
  const second = await viewer.next();
  expect(kinds(second)).toEqual(['event', 'now']);
  expect(second).toContain('7 is ready');
  expect(live.count).toBe(1);
  await viewer.leave();
  expect(live.count).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('whoever comes back gets what it missed; from another supervisor, the snapshot alone', async () => {
  const { target, reader } = viewers();
  for (let worker = 1; worker <= 5; worker++) target.note({ kind: 'worker-ready', worker });
  const epoch = target.startedAtMs.toString(36);
  expect(ids(await reader(`${epoch}-2`).next())).toEqual([2, 3, 4, 5]);
  for (const stranger of ['other-2', `${epoch}-99`, 'x', `${epoch}-2-3`])
    expect(ids(await reader(stranger).next())).toEqual([5]);
});

test('a viewer that does not read gets fewer frames and costs no memory; it catches up on events', async () => {
  const { target, reader } = viewers();
  const viewer = reader();
  for (let second = 0; second < 60; second++) {
    target.note({ kind: 'worker-ready', worker: second });
    await vi.advanceTimersByTimeAsync(1000);
  }
  await viewer.next();
  const waiting = await viewer.next();
  expect(kinds(waiting).filter((kind) => kind === 'now')).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1000);
  const later = await viewer.next();
  expect(kinds(later).filter((kind) => kind === 'now')).toHaveLength(1);
  expect(ids(later).at(-1)).toBe(60);
});

test('only so many at a time', () => {
  const { live } = viewers();
  for (let each = 0; each < viewersMax; each++) expect(live.open(null)).not.toBeNull();
  expect(live.open(null)).toBeNull();
  live.close();
  expect(live.count).toBe(0);
});

test('a gate that is open again is no problem any more', () => {
  const target = fakeTarget();
  const before = problemsOf(target, 1_010_000);
  target.gates.set({ route: null, closed: true });
  target.note({ kind: 'gate', route: null, closed: true });
  expect(problemsOf(target, 1_010_000)).toEqual(['the gate is closed: new handshakes are refused', ...before]);
  target.gates.set({ route: null, closed: false });
  target.note({ kind: 'gate', route: null, closed: false });
  expect(problemsOf(target, 1_010_000)).toEqual(before);
});
