/** The queue in front of the hooks thread: who is asked next, and whose deadline runs. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type HookCall, HookCalls, type HookOutcome, underWayMax } from '../../../src/gateway/hooks/calls.ts';
import type { HookName } from '../../../src/gateway/hooks/results.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A thread that begins and answers what it is told to. */
function thread() {
  const posted: HookCall[] = [];
  const late = vi.fn();
  let begunId = 0;
  let ready = true;
  const calls = new HookCalls({
    post: (call) => posted.push(call),
    isReady: () => ready,
    begunId: () => begunId,
    onLate: late,
  });
  const outcomes: (HookOutcome | undefined)[] = [];
  const call = (hook: HookName = 'onMessage', more: { deadlineMs?: number; isWanted?: () => boolean } = {}) => {
    const index = outcomes.push(undefined) - 1;
    void calls
      .call({ hook, args: () => [index], deadlineMs: 1000, isWanted: () => true, ...more })
      .then((outcome) => (outcomes[index] = outcome));
    return index;
  };
  return {
    calls,
    posted,
    late,
    outcomes,
    call,
    begin: (id: number) => {
      begunId = id;
      calls.advance();
    },
    answer: (id: number) => calls.settle(id, { ok: true, result: { kind: 'pass' } }),
    setReady: (value: boolean) => {
      ready = value;
    },
  };
}

describe('a crowd', () => {
  test('waits, and is asked in order as answers come; nobody fails', async () => {
    const { calls, posted, call, begin, answer, outcomes } = thread();
    for (let i = 0; i < 3000; i++) call();
    for (let id = 1; id <= 3000; id++) {
      if (posted.length < id) begin(posted.at(-1)!.id);
      begin(id);
      answer(id);
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(posted.map(({ args }) => args[0])).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    expect(outcomes.every((outcome) => outcome?.ok)).toBe(true);
    expect(calls.size).toBe(0);
  });

  test('no more than so many are under way, however fast the thread begins them', async () => {
    const { posted, call, begin } = thread();
    for (let i = 0; i < 3000; i++) call('onMessage', { deadlineMs: 60_000 });
    for (let i = 0; i < 100; i++) begin(posted.at(-1)!.id);
    expect(posted).toHaveLength(underWayMax);
  });

  test('of messages does not keep handshakes out, nor opens and closes', () => {
    const { posted, call, begin, answer } = thread();
    for (let i = 0; i < 500; i++) call('onMessage');
    for (let i = 0; i < 10; i++) call('onHandshake');
    for (let i = 0; i < 10; i++) call('onOpen');
    const before = posted.length;
    for (let id = 1; id <= 30; id++) {
      begin(id);
      answer(id);
    }
    const next = posted.slice(before, before + 30).map(({ hook }) => hook);
    expect(next.filter((hook) => hook === 'onHandshake')).toHaveLength(10);
    expect(next.filter((hook) => hook === 'onOpen')).toHaveLength(10);
  });

  test('of those who have left is not asked at all', async () => {
    const { posted, call, begin, answer, outcomes } = thread();
    for (let i = 0; i < 64; i++) call();
    const left = call('onHandshake', { isWanted: () => false });
    const stays = call('onHandshake');
    begin(1);
    answer(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(posted.at(-1)!.args).toEqual([stays]);
    expect(outcomes[left]).toMatchObject({ ok: false, failure: { kind: 'abandoned' } });
  });

  test('of opens and closes has an end', async () => {
    const { call, outcomes } = thread();
    for (let i = 0; i < 17_000; i++) call('onClose');
    await vi.advanceTimersByTimeAsync(0);
    const refused = outcomes.filter((outcome) => outcome?.ok === false);
    expect(refused).toHaveLength(17_000 - 16_384 - 64);
    expect(refused[0]).toMatchObject({ failure: { kind: 'crowded' } });
  });
});

describe('a deadline', () => {
  test('is for the hook’s own run: who waits for a slow one has all of it left', async () => {
    const { call, begin, answer, outcomes } = thread();
    for (let i = 0; i < 5; i++) call();
    // Each takes 900 of its 1000 ms; the last begins when 3.6 s have passed.
    for (let id = 1; id <= 5; id++) {
      begin(id);
      await vi.advanceTimersByTimeAsync(900);
      answer(id);
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes.every((outcome) => outcome?.ok)).toBe(true);
  });

  test('that has passed fails the call, and asks whether the thread lives', async () => {
    const { call, begin, late, outcomes } = thread();
    call();
    begin(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(outcomes[0]).toMatchObject({ ok: false, failure: { kind: 'deadline' } });
    expect(late).toHaveBeenCalledOnce();
  });

  test('a thread that is lost fails what it had begun; the rest goes to the next one, in order', async () => {
    const { calls, posted, call, begin, outcomes, setReady } = thread();
    for (let i = 0; i < 100; i++) call();
    begin(3);
    setReady(false);
    calls.failBegun('it is gone');
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes.slice(0, 3)).toMatchObject(Array.from({ length: 3 }, () => ({ failure: { kind: 'thread-lost' } })));
    const before = posted.length;
    setReady(true);
    calls.startOver();
    expect(posted[before]!.args).toEqual([3]);
    expect(new Set(posted.slice(before).map(({ id }) => id)).size).toBe(posted.length - before);
    expect(outcomes.slice(3).every((outcome) => outcome === undefined)).toBe(true);
  });
});
