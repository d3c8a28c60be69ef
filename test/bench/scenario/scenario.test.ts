import { describe, expect, test } from 'vitest';
import { type CapacityWish, planLoad } from '../../../src/bench/run/capacity.ts';
import { readScenario } from '../../../src/bench/scenario/scenario.ts';
import { judgeThresholds, type Metric, metrics, readThreshold } from '../../../src/bench/scenario/thresholds.ts';

const url = 'ws://127.0.0.1:1/';

const echo = { mode: 'echo', storms: false } as const;
const hold = { mode: 'hold', storms: false } as const;

describe('thresholds', () => {
  test.each([
    ['p99 < 50ms', 'p99', '<', 50_000],
    ['p99<50ms', 'p99', '<', 50_000],
    ['P999 <= 1.5s', 'p999', '<=', 1_500_000],
    ['connect-p99 < 500us', 'connect-p99', '<', 500],
    ['lost = 0', 'lost', '=', 0],
    ['lost == 0', 'lost', '=', 0],
    ['reach = 1', 'reach', '=', 1],
    ['reach >= 99.9%', 'reach', '>=', 0.999],
    ['rate > 1000/s', 'rate', '>', 1000],
    ['  opened >= 100 ', 'opened', '>=', 100],
  ])('%s', (text, metric, comparison, wanted) => {
    expect(readThreshold(text, echo)).toEqual({
      ok: true,
      threshold: { text: text.trim(), metric, comparison, wanted },
    });
  });

  test.each([
    ['p9 < 50ms', 'did you mean p90?'],
    ['lsot = 0', 'did you mean lost?'],
    ['raech = 1', 'did you mean reach?'],
    ['zebra = 1', 'known are p50, '],
    ['p99 < 50', 'write 500us, 1.5ms, 50ms or 2s'],
    ['p99 < fast', 'write 500us, 1.5ms, 50ms or 2s'],
    ['p99 =< 50ms', 'did you mean <=?'],
    ['p99 => 50ms', 'did you mean >=?'],
    ['lost = 0.5', 'write a number such as 0 or 1000'],
    ['reach = 2', 'write 1, 0.999 or 99.9%'],
    ['rate > 5ms', 'write 1000 or 1000/s'],
    ['toString = 1', 'known are'],
    ['p99', 'write a metric, a comparison and a value'],
    ['', 'write a metric, a comparison and a value'],
    ['x'.repeat(10_000), 'write a metric, a comparison and a value'],
  ])('%s: %s', (text, help) => {
    const { value, diagnostics } = readScenario({ url, thresholds: [text] });
    expect(value).toBe(null);
    expect(diagnostics).toMatchObject([{ code: 'bench-threshold', help: expect.stringContaining(help) }]);
  });

  test('mode hold has no latency to ask for', () => {
    expect(readThreshold('p99 < 1s', hold)).toMatchObject({ ok: false, help: expect.stringContaining('mode echo') });
    expect(readThreshold('dropped = 0', hold)).toMatchObject({ ok: true });
  });

  test('are held against what was measured, and nothing measured holds nothing', () => {
    const thresholds = ['p99 < 5ms', 'lost = 0', 'reach = 1', 'max <= 5ms'].map((text) => {
      const reading = readThreshold(text, echo);
      if (!reading.ok) throw new Error(reading.problem);
      return reading.threshold;
    });
    const nothing = Object.fromEntries(Object.keys(metrics).map((name) => [name, null])) as Record<Metric, null>;
    const verdicts = judgeThresholds(thresholds, { ...nothing, p99: 5000, lost: 0, max: 5000 });
    expect(verdicts.map(({ held }) => held)).toEqual([false, true, false, true]);
    expect(verdicts[2]).toEqual({ text: 'reach = 1', held: false, measured: null });
  });
});

describe('numbers out of range', () => {
  test.each([
    [{ connections: 0 }, 'connections: 0 is not a whole number from 1 to 1,000,000'],
    [{ connections: 2.5 }, '2.5 is not a whole number'],
    [{ durationMs: 3_600_001 }, 'the duration, in milliseconds'],
    [{ messageBytes: 8 }, 'from 24 to 16,777,216'],
    [{ messagesPerSecond: 0 }, 'messages per second'],
    [{ messagesPerSecond: Number.NaN }, 'NaN is not'],
    [{ processes: 1000 }, 'processes: 1000'],
    [{ mode: 'fanout', connections: 2, publishers: 2 } as const, 'no connection is left to receive'],
  ])('%j', (input, message) => {
    const { value, diagnostics } = readScenario({ url, ...input });
    expect(value).toBe(null);
    expect(diagnostics).toMatchObject([{ code: 'bench-out-of-range', message: expect.stringContaining(message) }]);
  });

  test('a URL that is none', () => {
    expect(readScenario({ url: 'ftp://x/' }).diagnostics).toMatchObject([{ code: 'bench-url' }]);
  });

  test('the defaults are in range', () => {
    expect(readScenario({ url })).toMatchObject({ value: { connections: 100 }, diagnostics: [] });
  });
});

describe('capacity', () => {
  const facts = { descriptors: 20_000, ports: 28_232, cores: 2 };
  const wish: CapacityWish = {
    connections: 100,
    messagesPerSecond: 1000,
    processes: null,
    sources: [],
    loopback: true,
    cuts: 0,
  };
  const plan = (changes: Partial<CapacityWish>) => planLoad({ ...wish, ...changes }, facts);

  test('one process and the system’s source address for a small load', () => {
    expect(plan({})).toEqual({ ok: true, plan: { processes: 1, sources: [] } });
  });

  test('more processes for more messages, up to the cores; more for descriptors', () => {
    expect(plan({ messagesPerSecond: 8000 })).toMatchObject({ plan: { processes: 2 } });
    expect(plan({ messagesPerSecond: 80_000 })).toMatchObject({ plan: { processes: 2 } });
    expect(plan({ connections: 100_000 })).toMatchObject({ plan: { processes: 6 } });
    expect(plan({ connections: 2, messagesPerSecond: 80_000, processes: 8 })).toMatchObject({ plan: { processes: 2 } });
  });

  test('on loopback, as many source addresses as the ports ask for', () => {
    const sourcesFor = (changes: Partial<CapacityWish>) => {
      const answer = plan(changes);
      return answer.ok ? answer.plan.sources : [];
    };
    expect(sourcesFor({ connections: 26_000 })).toEqual([]);
    expect(sourcesFor({ connections: 60_000 })).toHaveLength(24);
    expect(sourcesFor({ connections: 60_000 })[23]).toBe('127.1.0.24');
    expect(sourcesFor({ connections: 1_000_000 })).toHaveLength(250);
    // Who cuts a connection keeps its port for a while.
    expect(sourcesFor({ connections: 15_000, cuts: 1 })).toHaveLength(12);
  });

  test.each([
    [{ connections: 20_000, processes: 1 }, 'bench-descriptors', 19_936, '--processes 2'],
    [{ connections: 30_000, loopback: false }, 'bench-ports', 26_820, 'name 2 addresses'],
    [{ connections: 60_000, sources: ['127.0.0.5', '127.0.0.6'] }, 'bench-ports', 53_640, 'name 3 addresses'],
  ])('%j: %s, %d fit', (changes, code, fits, help) => {
    const answer = plan(changes);
    expect(answer).toMatchObject({ ok: false, fits, diagnostic: { code, help: expect.stringContaining(help) } });
    // The number that is said does fit.
    expect(plan({ ...changes, connections: fits })).toMatchObject({ ok: true });
    expect(plan({ ...changes, connections: fits + 1 })).toMatchObject({ ok: false });
  });
});
