/** One chart in its figure: uPlot with the page's colours, drawn again when the theme or the scale changes. */
import type Chart from 'uplot';
import { type Column, isolated } from './columns.ts';
import { listenToKeys } from './keys.ts';
import { readTheme, type SeriesColour, type Theme } from './theme.ts';

/** The script of the installed package, which stands in the page before this one. */
declare const uPlot: typeof Chart;

export interface Line {
  readonly label: string;
  readonly colour: SeriesColour;
  /** CSS pixels. */
  readonly width: number;
  readonly values: Column;
}

export interface FigurePlan {
  /** Of the figure element. */
  readonly id: string;
  readonly x: readonly number[];
  readonly lines: readonly Line[];
  readonly xText: (x: number) => string;
  readonly yText: (y: number) => string;
  /** For the axis; as yText where it is not given. */
  readonly yTick?: (y: number) => string;
  readonly xAxis: (theme: Theme) => Partial<Chart.Axis>;
  readonly xRange: readonly [number, number];
  /** Figures with the same name show the cursor and the zoom of each other; null: it stands alone, and whole. */
  readonly group: string | null;
  readonly height: number;
  /** Drawn below the lines, and above them. */
  readonly under?: (chart: Chart, theme: Theme) => void;
  readonly over?: (chart: Chart, theme: Theme) => void;
}

const font = '12px system-ui, sans-serif';
/** Room above the plot for the names of phases and storms. */
const stripHeight = 20;
/** Marks closer than this would touch. */
const tickGap = { x: 72, y: 32 };
const dragPxMin = 5;

/** Returns what draws it anew. A page without that figure is not one that has its data. */
export function mount(plan: FigurePlan): () => void {
  const figure = document.getElementById(plan.id);
  const place = figure?.querySelector<HTMLElement>('.plot');
  if (figure == null || place == null) return () => undefined;
  const logarithmic = figure.querySelector<HTMLInputElement>('input[name=log]');
  let chart: Chart | null = null;
  let shown: { min: number; max: number } | null = null;
  const draw = () => {
    const x = chart?.scales.x;
    if (x?.min != null && x.max != null) shown = { min: x.min, max: x.max };
    chart?.destroy();
    const options = { ...optionsOf(plan, readTheme(), logarithmic?.checked === true), width: place.clientWidth };
    chart = new uPlot(options, [plan.x as number[], ...plan.lines.map((line) => line.values)], place);
    if (shown !== null) chart.setScale('x', shown);
    makeTogglesReachable(chart);
  };
  draw();
  logarithmic?.addEventListener('change', draw);
  new ResizeObserver(() => {
    if (chart !== null && chart.width !== place.clientWidth)
      chart.setSize({ width: place.clientWidth, height: plan.height });
  }).observe(place);
  listenToKeys(place, {
    chart: () => chart!,
    together: () => (plan.group === null ? [chart!] : uPlot.sync(plan.group).plots),
    zooms: plan.group !== null,
    whole: plan.xRange,
  });
  return draw;
}

function optionsOf(plan: FigurePlan, theme: Theme, logarithmic: boolean): Omit<Chart.Options, 'width'> {
  const axis = {
    stroke: theme.faint,
    font,
    ticks: { stroke: theme.grid, width: 1, size: 5 },
    grid: { stroke: theme.grid, width: 1 },
  };
  const [from, to] = plan.xRange;
  return {
    height: plan.height,
    padding: [stripHeight, 14, 0, 0],
    scales: {
      x: {
        time: false,
        range: (_, min, max) => (min === plan.x[0] && max === plan.x.at(-1) ? [from, to] : [min, max]),
      },
      y: logarithmic
        ? { distr: 3, range: (_, min, max) => uPlot.rangeLog(min ?? 1, max ?? 10, 10, true) }
        : { range: (_, _min, max) => uPlot.rangeNum(0, Math.max(max ?? 1, 1e-9), 0.08, true) },
    },
    axes: [
      { ...axis, space: tickGap.x, size: 34, ...plan.xAxis(theme) },
      {
        ...axis,
        space: tickGap.y,
        size: 68,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : (plan.yTick ?? plan.yText)(tick))),
        ...(logarithmic ? { grid: { ...axis.grid, filter: powersOfTen } } : {}),
      },
    ],
    series: [
      { label: '', value: (_, x) => (x == null ? '' : plan.xText(x)) },
      ...plan.lines.map(({ label, colour, width, values }) => ({
        label,
        width,
        stroke: theme.series[colour],
        value: (_: Chart, y: number | null) => (y == null ? '' : plan.yText(y)),
        points: {
          size: 5,
          fill: theme.series[colour],
          filter: (chart: Chart, index: number, all: boolean) => {
            const [first, last] = chart.series[index]?.idxs ?? [0, -1];
            return all ? null : isolated(values, first, last);
          },
        },
      })),
    ],
    cursor: {
      y: false,
      drag: { x: plan.group !== null, y: false, dist: dragPxMin },
      points: { size: 7, width: 1.5 },
      ...(plan.group === null ? {} : { sync: { key: plan.group, setSeries: true } }),
    },
    legend: { markers: { width: 0, fill: (_, index) => theme.series[plan.lines[index - 1]?.colour ?? 'grey'] } },
    hooks: {
      drawClear: [(chart) => plan.under?.(chart, theme)],
      draw: [(chart) => plan.over?.(chart, theme)],
    },
  };
}

/** Lines between the powers would be more ink than the data. */
function powersOfTen(_: Chart, ticks: number[]): (number | null)[] {
  return ticks.map((tick) => (Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6) ? tick : null));
}

/** uPlot's legend switches lines with the mouse alone. */
function makeTogglesReachable(chart: Chart): void {
  for (const [index, row] of [...chart.root.querySelectorAll<HTMLElement>('.u-series')].entries()) {
    const title = row.querySelector<HTMLElement>('th');
    if (index === 0 || title === null) continue;
    const say = () => title.setAttribute('aria-pressed', String(chart.series[index]?.show !== false));
    title.setAttribute('role', 'button');
    title.tabIndex = 0;
    title.addEventListener('click', say);
    title.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      event.stopPropagation();
      chart.setSeries(index, { show: chart.series[index]?.show === false });
      say();
    });
    say();
  }
}
