import type { CloseCause } from '../base/close-cause.ts';
import type { HandshakeOutcome } from '../base/handshake-outcome.ts';
import type { MoveOutcome } from '../base/move.ts';
import { emptyRecord } from '../base/record.ts';

export { type HandshakeOutcome, handshakeOutcomes } from '../base/handshake-outcome.ts';

/**
 * What a worker has counted since it started: plain numbers that can be sent between processes and added up.
 * Each number only ever grows, but for the gauges, which say so.
 */
export interface Totals {
  readonly routes: Record<string, RouteTotals>;
  /** Gauge: open connections by server URL. */
  readonly openByServer: Record<string, number>;
  /** Faults of the edge’s own, by what they ended: `socket` or `worker`. */
  readonly faults: Record<string, number>;
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
  readonly moves: Partial<Record<MoveOutcome, number>>;
  readonly handshakeSeconds: BucketCounts;
  readonly lifetimeSeconds: BucketCounts;
}

/**
 * Counts by upper bound, Prometheus style but not cumulative; `counts` has one more entry for what is above all bounds.
 */
export interface BucketCounts {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum: number;
}

/** Seconds; from a fast loopback handshake to the default handshake timeout. */
export const handshakeBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/**
 * Seconds; the idle timeouts that proxies and clouds are known for (30, 60, 100, 350) each have an edge of their own.
 */
export const lifetimeBounds = [1, 5, 15, 30, 61, 101, 351, 900, 3600, 14_400, 86_400] as const;

export function newHistogram(bounds: readonly number[]): BucketCounts {
  return { bounds, counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
}

export function observe(histogram: BucketCounts, value: number): void {
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
    moves: {},
    handshakeSeconds: newHistogram(handshakeBounds),
    lifetimeSeconds: newHistogram(lifetimeBounds),
  };
}

export function newTotals(): Totals {
  return { routes: emptyRecord(), openByServer: emptyRecord(), faults: {} };
}

/** The sum, as a value of its own: nothing that is handed in is changed. */
export function addTotals(all: readonly Totals[]): Totals {
  const sum = newTotals();
  for (const totals of all) {
    for (const [name, route] of Object.entries(totals.routes)) addRoute(routeIn(sum, name), route);
    addCounts(sum.openByServer, totals.openByServer);
    addCounts(sum.faults, totals.faults);
  }
  return sum;
}

/**
 * What stays of a worker that is gone: its counts without its gauges. Connections that were open when it crashed
 * are counted as closed with the cause `worker-crashed`.
 */
export function retireTotals(totals: Totals, end: { readonly crashed: boolean }): Totals {
  const kept = addTotals([{ ...totals, openByServer: emptyRecord() }]);
  for (const route of Object.values(kept.routes)) {
    if (end.crashed && route.open > 0) addCounts(route.closes, { 'worker-crashed': route.open });
    route.open = 0;
    route.bufferedBytes = 0;
  }
  return kept;
}

/** Open connections over all routes. */
export function openIn(totals: Totals): number {
  return Object.values(totals.routes).reduce((sum, route) => sum + route.open, 0);
}

const summedFields = [
  'open',
  'bufferedBytes',
  'clientBytes',
  'clientMessages',
  'serverBytes',
  'serverMessages',
] as const satisfies readonly (keyof RouteTotals)[];

function routeIn(totals: Totals, name: string): RouteTotals {
  if (!Object.hasOwn(totals.routes, name)) totals.routes[name] = newRouteTotals();
  return totals.routes[name]!;
}

function addRoute(into: RouteTotals, from: RouteTotals): void {
  for (const field of summedFields) into[field] += from[field];
  addCounts(into.handshakes, from.handshakes);
  addCounts(into.closes, from.closes);
  addCounts(into.moves, from.moves);
  addHistogram(into.handshakeSeconds, from.handshakeSeconds);
  addHistogram(into.lifetimeSeconds, from.lifetimeSeconds);
}

function addCounts<Key extends string>(
  into: Partial<Record<Key, number>>,
  from: Readonly<Partial<Record<Key, number>>>,
): void {
  for (const key of Object.keys(from) as Key[]) into[key] = (into[key] ?? 0) + (from[key] ?? 0);
}

function addHistogram(into: BucketCounts, from: BucketCounts): void {
  for (const [index, count] of from.counts.entries()) into.counts[index]! += count;
  into.sum += from.sum;
}
