/** The report of a run for people, at 80 columns, and the line that shows while it runs. */
import { formatDuration } from '../base/units.ts';
import type { BenchProgress } from '../bench/bench.ts';
import type { BenchReport, LatencyReport, RunEnd } from '../bench/report.ts';
import { type Metric, metrics } from '../bench/thresholds.ts';
import { printable } from './printable.ts';
import { renderTable } from './table.ts';
import { wrap } from './wrap.ts';

const columns = 80;

export function renderBench(report: BenchReport): string {
  const { scenario, connections, messages, generator } = report;
  const lines = [
    `${printable(scenario.url)}: ${scenario.mode}, ${count(scenario.connections)} connections, ${formatDuration(report.loadMs)}`,
    ...(report.ended === 'complete' ? [] : wrap(endings[report.ended], columns)),
    '',
    field('connections', [
      `${count(connections.opened)} opened`,
      `${count(connections.failed)} failed`,
      `${count(connections.dropped)} dropped`,
    ]),
    ...reasons('failed', connections.failures),
    ...reasons('dropped', connections.drops),
  ];
  if (messages !== null) {
    const { intended, sent, unsent, received, lost, reach, receivedPerSecond } = messages;
    lines.push(
      field('messages', [`${count(intended)} due`, `${count(sent)} sent`, `${count(received)} received`]),
      field('', [`${count(lost)} lost`, `${count(unsent)} unsent`, `reach ${reach === null ? '–' : share(reach)}`]),
      field('rate', [`${receivedPerSecond.toLocaleString('en-US')} messages/s received`]),
    );
  }
  if (report.unexpected > 0) lines.push(field('unexpected', [`${count(report.unexpected)} messages nobody had sent`]));
  lines.push('', ...latencyTable(report), '');
  lines.push(
    field('generator', [
      `${generator.processes} process${generator.processes === 1 ? '' : 'es'}`,
      `${Math.round(generator.cpuShareMax * 100)} % of a core at most`,
      `loop held up ${duration(generator.loopDelayMaxMs * 1000)} at most`,
    ]),
  );
  for (const limit of generator.limits)
    lines.push(...wrap(`The generator may have been the limit, not the target: ${limit}.`, columns));
  for (const { pid, cpuMs, cpuUsPerMessage, memoryBytesPerConnection } of report.processes) {
    const cpu = cpuMs === null ? 'gone before the end' : `${count(cpuMs)} ms of processor`;
    const each = cpuUsPerMessage === null ? 'too little to divide' : `${cpuUsPerMessage} µs per message`;
    const memory = memoryBytesPerConnection === null ? '–' : `${(memoryBytesPerConnection / 1000).toFixed(1)} kB`;
    lines.push(field(`pid ${pid}`, [cpu, each, `${memory} per connection`]));
  }
  if (report.thresholds.length > 0) lines.push('', ...report.thresholds.map(verdict));
  return `${lines.join('\n')}\n`;
}

/** `12s  loading  500 open  5,000 messages/s  p99 1.2 ms`. */
export function progressLine({ phase, row, failed, dropped }: BenchProgress): string {
  return [
    formatDuration(Math.round(row.atMs / 1000) * 1000),
    phase,
    `${count(row.open)} open`,
    ...(row.received > 0 ? [`${count(row.received)} messages/s`] : []),
    ...(row.p99 === null ? [] : [`p99 ${duration(row.p99)}`]),
    ...(failed > 0 ? [`${count(failed)} failed`] : []),
    ...(dropped > 0 ? [`${count(dropped)} dropped`] : []),
  ].join('  ');
}

const endings: Readonly<Record<Exclude<RunEnd, 'complete'>, string>> = {
  interrupted: 'It was stopped before its end: the numbers are those of the part that ran.',
  'target-gone': 'Every connection had ended before the load did: the target went away.',
  'nothing-opened': 'Not one connection could be opened.',
  'generator-died': 'A process of the load ended by itself: the numbers are incomplete.',
};

function latencyTable(report: BenchReport): string[] {
  const { messages, connections, generator } = report;
  const rows: (readonly [string, LatencyReport])[] = [['handshake', connections.connect]];
  if (messages !== null)
    rows.push(
      ['latency, from when it was due', messages.latency],
      ['response, from when it was sent', messages.response],
      ['lateness of the generator', generator.sendLag],
    );
  const quantile = (name: 'p50' | 'p90' | 'p99' | 'p999' | 'max') => ({
    ...({ title: name === 'p999' ? 'p99.9' : name, align: 'right', shrinks: false } as const),
    cell: ([, latency]: readonly [string, LatencyReport]) => (latency[name] === null ? '–' : duration(latency[name])),
  });
  const first = {
    title: '',
    align: 'left',
    shrinks: true,
    cell: ([name]: readonly [string, LatencyReport]) => name,
  } as const;
  return renderTable(
    rows,
    [first, ...(['p50', 'p90', 'p99', 'p999', 'max'] as const).map((name) => quantile(name))],
    columns,
  );
}

function verdict({ text, held, measured }: BenchReport['thresholds'][number]): string {
  const metric = text.toLowerCase().match(/^[\w-]+/)?.[0] as Metric;
  const shown =
    measured === null
      ? 'nothing was measured'
      : metrics[metric].unit === 'duration'
        ? duration(measured)
        : count(measured);
  return `${held ? 'held  ' : 'missed'}  ${printable(text)}  (${shown})`;
}

function reasons(title: string, counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).map(([reason, number]) =>
    field('', [`${title}: ${count(number)} × ${printable(reason)}`]),
  );
}

function field(title: string, parts: readonly string[]): string {
  return `${title.padEnd(13)}${parts.join('  ')}`.slice(0, columns);
}

/** Microseconds for people: `850 µs`, `1.25 ms`, `12.3 ms`, `1.05 s`. */
function duration(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1_000_000) return `${(us / 1000).toPrecision(3)} ms`.replace(/e\+3/, '000');
  return `${(us / 1_000_000).toFixed(2)} s`;
}

/** Never rounded up to 1: a reach of 99.999 % is not everybody. */
function share(value: number): string {
  return value === 1 ? '1' : (Math.floor(value * 100_000) / 100_000).toString();
}

function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 5 });
}
