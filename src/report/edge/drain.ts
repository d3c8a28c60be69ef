import { printable } from '../../base/printable.ts';
import type { DrainRow } from '../../control/drain/job.ts';

const words: Readonly<Record<DrainRow['state'], string>> = {
  running: 'draining',
  done: 'drained',
  cancelled: 'cancelled',
};

/** `d3  draining route chat: 120 of 2000 closed, 14 had left, 18.7 s to go at 100/s`. */
export function drainLine(row: DrainRow): string {
  const left = row.gone === 0 ? '' : `, ${row.gone} had left`;
  const end =
    row.state === 'running'
      ? `, ${seconds(row.etaMs)} to go at ${Math.round(row.ratePerSecond * 100) / 100}/s`
      : ` in ${seconds(row.elapsedMs)}`;
  const done = row.cause === 'server-lost' ? 'closed or moved' : 'closed';
  return printable(`${row.id}  ${words[row.state]} ${row.what}: ${row.closed} of ${row.total} ${done}${left}${end}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
