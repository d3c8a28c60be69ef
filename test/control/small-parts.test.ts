/** The small pure parts of the supervisor: paces, batches, tables, lines. */
import { describe, expect, test, vi } from 'vitest';
import { linePace } from '../../src/control/log/line-pace.ts';
import { lineSplitter, outputLineMax } from '../../src/control/managed/output-lines.ts';
import { outbox } from '../../src/control/workers/outbox.ts';
import { pendingTable } from '../../src/control/workers/pending.ts';
import { firstPauseMs, pauseMaxMs, restartPace, settledAfterMs } from '../../src/control/workers/restart-pace.ts';

describe('restartPace', () => {
  test('at once after a long life and after the first early death, then longer and longer up to the bound', () => {
    const pace = restartPace();
    expect(pace.pauseAfter(settledAfterMs)).toBe(0);
    expect([1, 2, 3, 4].map(() => pace.pauseAfter(10))).toEqual([0, firstPauseMs, firstPauseMs * 2, firstPauseMs * 4]);
    for (let n = 0; n < 2000; n++) pace.pauseAfter(10);
    expect(pace.pauseAfter(10)).toBe(pauseMaxMs);
  });

  test('a long life makes good for early deaths', () => {
    const pace = restartPace();
    for (let n = 0; n < 5; n++) pace.pauseAfter(10);
    expect(pace.pauseAfter(settledAfterMs + 1)).toBe(0);
    expect(pace.pauseAfter(10)).toBe(0);
  });
});

describe('linePace', () => {
  test('so many a second, the others counted once', () => {
    const pace = linePace({ perSecond: 2 });
    expect([0, 10, 20, 999].map((now) => pace.admit(now))).toEqual([true, true, false, false]);
    expect(pace.takeSuppressed()).toBe(2);
    expect(pace.takeSuppressed()).toBe(0);
    expect(pace.admit(1000)).toBe(true);
  });
});

describe('outbox', () => {
  test('one batch on its way at a time; what is over the bound is counted', () => {
    const batches: { events: readonly number[]; dropped: number; taken: () => void }[] = [];
    const box = outbox<number>({
      deliver: (events, dropped, taken) => batches.push({ events, dropped, taken }),
      batchMax: 2,
      waitingMax: 3,
    });
    for (let n = 1; n <= 7; n++) box.add(n);
    box.flush();
    expect(batches.map(({ events, dropped }) => ({ events, dropped }))).toEqual([{ events: [1, 2], dropped: 0 }]);
    batches[0]?.taken();
    expect(batches[1]).toMatchObject({ events: [3, 4], dropped: 2 });
    batches[1]?.taken();
    box.flush();
    expect(batches[2]).toMatchObject({ events: [5], dropped: 0 });
  });

  test('drain resolves once everything was taken', async () => {
    const taken: number[] = [];
    const box = outbox<number>({
      deliver: (events, _dropped, done) => {
        taken.push(...events);
        setImmediate(done);
      },
      batchMax: 2,
      waitingMax: 10,
    });
    for (let n = 1; n <= 5; n++) box.add(n);
    await box.drain();
    expect(taken).toEqual([1, 2, 3, 4, 5]);
    await box.drain();
  });
});

describe('pendingTable', () => {
  test('answers find their question', async () => {
    const table = pendingTable({ capacity: 10, timeoutMs: 10_000 });
    const ids: number[] = [];
    const answers = [1, 2].map(() => table.open((id) => ids.push(id)));
    expect(table.settle(ids[1]!, 'second')).toBe(true);
    expect(table.settle(ids[0]!, 'first')).toBe(true);
    expect(table.settle(ids[0]!, 'again')).toBe(false);
    expect(await Promise.all(answers)).toEqual(['first', 'second']);
    expect(table.size).toBe(0);
  });

  test('refuses above its capacity, and without sending', async () => {
    const table = pendingTable({ capacity: 1, timeoutMs: 10_000 });
    const send = vi.fn();
    const first = table.open(send);
    await expect(table.open(send)).rejects.toMatchObject({ code: 'worker-busy' });
    expect(send).toHaveBeenCalledTimes(1);
    table.failAll(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
  });

  test('silence ends a question', async () => {
    vi.useFakeTimers();
    try {
      const table = pendingTable({ capacity: 1, timeoutMs: 5000 });
      const answer = expect(table.open(() => undefined)).rejects.toMatchObject({ code: 'worker-silent' });
      vi.advanceTimersByTime(5000);
      await answer;
      expect(table.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('lineSplitter', () => {
  test.each<[string, string[], string[]]>([
    ['lines in one piece', ['a\nb\n'], ['a', 'b']],
    ['a line in pieces', ['a', 'b', '\n'], ['ab']],
    ['carriage returns', ['a\r\n'], ['a']],
    ['an empty line', ['a\n\nb\n'], ['a', '', 'b']],
    ['no end of the last line', ['a\nb'], ['a', 'b']],
  ])('%s', (_name, pieces, expected) => {
    expect(split(pieces)).toEqual(expected);
  });

  test('a line without end is cut at the bound, in whatever pieces it comes', () => {
    const long = 'x'.repeat(outputLineMax * 2 + 5);
    const expected = [outputLineMax, outputLineMax, 5];
    expect(split([`${long}\n`]).map((line) => line.length)).toEqual(expected);
    expect(split([long.slice(0, 7), long.slice(7)]).map((line) => line.length)).toEqual(expected);
  });

  function split(pieces: string[]): string[] {
    const lines: string[] = [];
    const splitter = lineSplitter((line) => lines.push(line));
    for (const piece of pieces) splitter.write(piece);
    splitter.end();
    return lines;
  }
});
