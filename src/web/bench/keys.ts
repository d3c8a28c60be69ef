/** The keys of a chart: arrows move the cursor, + and - zoom, 0 shows everything. */
import type uPlot from 'uplot';

export interface KeyTarget {
  chart(): uPlot;
  /** The charts that show the same cursor and zoom, itself among them. */
  together(): readonly uPlot[];
  readonly zooms: boolean;
  readonly whole: readonly [number, number];
}

/** Each press of + halves what is shown. */
const zoomStep = 2;
/** With Shift, arrows go this share of what is shown. */
const stride = 0.1;

export function listenToKeys(place: HTMLElement, target: KeyTarget): void {
  const actions: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowLeft: (event) => moveCursor(target, event.shiftKey ? 'strideBack' : 'back'),
    ArrowRight: (event) => moveCursor(target, event.shiftKey ? 'strideOn' : 'on'),
    Home: () => moveCursor(target, 'first'),
    End: () => moveCursor(target, 'last'),
    '+': () => zoom(target, 1 / zoomStep),
    '=': () => zoom(target, 1 / zoomStep),
    '-': () => zoom(target, zoomStep),
    0: () => show(target, target.whole),
  };
  place.addEventListener('keydown', (event) => {
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action(event);
  });
  // The values below the chart are read out while keys move the cursor, not while a mouse does.
  place.addEventListener('focus', () => legendOf(place)?.setAttribute('aria-live', 'polite'));
  place.addEventListener('blur', () => legendOf(place)?.removeAttribute('aria-live'));
}

const moves = {
  back: (at: number) => at - 1,
  on: (at: number) => at + 1,
  strideBack: (at: number, first: number, last: number) => at - Math.ceil((last - first) * stride),
  strideOn: (at: number, first: number, last: number) => at + Math.ceil((last - first) * stride),
  first: (_: number, first: number) => first,
  last: (_: number, __: number, last: number) => last,
} as const;

function moveCursor(target: KeyTarget, move: keyof typeof moves): void {
  const chart = target.chart();
  const xs = chart.data[0];
  const [first, last] = chart.series[0]?.idxs ?? [0, xs.length - 1];
  const before = chart.cursor.idx;
  const wanted = before == null && move !== 'last' ? first : moves[move](before ?? first, first, last);
  const index = Math.max(first, Math.min(last, wanted));
  for (const each of target.together())
    each.setCursor({ left: each.valToPos(xs[index] ?? 0, 'x'), top: each.over.clientHeight / 2 });
}

function zoom(target: KeyTarget, factor: number): void {
  const chart = target.chart();
  const { min, max } = chart.scales.x ?? {};
  if (min == null || max == null) return;
  const [from, to] = target.whole;
  const at = chart.cursor.idx == null ? (min + max) / 2 : (chart.data[0][chart.cursor.idx] ?? min);
  show(target, [Math.max(from, at - (at - min) * factor), Math.min(to, at + (max - at) * factor)]);
}

function show(target: KeyTarget, [min, max]: readonly [number, number]): void {
  if (target.zooms && max > min) for (const chart of target.together()) chart.setScale('x', { min, max });
}

function legendOf(place: HTMLElement): Element | null {
  return place.querySelector('.u-legend');
}
