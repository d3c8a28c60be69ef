/** The charts with an axis of their own: the percentile curve, and how clients came back after each storm. */
import { countText, durationText, durationTick } from '../../base/quantity.ts';
import { stormColumns } from './columns.ts';
import type { FigurePlan } from './figure.ts';
import { ninesText, ninesTicks, percentileColumns } from './nines.ts';
import type { PageReport, PageStorm, ThresholdMark } from './page-data.ts';
import { drawPercentileMarks } from './percentile-marks.ts';
import { perSecondText, timeAxis } from './time-figures.ts';

export function percentileFigure(report: PageReport, marks: readonly ThresholdMark[]): FigurePlan | null {
  const { messages } = report;
  if (messages === null || messages.distribution.length === 0) return null;
  const [x, values] = percentileColumns(messages.distribution, messages.latency.count);
  const last = x.at(-1) ?? 1;
  return {
    id: 'percentiles',
    x,
    group: null,
    height: 320,
    yText: durationText,
    yTick: durationTick,
    lines: [{ label: 'latency', colour: 'blue', width: 1.75, values: values.map((us) => Math.max(1, us)) }],
    xText: (nines) => (nines === last ? 'the longest' : `${preciseText(nines)} took no longer than`),
    xRange: [0, Math.max(1, last)],
    xAxis: () => ({
      splits: (chart) => ninesTicks(chart.scales.x?.max ?? 1, chart.width),
      values: (_, ticks) => ticks.map(ninesText),
    }),
    over: (chart, theme) => drawPercentileMarks(chart, theme, marks),
  };
}

export function stormFigures(storm: PageStorm, number: number): FigurePlan[] {
  const { seconds, open, attempts, refused } = stormColumns(storm);
  const base = {
    x: seconds,
    group: `storm-${number}`,
    xAxis: () => timeAxis,
    xText: (at: number) => `${at.toFixed(1)} s after`,
    xRange: [0, Math.max(0.1, seconds.at(-1) ?? 1)] as const,
  };
  return [
    {
      ...base,
      id: `storm-${number}-open`,
      height: 220,
      yText: countText,
      lines: [{ label: 'open', colour: 'blue', width: 1.75, values: open }],
    },
    {
      ...base,
      id: `storm-${number}-attempts`,
      height: 220,
      yText: perSecondText,
      lines: [
        { label: 'attempts', colour: 'grey', width: 1.5, values: attempts },
        { label: 'refused', colour: 'red', width: 1.5, values: refused },
      ],
    },
  ];
}

/** `97.3 %`, `99.95 %`: two digits more than the nines before it. */
function preciseText(nines: number): string {
  const percent = 100 - 100 * 10 ** -nines;
  return `${percent.toFixed(Math.max(1, Math.floor(nines)))} %`;
}
