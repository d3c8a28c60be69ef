/** A simulated day as a picture: the load as an area, the instances as steps over it. */
import { type Day, simulate } from './days.ts';

const width = 760;
const height = 300;
const plot = { left: 64, right: width - 48, top: 64, bottom: height - 40 };
const colours = { load: '#a9cbe8', loadText: '#2b6ca3', instances: '#b3441b', grid: '#e2e2e2', text: '#222222' };

export function picture(day: Day): string {
  const points = simulate(day);
  const byCpu = points.some(({ cpu }) => cpu !== null);
  const loadOf = ({ cpu, connections }: (typeof points)[number]) => (byCpu ? (cpu ?? 0) * 100 : connections);
  const loadMax = niceMax(Math.max(...points.map(loadOf)));
  const instancesMax = Math.max(...points.map(({ instances }) => instances)) + 1;
  const x = (hour: number) => round(plot.left + (hour / day.hours) * (plot.right - plot.left));
  const y = (share: number) => round(plot.bottom - share * (plot.bottom - plot.top));
  const load = points.map((point) => `${x(point.hour)},${y(loadOf(point) / loadMax)}`);
  const hours = day.hours <= 3 ? quarters(day.hours) : Array.from({ length: 7 }, (_, tick) => (tick * day.hours) / 6);
  const instances = Array.from({ length: instancesMax + 1 }, (_, count) => count);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${day.name}: ${day.rule}">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${plot.left}" y="24" font-size="16" font-weight="bold" fill="${colours.text}">${day.name}</text>
<text x="${plot.left}" y="44" fill="${colours.text}">${day.rule}</text>
${instances.map((count) => `<line x1="${plot.left}" x2="${plot.right}" y1="${y(count / instancesMax)}" y2="${y(count / instancesMax)}" stroke="${colours.grid}"/>`).join('\n')}
<polygon points="${plot.left},${plot.bottom} ${thinned(load).join(' ')} ${plot.right},${plot.bottom}" fill="${colours.load}"/>
<polyline points="${stepsOf(points.map((point) => [x(point.hour), y(point.instances / instancesMax)])).join(' ')}" fill="none" stroke="${colours.instances}" stroke-width="2"/>
${[0, 0.5, 1].map((share) => `<text x="${plot.left - 8}" y="${y(share) + 4}" text-anchor="end" fill="${colours.loadText}">${Math.round(share * loadMax)}${byCpu ? '%' : ''}</text>`).join('\n')}
${instances.map((count) => `<text x="${plot.right + 8}" y="${y(count / instancesMax) + 4}" fill="${colours.instances}">${count}</text>`).join('\n')}
${hours.map((hour) => `<text x="${x(hour)}" y="${plot.bottom + 18}" text-anchor="middle" fill="${colours.text}">${clock(hour)}</text>`).join('\n')}
<text x="${plot.left}" y="${height - 6}" fill="${colours.loadText}">${byCpu ? 'processor of each instance' : 'connections'}</text>
<text x="${plot.right}" y="${height - 6}" text-anchor="end" fill="${colours.instances}">instances, ${day.rules.min} to ${day.rules.max}</text>
</svg>
`;
}

export function pictureFile(day: Day): string {
  return `scaling-${day.name.replaceAll(' ', '-')}.svg`;
}

/** Horizontal and vertical strokes only, and a point only where something changes. */
function stepsOf(points: readonly (readonly [number, number])[]): string[] {
  const steps: string[] = [];
  for (const [index, [x, y]] of points.entries()) {
    const before = points[index - 1];
    const last = index === points.length - 1;
    if (before !== undefined && before[1] === y && !last) continue;
    if (before !== undefined && before[1] !== y) steps.push(`${x},${before[1]}`);
    steps.push(`${x},${y}`);
  }
  return steps;
}

/** One for each pixel at most, and none where nothing changes. */
function thinned(points: readonly string[]): string[] {
  const every = Math.max(1, Math.floor(points.length / width));
  const some = points.filter((_, index) => index % every === 0 || index === points.length - 1);
  const heightOf = (index: number) => some[index]?.split(',')[1];
  return some.filter((_, index) => heightOf(index - 1) !== heightOf(index) || heightOf(index) !== heightOf(index + 1));
}

function niceMax(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.ceil(value / power) * power;
}

function quarters(hours: number): number[] {
  return Array.from({ length: hours * 4 + 1 }, (_, quarter) => quarter / 4);
}

function clock(hour: number): string {
  const minutes = Math.round(hour * 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
