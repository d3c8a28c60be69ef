/**
 * The screen that a load shows while it runs: what there is to see of the last second, and of the seconds before it.
 */

import { printable } from '../../base/printable.ts';
import { clockText, countText, durationText, rateText } from '../../base/quantity.ts';
import type { BenchProgress } from '../../bench/bench.ts';
import type { SeriesRow } from '../../bench/run/report.ts';
import type { BenchScenario } from '../../bench/scenario/scenario.ts';
import { type Ink, paint, type TextPage } from '../../report/paint.ts';
import { largestValue, sparkline } from '../../report/sparkline.ts';

export interface ScreenState {
  readonly scenario: Pick<BenchScenario, 'url' | 'mode' | 'connections'>;
  readonly progress: BenchProgress;
  /** The rows so far, the last one included; more than a terminal is wide are of no use. */
  readonly rows: readonly SeriesRow[];
  /** Null where nobody can know. */
  readonly leftMs: number | null;
  readonly stopping: boolean;
}

interface Cell {
  readonly text: string;
  readonly ink?: Ink;
}

const phases: Readonly<Record<BenchProgress['phase'], string>> = {
  connecting: 'connecting',
  loading: 'loading',
  waiting: 'waiting for answers',
  closing: 'closing connections',
};

/** `page.width` columns may be used; every line keeps to them. */
export function screenLines(page: TextPage, { scenario, progress, rows, leftMs, stopping }: ScreenState): string[] {
  const { row, phase, part, step, failed, dropped } = progress;
  const sends = scenario.mode !== 'hold';
  const orDash = (us: number | null) => (us === null ? '–' : durationText(us));
  const left = leftMs === null ? '' : `, ${clockText(leftMs)} left`;
  const title = `${printable(scenario.url)}  ${scenario.mode}, ${countText(scenario.connections)} connections`;
  return [
    paint(page, 'faint', cut(title, page.width)),
    line(
      page,
      [
        { text: phases[phase], ink: 'bold' },
        { text: `${clockText(row.atMs)}${left}` },
        ...(part === null ? [] : [{ text: `phase ${printable(part.name)}` }]),
        ...(step === undefined ? [] : [{ text: printable(step) }]),
      ],
      'loose',
    ),
    line(page, [
      { text: `open ${countText(row.open)}` },
      { text: `failed ${countText(failed)}`, ...(failed > 0 ? { ink: 'bad' } : {}) },
      { text: `dropped ${countText(dropped)}`, ...(dropped > 0 ? { ink: 'bad' } : {}) },
    ]),
    ...(sends
      ? [
          line(page, [{ text: `sent ${rateText(row.sent)}/s` }, { text: `received ${rateText(row.received)}/s` }]),
          line(page, [
            { text: `p50 ${orDash(row.p50)}` },
            { text: `p99 ${orDash(row.p99)}` },
            { text: `max ${orDash(row.max)}` },
          ]),
          curve(
            page,
            'p99',
            rows.map(({ p99 }) => p99),
            durationText,
          ),
        ]
      : []),
    curve(
      page,
      'open',
      rows.map(({ open }) => open),
      countText,
    ),
    ...(stopping ? [cut('stopping; Ctrl-C again ends it at once', page.width)] : []),
  ];
}

/** Wide enough that numbers do not push what stands beside them about. */
const cellsWidthMax = 72;

/** Cells of equal width where they fit; otherwise one after the other, as many as fit. */
function line(page: TextPage, cells: readonly Cell[], kind: 'even' | 'loose' = 'even'): string {
  const each = Math.floor(Math.min(cellsWidthMax, page.width) / Math.max(3, cells.length));
  const even = kind === 'even' && cells.every(({ text }) => text.length < each);
  let used = 0;
  let out = '';
  for (const { text, ink } of cells) {
    const gap = used === 0 ? '' : even ? ' '.repeat(each - (used % each)) : '  ';
    if (used > 0 && used + gap.length + text.length > page.width) break;
    const shown = cut(text, page.width);
    out += gap + (ink === undefined ? shown : paint(page, ink, shown));
    used += gap.length + shown.length;
  }
  return out;
}

const curveLabelWidth = 18;

/** `p99 to 8.20 ms  ▁▂▁▅█`: its top is the largest value that is shown. */
function curve(
  page: TextPage,
  name: string,
  values: readonly (number | null)[],
  text: (value: number) => string,
): string {
  const width = Math.max(1, page.width - curveLabelWidth);
  const label = `${name} to ${text(largestValue(values.slice(-width)))}`;
  return `${cut(label, curveLabelWidth - 1).padEnd(curveLabelWidth)}${paint(page, 'faint', sparkline(values, width).trimEnd())}`.trimEnd();
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}
