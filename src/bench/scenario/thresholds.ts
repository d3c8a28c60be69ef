/** Thresholds: `p99 < 50ms`, `lost = 0`, `reach = 1`. Reading them, and holding a run against them. */
import { nearest } from '../../base/nearest.ts';
import type { BenchMode } from './mode.ts';

const comparisons = {
  '<': (measured: number, wanted: number) => measured < wanted,
  '<=': (measured: number, wanted: number) => measured <= wanted,
  '=': (measured: number, wanted: number) => measured === wanted,
  '>=': (measured: number, wanted: number) => measured >= wanted,
  '>': (measured: number, wanted: number) => measured > wanted,
} as const;
type Comparison = keyof typeof comparisons;

type MetricUnit = 'duration' | 'count' | 'share' | 'rate';

interface MetricFacts {
  readonly unit: MetricUnit;
  /** `messages`: only where messages are sent. `storms`: only where connections are lost together. */
  readonly when: 'messages' | 'storms' | 'always';
  readonly means: string;
}

/** Everything that a threshold may ask for. Durations are measured in microseconds. */
export const metrics = {
  p50: { unit: 'duration', when: 'messages', means: 'half of the messages took no longer, from when they were due' },
  p90: { unit: 'duration', when: 'messages', means: '90 % of the messages took no longer' },
  p99: { unit: 'duration', when: 'messages', means: '99 % of the messages took no longer' },
  p999: { unit: 'duration', when: 'messages', means: '99.9 % of the messages took no longer' },
  max: { unit: 'duration', when: 'messages', means: 'the longest latency' },
  mean: { unit: 'duration', when: 'messages', means: 'the mean latency' },
  'connect-p50': { unit: 'duration', when: 'always', means: 'half of the handshakes took no longer' },
  'connect-p99': { unit: 'duration', when: 'always', means: '99 % of the handshakes took no longer' },
  'connect-max': { unit: 'duration', when: 'always', means: 'the longest handshake' },
  lost: { unit: 'count', when: 'messages', means: 'messages that were sent and did not arrive' },
  unsent: { unit: 'count', when: 'messages', means: 'messages that were due and could not be sent' },
  unexpected: { unit: 'count', when: 'always', means: 'messages that nobody of the run had sent, or that came twice' },
  reach: { unit: 'share', when: 'messages', means: 'messages received, divided by those expected' },
  rate: { unit: 'rate', when: 'messages', means: 'messages received per second' },
  opened: { unit: 'count', when: 'always', means: 'connections that were opened, once more included' },
  failed: { unit: 'count', when: 'always', means: 'connections that could not be opened, storms apart' },
  dropped: { unit: 'count', when: 'always', means: 'connections that ended before the run did, storms apart' },
  recovered: { unit: 'duration', when: 'storms', means: 'until as many were open again as before the storm' },
  refused: { unit: 'count', when: 'storms', means: 'attempts to come back in a storm that failed' },
  'away-p50': { unit: 'duration', when: 'storms', means: 'half of the clients were back after no longer than this' },
  'away-p99': { unit: 'duration', when: 'storms', means: '99 % of them were' },
  'away-max': {
    unit: 'duration',
    when: 'storms',
    means: 'the longest time that a client was away, of those that came back',
  },
} as const satisfies Record<string, MetricFacts>;

export type Metric = keyof typeof metrics;

export interface Threshold {
  /** As it was written. */
  readonly text: string;
  readonly metric: Metric;
  readonly comparison: Comparison;
  /** Microseconds for durations. */
  readonly wanted: number;
}

export interface ThresholdVerdict {
  readonly text: string;
  readonly held: boolean;
  /** In the metric's unit, microseconds for durations; null when nothing was measured, which holds nothing. */
  readonly measured: number | null;
}

type ThresholdReading =
  | { readonly ok: true; readonly threshold: Threshold }
  | { readonly ok: false; readonly problem: string; readonly help: string };

export function readThreshold(
  text: string,
  of: { readonly mode: BenchMode; readonly storms: boolean },
): ThresholdReading {
  const shown = JSON.stringify(text.slice(0, 100));
  const match = /^\s*([A-Za-z][\w.-]*)\s*(<=|>=|==|=<|=>|[<=>])\s*(\S.*?)\s*$/.exec(text.slice(0, 200));
  if (match === null)
    return {
      ok: false,
      problem: `${shown} is not a threshold`,
      help: 'write a metric, a comparison and a value: "p99 < 50ms", "lost = 0" or "reach = 1"',
    };
  const [, name = '', sign = '', value = ''] = match;
  const metric = name.toLowerCase();
  if (!isMetric(metric)) return unknownMetric(shown, name);
  const comparison = sign === '==' ? '=' : sign;
  if (!isComparison(comparison)) {
    const meant = sign === '=<' ? '<=' : '>=';
    return { ok: false, problem: `${shown}: "${sign}" is not a comparison`, help: `did you mean ${meant}?` };
  }
  const { when }: MetricFacts = metrics[metric];
  if (when === 'storms' && !of.storms)
    return {
      ok: false,
      problem: `${shown}: there is no storm, so there is no ${metric}`,
      help: 'take the threshold out, or ask for a storm',
    };
  if (of.mode === 'hold' && when === 'messages')
    return {
      ok: false,
      problem: `${shown}: mode hold sends no messages, so there is no ${metric}`,
      help: 'take the threshold out, or choose the mode echo or fanout',
    };
  const wanted = readWanted(value, metrics[metric].unit);
  if (wanted === null)
    return {
      ok: false,
      problem: `${shown}: "${value}" is not ${unitHelp[metrics[metric].unit].is}`,
      help: unitHelp[metrics[metric].unit].write,
    };
  return { ok: true, threshold: { text: text.trim(), metric, comparison, wanted } };
}

export function judgeThresholds(
  thresholds: readonly Threshold[],
  measured: Readonly<Record<Metric, number | null>>,
): readonly ThresholdVerdict[] {
  return thresholds.map(({ text, metric, comparison, wanted }) => {
    const value = measured[metric];
    return { text, held: value !== null && comparisons[comparison](value, wanted), measured: value };
  });
}

const unitHelp: Readonly<Record<MetricUnit, { is: string; write: string }>> = {
  duration: { is: 'a duration with its unit', write: 'write 500us, 1.5ms, 50ms or 2s' },
  count: { is: 'a whole number', write: 'write a number such as 0 or 1000' },
  share: { is: 'a share from 0 to 1', write: 'write 1, 0.999 or 99.9%' },
  rate: { is: 'a rate', write: 'write 1000 or 1000/s' },
};

const microsecondsPerUnit = { us: 1, µs: 1, ms: 1000, s: 1_000_000 } as const;

function readWanted(text: string, unit: MetricUnit): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(us|µs|ms|s|%|\/s)?$/.exec(text);
  if (match === null) return null;
  const number = Number(match[1]);
  const suffix = match[2] ?? '';
  switch (unit) {
    case 'duration':
      return suffix in microsecondsPerUnit
        ? number * microsecondsPerUnit[suffix as keyof typeof microsecondsPerUnit]
        : null;
    case 'count':
      return suffix === '' && Number.isInteger(number) ? number : null;
    case 'share': {
      // Rounded, because 99.9 / 100 is a little more than 0.999 in binary, and a share of 0.999 would miss it.
      const share = suffix === '%' ? Number((number / 100).toPrecision(12)) : number;
      return (suffix === '' || suffix === '%') && share <= 1 ? share : null;
    }
    case 'rate':
      return suffix === '' || suffix === '/s' ? number : null;
  }
}

function unknownMetric(shown: string, name: string): ThresholdReading {
  const meant = nearest(name, Object.keys(metrics));
  return {
    ok: false,
    problem: `${shown}: nothing is measured under the name "${name}"`,
    help: meant === undefined ? `known are ${Object.keys(metrics).join(', ')}` : `did you mean ${meant}?`,
  };
}

function isMetric(name: string): name is Metric {
  return Object.hasOwn(metrics, name);
}

function isComparison(sign: string): sign is Comparison {
  return Object.hasOwn(comparisons, sign);
}
