/** The report of a run for people, at 80 columns, and the line that shows while it runs. */

import { printable } from '../../base/printable.ts';
import { bytesText, countText, durationText, shareText, spanText } from '../../base/quantity.ts';
import { formatDuration } from '../../base/units.ts';
import type { BenchProgress } from '../../bench/bench.ts';
import type { BenchReport, LatencyReport } from '../../bench/run/report.ts';
import { endings } from '../../bench/run/run-end.ts';
import { renderTable } from '../table.ts';
import { wrap } from '../wrap.ts';
import { summaryColumns as columns, field, reasons, verdictLine } from './fields.ts';
import { phaseLines, searchLines, stormLines } from './parts.ts';

export function renderBench(report: BenchReport): string {
  const { scenario, connections, messages, generator } = report;
  const lines = [
    ...fold(
      `${printable(scenario.url)}: ${scenario.mode}, ${countText(scenario.connections)} connections, ${spanText(report.loadMs)}`,
    ),
    ...(report.ended === 'complete' ? [] : wrap(endings[report.ended], columns)),
    '',
    field('connections', [
      `${countText(connections.opened)} opened`,
      `${countText(connections.failed)} failed`,
      `${countText(connections.dropped)} dropped`,
    ]),
    ...(scenario.compress
      ? [field('', [`permessage-deflate agreed on by ${countText(connections.compressed)} of them`])]
      : []),
    ...reasons('failed', connections.failures),
    ...reasons('dropped', connections.drops),
  ];
  if (messages !== null) {
    const { intended, sent, unsent, received, lost, reach, receivedPerSecond } = messages;
    lines.push(
      field('messages', [`${countText(intended)} due`, `${countText(sent)} sent`, `${countText(received)} received`]),
      field('', [
        `${countText(lost)} lost`,
        `${countText(unsent)} unsent`,
        `reach ${reach === null ? '–' : shareText(reach)}`,
      ]),
      field('rate', [`${receivedPerSecond.toLocaleString('en-US')} messages/s received`]),
    );
  }
  if (report.unexpected > 0)
    lines.push(field('unexpected', [`${countText(report.unexpected)} messages that were never sent`]));
  lines.push('', ...latencyTable(report), '');
  if (report.phases.length > 0) lines.push(...phaseLines(report.phases), '');
  const { storms } = report;
  for (const [index, storm] of storms.entries())
    lines.push(...stormLines(storm, storms.length === 1 ? 'storm' : `storm ${index + 1}`), '');
  if (report.search !== null) lines.push(...searchLines(report.search), '');
  lines.push(
    field('generator', [
      `${generator.processes} process${generator.processes === 1 ? '' : 'es'}`,
      `${Math.round(generator.cpuShareMax * 100)} % of a core at most`,
      `loop held up ${durationText(generator.loopDelayMaxMs * 1000)} at most`,
    ]),
  );
  for (const limit of generator.limits)
    lines.push(...fold(`The generator may have been the limit, not the target: ${printable(limit)}.`));
  for (const { pid, cpuMs, cpuUsPerMessage, memoryBytesPerConnection } of report.processes) {
    const cpu = cpuMs === null ? 'gone before the end' : `${countText(cpuMs)} ms of processor`;
    const each = cpuUsPerMessage === null ? 'too little to divide' : `${cpuUsPerMessage} µs per message`;
    // A process that gave memory back meanwhile says nothing of what a connection takes.
    const grew = memoryBytesPerConnection !== null && memoryBytesPerConnection > 0;
    const memory = grew ? `${bytesText(memoryBytesPerConnection)} per connection` : 'no growth to divide';
    lines.push(field(`pid ${pid}`, [cpu, each, memory]));
  }
  if (report.thresholds.length > 0) lines.push('', ...report.thresholds.map(verdictLine));
  return `${lines.join('\n')}\n`;
}

/** `12s  loading  500 open  5,000 messages/s  p99 1.2 ms`. */
export function progressLine({ phase, part, row, failed, dropped }: BenchProgress): string {
  return [
    formatDuration(Math.round(row.atMs / 1000) * 1000),
    phase,
    ...(part === null ? [] : [printable(part.name)]),
    `${countText(row.open)} open`,
    ...(row.received > 0 ? [`${countText(row.received)} messages/s`] : []),
    ...(row.p99 === null ? [] : [`p99 ${durationText(row.p99)}`]),
    ...(failed > 0 ? [`${countText(failed)} failed`] : []),
    ...(dropped > 0 ? [`${countText(dropped)} dropped`] : []),
  ].join('  ');
}

/** Within the columns, even where a URL has no spaces to break it at. */
function fold(text: string): string[] {
  return wrap(text, columns).map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line));
}

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
    cell: ([, latency]: readonly [string, LatencyReport]) =>
      latency[name] === null ? '–' : durationText(latency[name]),
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
