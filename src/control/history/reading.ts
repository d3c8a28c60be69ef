import type { Second, SecondField } from '../../registry/history/seconds.ts';

type CountField = Exclude<SecondField, 'connections' | 'bufferedBytes' | 'memoryBytes' | 'loopDelayMs'>;

/** Gauges as they are, and counts since the start, at one moment. */
export interface HistoryReading {
  readonly connections: number;
  readonly bufferedBytes: number;
  readonly memoryBytes: number;
  readonly loopDelayMs: number;
  readonly counts: Readonly<Record<CountField, number>>;
}

/** What a second was like. Rates are never negative, though a worker that died may take its last half second along. */
export function secondBetween(before: HistoryReading, after: HistoryReading, seconds: number): Second {
  const rate = (field: CountField) =>
    Math.max(0, Math.round(((after.counts[field] - before.counts[field]) / Math.max(seconds, 0.001)) * 10) / 10);
  return {
    connections: after.connections,
    upgraded: rate('upgraded'),
    refused: rate('refused'),
    closed: rate('closed'),
    clientMessages: rate('clientMessages'),
    serverMessages: rate('serverMessages'),
    clientBytes: rate('clientBytes'),
    serverBytes: rate('serverBytes'),
    bufferedBytes: after.bufferedBytes,
    memoryBytes: after.memoryBytes,
    loopDelayMs: after.loopDelayMs,
  };
}
