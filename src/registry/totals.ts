import type { CloseCause } from '../base/close-cause.ts';

/**
 * What a worker has counted since it started: plain numbers that can be sent between processes and added up.
 * Each number only ever grows, but for the gauges, which say so.
 */
export interface Totals {
  readonly routes: Record<string, RouteTotals>;
  /** Gauge: open connections by server URL. */
  readonly openByServer: Record<string, number>;
}

export interface RouteTotals {
  /** Gauge. */
  open: number;
  /** Gauge: bytes read and waiting for a slow reader. */
  bufferedBytes: number;
  clientBytes: number;
  clientMessages: number;
  serverBytes: number;
  serverMessages: number;
  readonly handshakes: Partial<Record<HandshakeOutcome, number>>;
  readonly closes: Partial<Record<CloseCause, number>>;
  readonly handshakeSeconds: Histogram;
  readonly lifetimeSeconds: Histogram;
}

/** How a handshake ended: one closed union for the log, the metrics and the tests. */
export const handshakeOutcomes = [
  'upgraded',
  'no-route',
  'bad-handshake',
  'wrong-version',
  'other-protocol',
  'origin-refused',
  'gate-closed',
  'connection-limit',
  'address-limit',
  'rate-limit',
  'overload',
  'authorize-refused',
  'authorize-failed',
  'hook-refused',
  'hook-failed',
  'server-refused',
  'server-unreachable',
  'server-nonsense',
  'timeout',
  'client-left',
] as const;

export type HandshakeOutcome = (typeof handshakeOutcomes)[number];

/** Counts by upper bound, Prometheus style but not cumulative; `counts` has one more entry for what is above all bounds. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum: number;
}

/** Seconds; from a fast loopback handshake to the default handshake timeout. */
export const handshakeBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Seconds; the idle timeouts that proxies and clouds are known for (30, 60, 100, 350) each have an edge of their own. */
export const lifetimeBounds = [1, 5, 15, 30, 61, 101, 351, 900, 3600, 14_400, 86_400] as const;

export function newHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
}

export function observe(histogram: Histogram, value: number): void {
  let index = 0;
  while (index < histogram.bounds.length && value > histogram.bounds[index]!) index++;
  histogram.counts[index]! += 1;
  histogram.sum += value;
}

export function newRouteTotals(): RouteTotals {
  return {
    open: 0,
    bufferedBytes: 0,
    clientBytes: 0,
    clientMessages: 0,
    serverBytes: 0,
    serverMessages: 0,
    handshakes: {},
    closes: {},
    handshakeSeconds: newHistogram(handshakeBounds),
    lifetimeSeconds: newHistogram(lifetimeBounds),
  };
}
