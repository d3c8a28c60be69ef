/** Reports made up for the ways of telling: with everything in them, of any length, the same every time. */
import type { BenchReport, LatencyReport, SeriesRow } from '../../../src/bench/run/report.ts';
import type { StormReport, StormRow } from '../../../src/bench/run/report-parts.ts';

/** Numbers from 0 to 1 that look random and are the same in every run (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A run of so many seconds: connecting, steady load, a stall, a storm, quiet again. */
export function madeReport(seconds: number, connections = 5000): BenchReport {
  const next = chance(seconds);
  const connectUntil = Math.ceil(seconds * 0.1);
  const stormAt = Math.floor(seconds * 0.6);
  const back = Math.max(2, Math.ceil(seconds * 0.02));
  const series = Array.from({ length: seconds }, (_, index): SeriesRow => {
    const at = index + 1;
    const sinceStorm = at - stormAt;
    const returning = sinceStorm >= 0 && sinceStorm < back;
    const open =
      at < connectUntil
        ? Math.round((connections * at) / connectUntil)
        : returning
          ? Math.round((connections * (sinceStorm + 1)) / (back + 1))
          : connections;
    const connecting = at <= connectUntil;
    const stalled = at > seconds * 0.4 && at <= seconds * 0.4 + Math.max(1, seconds * 0.003);
    const sent = connecting ? 0 : open * 2;
    const received = connecting || stalled ? 0 : Math.round(sent * (0.99 + next() * 0.01));
    const p50 = 380 + Math.round(60 * Math.sin(index / 40) + 90 * next() + (returning ? 2000 : 0));
    const p99 = Math.round(p50 * (2.4 + 3 * next() ** 4));
    const max = Math.round(p99 * (1.2 + 30 * next() ** 8));
    return {
      atMs: at * 1000 + Math.round(next() * 4),
      open,
      attempts: connecting || returning ? Math.round(connections / connectUntil) : 0,
      failed: returning ? Math.round(connections * 0.03 * next()) : 0,
      dropped: sinceStorm === 0 ? connections : 0,
      sent,
      received,
      unexpected: 0,
      ...(received === 0 ? { p50: null, p99: null, max: null } : { p50, p99, max }),
    };
  });
  const second = (share: number) => Math.round(seconds * share) * 1000;
  const kept = { text: 'p99 < 50ms', held: true, measured: 3120 };
  const missed = { text: 'lost = 0', held: false, measured: 12_345 };
  return {
    version: 1,
    ended: 'complete',
    startedAt: '2026-03-01T12:00:00.000Z',
    unexpected: 0,
    scenario: {
      url: 'ws://127.0.0.1:8080/echo',
      mode: 'echo',
      connections,
      connectsPerSecond: 500,
      durationMs: seconds * 900,
      messagesPerSecond: 2,
      messageBytes: 64,
      sizes: [],
      kind: 'text',
      compress: false,
      publishers: 1,
    },
    generator: {
      processes: 2,
      sources: ['127.0.0.1', '127.0.0.2'],
      cpuShareMax: 0.91,
      loopDelayMaxMs: 14.2,
      sendLag: madeLatency(9_000_000, 110),
      limits: ['a process of the load took 91 % of a core'],
    },
    connections: {
      opened: 2 * connections,
      compressed: 0,
      failed: 431,
      dropped: connections,
      failures: { 'upgrade: status 503': 420, 'tcp: ECONNREFUSED': 11 },
      drops: { 'close code 1012': connections },
      connect: madeLatency(2 * connections, 1900),
    },
    messages: {
      intended: 9_000_000,
      sent: 8_999_900,
      sentBytes: 575_993_600,
      unsent: 100,
      expected: 8_999_900,
      received: 8_987_555,
      receivedBytes: 575_203_520,
      lost: 12_345,
      reach: 0.998628,
      receivedPerSecond: 9986.2,
      latency: madeLatency(8_987_555, 412),
      response: madeLatency(8_987_555, 380),
      distribution: [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999, 1].map(
        (share, index) => ({
          share,
          us: Math.round(240 * 1.62 ** index),
        }),
      ),
    },
    loadMs: seconds * 900,
    processes: [
      {
        pid: 4711,
        cpuMs: 182_340,
        cpuUsPerMessage: 20.3,
        memoryBytesBefore: 61_200_000,
        memoryBytesOpen: 104_800_000,
        memoryBytesPerConnection: 8720,
      },
      {
        pid: 4712,
        cpuMs: null,
        cpuUsPerMessage: null,
        memoryBytesBefore: 58_000_000,
        memoryBytesOpen: null,
        memoryBytesPerConnection: null,
      },
    ],
    thresholds: [kept, missed, { text: 'max < 20ms', held: false, measured: 78_400 }],
    series,
    phases: [
      { name: 'connect', from: 0, to: 0.1, latency: null },
      { name: 'steady', from: 0.1, to: 0.6, latency: madeLatency(5_000_000, 402) },
      { name: 'storm', from: 0.6, to: 0.75, latency: madeLatency(900_000, 900) },
      { name: 'calm after it', from: 0.75, to: 1, latency: madeLatency(2_000_000, 405) },
    ].map(({ name, from, to, latency }) => ({
      name,
      startMs: second(from),
      endMs: second(to),
      latency,
      sent: latency?.count ?? 0,
      received: latency?.count ?? 0,
      lost: 0,
      open: connections,
      thresholds: name === 'storm' ? [missed] : name === 'steady' ? [kept] : [],
    })),
    storms: [madeStorm(stormAt * 1000, connections, back * 1000)],
    search: null,
  };
}

export function madeSearch(seconds: number): BenchReport {
  const steps = [
    { value: 1000, kept: true, measured: 812 },
    { value: 2000, kept: true, measured: 1430 },
    { value: 4000, kept: false, measured: 71_200 },
    { value: 3000, kept: true, measured: 31_000 },
  ].map(({ value, kept, measured }) => ({
    value,
    kept,
    thresholds: [{ text: 'p99 < 50ms', held: kept, measured }],
    generatorLimits: value === 4000 ? ['a process of the load took 97 % of a core'] : [],
  }));
  const search = { of: 'connections', best: 3000, limitedByGenerator: true, steps } as const;
  return { ...madeReport(seconds), storms: [], search };
}

/** Text that a server, a scenario or a user may have written, wherever a report has text. */
export function hostileReport(text: string): BenchReport {
  const report = madeReport(12, 10);
  const verdict = { text, held: false, measured: null };
  return {
    ...report,
    scenario: { ...report.scenario, url: text },
    generator: { ...report.generator, sources: [text], limits: [text] },
    connections: { ...report.connections, failures: { [text]: 1 }, drops: { [text]: 2 } },
    thresholds: [verdict],
    phases: report.phases.map((phase) => ({ ...phase, name: text, thresholds: [verdict] })),
    storms: report.storms.map((storm) => ({
      ...storm,
      phase: text,
      command: { line: text, exitCode: null },
      refused: { [text]: 3 },
    })),
    search: {
      of: 'rate',
      best: null,
      limitedByGenerator: false,
      steps: [{ value: 1, kept: false, thresholds: [verdict], generatorLimits: [text] }],
    },
  };
}

function madeLatency(count: number, p50: number): LatencyReport {
  const at = (factor: number) => Math.round(p50 * factor);
  return {
    count,
    min: at(0.4),
    mean: at(1.15),
    p50,
    p90: at(1.9),
    p99: at(3.4),
    p999: at(9),
    max: at(190),
  };
}

/** Four looks a second, as clients come back after waits that double. */
function madeStorm(atMs: number, clients: number, recoveredMs: number): StormReport {
  const next = chance(clients);
  const rows = Math.ceil(recoveredMs / 250) + 4;
  const curve = Array.from({ length: rows }, (_, index): StormRow => {
    const share = Math.min(1, ((index + 1) * 250) / recoveredMs);
    const returned = Math.round((clients / rows) * (0.8 + 0.4 * next()));
    const refused = Math.round(returned * (1 - share) * next());
    return {
      atMs: (index + 1) * 250,
      open: Math.round(clients * share ** 0.7),
      attempts: returned + refused,
      returned,
      refused,
    };
  });
  return {
    phase: 'storm',
    atMs,
    command: { line: 'nginx -s reload', exitCode: 0 },
    curve,
    backoff: { firstMs: 100, maxMs: 5000, jitter: 0.5 },
    openBefore: clients,
    dropped: clients,
    attempts: clients + 431,
    returned: clients,
    refused: { 'upgrade: status 503': 431 },
    recoveredMs,
    away: madeLatency(clients, recoveredMs * 400),
  };
}
