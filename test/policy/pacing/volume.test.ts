import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newVolume, spendVolume, type VolumeLimits, volumeGraceMs } from '../../../src/policy/pacing/volume.ts';

const none: VolumeLimits = { messagesPerSecond: null, bytesPerSecond: null, messageBytesMax: 1_000_000 };
const messages: VolumeLimits = { ...none, messagesPerSecond: 10 };
const bytes: VolumeLimits = { ...none, bytesPerSecond: 1000, messageBytesMax: 1000 };

/** Sends chunks as fast as it is let, each of `spent`; returns when each pause ended, and the end. */
function push(limits: VolumeLimits, spent: { messages: number; bytes: number }, untilMs: number) {
  const state = newVolume(limits, 0);
  let nowMs = 0;
  let sent = 0;
  while (nowMs < untilMs) {
    const decision = spendVolume(state, limits, spent, nowMs);
    if (decision.action === 'close') return { closedMs: nowMs, sent };
    sent++;
    nowMs += decision.action === 'pause' ? decision.pauseMs : 1;
  }
  return { closedMs: null, sent };
}

describe('one connection', () => {
  test('without limits everything goes', () => {
    expect(spendVolume(newVolume(none, 0), none, { messages: 1e9, bytes: 1e12 }, 0)).toEqual({ action: 'go' });
  });

  test('a second’s worth may come at once', () => {
    const state = newVolume(messages, 0);
    expect(spendVolume(state, messages, { messages: 10, bytes: 9e9 }, 0)).toEqual({ action: 'go' });
    expect(spendVolume(state, messages, { messages: 1, bytes: 0 }, 0)).toEqual({ action: 'pause', pauseMs: 100 });
    expect(spendVolume(state, messages, { messages: 1, bytes: 0 }, 100)).toEqual({ action: 'pause', pauseMs: 100 });
    expect(spendVolume(state, messages, { messages: 1, bytes: 0 }, 400)).toEqual({ action: 'go' });
  });

  test('the longer of two debts counts', () => {
    const both = { ...messages, bytesPerSecond: 1000 };
    expect(spendVolume(newVolume(both, 0), both, { messages: 12, bytes: 1500 }, 0)).toEqual({
      action: 'pause',
      pauseMs: 500,
    });
    expect(spendVolume(newVolume(both, 0), both, { messages: 20, bytes: 1500 }, 0)).toEqual({
      action: 'pause',
      pauseMs: 1000,
    });
  });

  test('a debt that cannot be paid within the grace closes at once', () => {
    expect(spendVolume(newVolume(messages, 0), messages, { messages: 110, bytes: 0 }, 0)).toEqual({
      action: 'pause',
      pauseMs: 10_000,
    });
    expect(spendVolume(newVolume(messages, 0), messages, { messages: 111, bytes: 0 }, 0)).toEqual({ action: 'close' });
  });

  test('who never stops is closed after the grace, and not before', () => {
    const { closedMs, sent } = push(messages, { messages: 1, bytes: 1 }, 60_000);
    expect(closedMs).toBeGreaterThan(9_000);
    expect(closedMs).toBeLessThanOrEqual(10_100);
    expect(sent).toBeLessThanOrEqual(10 + 10 * 10 + 1);
    expect(push(bytes, { messages: 0, bytes: 400 }, 60_000).closedMs).toBeGreaterThan(8_000);
  });

  test('who rests begins anew', () => {
    const state = newVolume(messages, 0);
    for (let round = 0; round < 20; round++) {
      const nowMs = round * 6_000;
      expect(spendVolume(state, messages, { messages: 50, bytes: 0 }, nowMs).action).toBe('pause');
    }
  });

  test('a pause that was sat out is no rest', () => {
    const state = newVolume(messages, 0);
    const actions = [0, 2000, 5000, 8000].map(
      (nowMs) => spendVolume(state, messages, { messages: 30, bytes: 0 }, nowMs).action,
    );
    expect(actions).toEqual(['pause', 'pause', 'pause', 'close']);
  });

  test('a message that is allowed can be finished at the rate', () => {
    const large = { ...bytes, messageBytesMax: 20_000 };
    expect(volumeGraceMs(large)).toBe(40_000);
    expect(volumeGraceMs(bytes)).toBe(10_000);
    expect(push(large, { messages: 0, bytes: 500 }, 20_000).closedMs).toBeNull();
  });

  test('a clock that goes back gives nothing', () => {
    const state = newVolume(messages, 1000);
    spendVolume(state, messages, { messages: 11, bytes: 0 }, 1000);
    expect(spendVolume(state, messages, { messages: 0, bytes: 0 }, 500)).toEqual({ action: 'pause', pauseMs: 100 });
  });
});

test('who keeps to the rate is never held back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 100, max: 2000 }), { maxLength: 200 }), (gaps) => {
      const state = newVolume(messages, 0);
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap;
        expect(spendVolume(state, messages, { messages: 1, bytes: 0 }, nowMs).action).toBe('go');
      }
    }),
  );
});

test('who obeys its pauses never gets more than the rate and a second’s worth through', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ gapMs: fc.nat(300), count: fc.integer({ min: 1, max: 9 }) }), { maxLength: 100 }),
      (chunks) => {
        const state = newVolume(messages, 0);
        let nowMs = 0;
        let through = 0;
        for (const { gapMs, count } of chunks) {
          nowMs += gapMs;
          // One chunk is read before the debt is known.
          expect(through).toBeLessThanOrEqual(10 + nowMs / 100 + 1e-6);
          const decision = spendVolume(state, messages, { messages: count, bytes: 0 }, nowMs);
          if (decision.action === 'close') return;
          through += count;
          if (decision.action === 'pause') nowMs += decision.pauseMs;
        }
      },
    ),
  );
});
