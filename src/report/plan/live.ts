/** A look at a running nginx, for a terminal. */
import { formatDuration } from '../../base/units.ts';
import { generationsOf, type LiveLimit, liveLimits, plural } from '../../nginx/run/live/findings.ts';
import type { LiveReading } from '../../nginx/run/live/reading.ts';
import { formatBytes } from '../../plan/nginx/changes.ts';
import { num } from '../../plan/nginx/figure.ts';
import type { MachineFacts } from '../../plan/nginx/machine.ts';
import { wrap } from '../wrap.ts';

export interface LiveTextOptions {
  readonly columns: number;
  /** Seconds since the machine started. */
  readonly nowSeconds: number;
}

export function renderLive(
  reading: LiveReading,
  machine: MachineFacts,
  { columns, nowSeconds }: LiveTextOptions,
): string {
  const width = Math.max(40, Math.min(columns, 100));
  const lines: string[] = [];
  const { masterPid, configuration, status, workers } = reading;
  if (masterPid === null)
    lines.push(
      ...wrap(
        'Only the counters can be seen: the nginx that answers is not a process of this machine that we may look at.',
        width,
      ),
    );
  else lines.push(`nginx, master process ${masterPid}${configuration === null ? '' : `, ${configuration.file}`}`);
  if (masterPid !== null && workers.some(({ descriptors }) => descriptors === null))
    lines.push(
      ...wrap(
        'Its workers belong to another user, so their sockets and descriptors are not counted; run it as root.',
        width,
      ),
    );
  if (status !== null)
    lines.push(
      '',
      `Counters: ${num(status.active)} active (${num(status.writing)} writing, ${num(status.waiting)} waiting), ${num(status.accepts)} accepted, ${num(status.handled)} handled`,
      ...wrap('Each upgraded connection is one active and one writing, in all workers and generations.', width - 2).map(
        (line) => `  ${line}`,
      ),
    );
  const limits = liveLimits(reading, machine);
  if (limits.length > 0)
    lines.push('', 'How far from each limit', '', ...limits.flatMap((limit) => limitLines(limit, width)));
  const generations = generationsOf(workers);
  if (generations.length > 0) {
    lines.push('', 'Generations of workers', '');
    for (const { old, workers: group, clients, memoryBytes, startedAtSeconds } of generations) {
      const age = formatAge(nowSeconds - startedAtSeconds);
      const each = clients === 0 ? '' : `, ${formatBytes(memoryBytes / clients)} for each connection`;
      lines.push(
        ...wrap(
          `${old ? 'old, shutting down' : 'current'}: ${plural(group.length, 'worker')} since ${age}, ${plural(clients, 'connection')}, ${formatBytes(memoryBytes)}${each}`,
          width - 2,
        ).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`),
      );
    }
  }
  if (reading.waiting > 0) lines.push('', `${plural(reading.waiting, 'connection')} wait to be accepted`);
  return `${lines.join('\n')}\n`;
}

const barWidth = 20;

function limitLines({ name, used, limit, unit }: LiveLimit, width: number): string[] {
  const shown = (value: number) => (unit === 'bytes' ? formatBytes(value) : num(value, unit === 'cores' ? 2 : 0));
  const share = Math.min(1, used / limit);
  const filled = Math.round(share * barWidth);
  const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
  const left = unit === 'count' ? `, ${num(Math.max(0, limit - used))} left` : '';
  return [
    `  ${bar} ${num(share * 100).padStart(3)} %  ${shown(used)} of ${shown(limit)}${left}`,
    ...wrap(name, width - 6).map((line) => `      ${line}`),
  ];
}

function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole}s`;
  return formatDuration((whole < 7_200 ? Math.round(whole / 60) * 60 : Math.round(whole / 3_600) * 3_600) * 1000);
}
