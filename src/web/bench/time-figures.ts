/** The charts over the time of the run: latency, connections, rates. They share cursor and zoom. */
import { clockText, countText, durationText, durationTick, rateText } from '../../base/quantity.ts';
import { drawBands, drawNames } from './bands.ts';
import { hasAny, latency, perSecond, secondsOf } from './columns.ts';
import type { FigurePlan, Line } from './figure.ts';
import type { PageReport, PageRow, ThresholdMark } from './page-data.ts';
import { drawThresholds } from './threshold-lines.ts';

/** Steps of the time axis in seconds: what a clock has. */
const clockSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

export function timeFigures(report: PageReport, marks: readonly ThresholdMark[]): FigurePlan[] {
  const { series } = report;
  const x = secondsOf(series);
  const perSecondOf = (count: (row: PageRow) => number) => perSecond(series, count);
  const base = {
    x,
    group: 'time',
    xText: (seconds: number) => `at ${clockText(seconds * 1000)}`,
    xRange: [0, Math.max(1, x.at(-1) ?? 1)] as const,
    xAxis: () => timeAxis,
    under: (chart, theme) => drawBands(chart, theme, report),
    over: (chart, theme) => drawNames(chart, theme, report),
  } satisfies Partial<FigurePlan>;
  const rates: readonly Line[] = [
    { label: 'attempts', colour: 'blue', width: 1.5, values: perSecondOf((row) => row.attempts) },
    { label: 'failed', colour: 'red', width: 1.5, values: perSecondOf((row) => row.failed) },
    { label: 'dropped', colour: 'orange', width: 1.5, values: perSecondOf((row) => row.dropped) },
  ];
  return [
    {
      ...base,
      id: 'latency',
      height: 320,
      yText: durationText,
      yTick: durationTick,
      lines: [
        { label: 'max', colour: 'grey', width: 1, values: latency(series, 'max') },
        { label: 'p99', colour: 'orange', width: 1.25, values: latency(series, 'p99') },
        { label: 'p50', colour: 'blue', width: 1.5, values: latency(series, 'p50') },
      ],
      over: (chart, theme) => {
        drawThresholds(chart, theme, marks);
        drawNames(chart, theme, report);
      },
    },
    {
      ...base,
      id: 'open',
      height: 240,
      yText: countText,
      lines: [{ label: 'open', colour: 'blue', width: 1.5, values: series.map((row) => row.open) }],
    },
    {
      ...base,
      id: 'attempts',
      height: 240,
      yText: perSecondText,
      lines: rates.filter(({ values }, index) => index === 0 || hasAny(values)),
    },
    {
      ...base,
      id: 'rates',
      height: 240,
      yText: perSecondText,
      lines: [
        { label: 'sent', colour: 'grey', width: 1.5, values: perSecondOf((row) => row.sent) },
        { label: 'received', colour: 'blue', width: 1.5, values: perSecondOf((row) => row.received) },
      ],
    },
  ];
}

/** For a time axis in seconds. */
export const timeAxis = {
  incrs: clockSteps,
  values: (_: unknown, ticks: number[]) => ticks.map((tick) => clockText(tick * 1000)),
};

export function perSecondText(value: number): string {
  return `${rateText(value)}/s`;
}
