import type { Second, SecondField } from '../../registry/history/seconds.ts';
import type { Snapshot } from '../../registry/live.ts';
import { element } from './dom.ts';
import { bytes, count } from './shown.ts';

/** uPlot as its own script puts it there; only what is used of it. */
declare const uPlot: new (
  options: object,
  data: readonly (readonly number[])[],
  target: HTMLElement,
) => {
  setData(data: readonly (readonly number[])[]): void;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
};

interface Figure {
  readonly title: string;
  readonly lines: readonly (readonly [field: SecondField, label: string, colour: string])[];
  readonly shown: (value: number) => string;
}

/** Colours by name in style/frame.css, where dark and light have their own. */
const figures: readonly Figure[] = [
  { title: 'Connections', lines: [['connections', 'open', '--line-1']], shown: count },
  {
    title: 'Handshakes and ends, per second',
    lines: [
      ['upgraded', 'opened', '--line-1'],
      ['closed', 'ended', '--line-2'],
      ['refused', 'refused', '--line-3'],
    ],
    shown: count,
  },
  {
    title: 'Messages per second',
    lines: [
      ['clientMessages', 'from clients', '--line-1'],
      ['serverMessages', 'from servers', '--line-2'],
    ],
    shown: count,
  },
  {
    title: 'Bytes per second',
    lines: [
      ['clientBytes', 'from clients', '--line-1'],
      ['serverBytes', 'from servers', '--line-2'],
    ],
    shown: bytes,
  },
];

/** The seconds of an hour. */
const secondsMax = 3600;
const height = 130;

export interface Charts {
  readonly root: HTMLElement;
  begin(seconds: Snapshot['seconds']): void;
  add(atMs: number, second: Second): void;
  close(): void;
}

export function charts(): Charts {
  const root = element('section', { class: 'charts', 'aria-label': 'The last hour' });
  const times: number[] = [];
  const columns = {} as Record<SecondField, number[]>;
  const boxes = figures.map((figure) => {
    const holder = element('div', { class: 'chart' });
    root.append(element('figure', {}, element('figcaption', {}, figure.title, legend(figure)), holder));
    return { figure, holder, plot: null as null | InstanceType<typeof uPlot> };
  });

  function draw(): void {
    for (const box of boxes) {
      const data = [times, ...box.figure.lines.map(([field]) => columns[field] ?? [])];
      const width = box.holder.clientWidth;
      if (width === 0) continue;
      if (box.plot === null) box.plot = new uPlot(optionsOf(box.figure, width), data, box.holder);
      else box.plot.setData(data);
    }
  }

  const resized = new ResizeObserver(() => {
    for (const { plot, holder } of boxes) plot?.setSize({ width: holder.clientWidth, height });
  });
  resized.observe(root);
  // Colours are read when a chart is made; another scheme makes it anew.
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const remake = () => {
    for (const box of boxes) {
      box.plot?.destroy();
      box.plot = null;
    }
    draw();
  };
  scheme.addEventListener('change', remake);

  return {
    root,
    begin({ atMs, ...rest }) {
      times.splice(0, times.length, ...atMs.map((at) => at / 1000));
      for (const [field, values] of Object.entries(rest)) columns[field as SecondField] = [...values];
      draw();
    },
    add(atMs, second) {
      times.push(atMs / 1000);
      if (times.length > secondsMax) times.shift();
      for (const [field, value] of Object.entries(second)) {
        const column = columns[field as SecondField];
        column?.push(value);
        if (column !== undefined && column.length > secondsMax) column.shift();
      }
      // A chart that nobody sees is not drawn.
      if (root.isConnected && document.visibilityState === 'visible') draw();
    },
    close() {
      resized.disconnect();
      scheme.removeEventListener('change', remake);
      for (const { plot } of boxes) plot?.destroy();
    },
  };
}

function legend({ lines }: Figure): HTMLElement {
  return element(
    'span',
    { class: 'legend' },
    ...lines.map(([, label], at) => element('span', { class: `key key-${at + 1}` }, label)),
  );
}

function optionsOf({ lines, shown }: Figure, width: number): object {
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const axis = {
    stroke: colour('--faint'),
    grid: { stroke: colour('--rule') },
    ticks: { show: false },
    font: '11px system-ui',
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false },
    scales: { y: { range: (_: unknown, __: number, top: number) => [0, Math.max(1, top * 1.05)] } },
    series: [
      {},
      ...lines.map(([, label, name]) => ({ label, stroke: colour(name), width: 1.5, points: { show: false } })),
    ],
    axes: [axis, { ...axis, size: 60, values: (_: unknown, ticks: number[]) => ticks.map(shown) }],
  };
}
