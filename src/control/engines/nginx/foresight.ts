/** What a reload of nginx does to those who are connected, and what it costs, in sentences. */
import { bytesText } from '../../../base/quantity.ts';
import { formatDuration } from '../../../base/units.ts';
import type { Totals } from '../../../registry/totals.ts';
import type { WorkerStatus } from '../../workers/state.ts';
import type { Settled } from './settled.ts';

export interface Foresight {
  readonly totals: Totals;
  readonly workers: readonly WorkerStatus[];
  readonly now: Pick<Settled, 'shutdownMs'>;
  readonly next: Pick<Settled, 'workers' | 'freshBytes'>;
}

export function foresee({ totals, workers, now, next }: Foresight): string[] {
  const open = openRoutes(totals);
  const begun = `${count(next.workers, 'new worker')} would take every new connection, and ${next.workers === 1 ? 'need' : 'need together'} ${bytesText(next.freshBytes)} to begin with.`;
  const older = workers.filter(({ leaving }) => leaving);
  const leaving =
    older.length === 0
      ? []
      : [
          `${count(older.length, 'worker')} of earlier reloads still ${older.length === 1 ? 'holds' : 'hold'} ${count(sum(older, 'connections'), 'connection')}.`,
        ];
  if (open.length === 0) return ['Nobody is connected: nobody would notice.', begun, ...leaving];
  const holding = workers.filter(({ connections }) => connections > 0);
  return [
    ...open.map(([name, held]) => `${count(held, 'connection')} of ${name} would stay with the old workers.`),
    `The old workers end with their last connection, and after ${formatDuration(now.shutdownMs)} at most: who is left then is cut without a close frame (1006).`,
    `Until then they keep ${bytesText(sum(holding, 'memoryBytes'))} in ${count(holding.length, 'process', 'processes')}.`,
    begun,
    ...leaving,
  ];
}

/** Which connections a reload leaves in old workers, and until when. */
export function stayText(totals: Totals, shutdownMs: number): string {
  const open = openRoutes(totals);
  if (open.length === 0) return 'nobody is connected';
  const counts = open.map(([name, held]) => `${held} of ${name}`).join(', ');
  return `${counts} stay with their workers, for ${formatDuration(shutdownMs)} at most`;
}

function openRoutes({ routes }: Totals): (readonly [name: string, open: number])[] {
  return Object.entries(routes).flatMap(([name, { open }]) => (open > 0 ? [[name, open] as const] : []));
}

function sum(workers: readonly WorkerStatus[], field: 'connections' | 'memoryBytes'): number {
  return workers.reduce((total, worker) => total + worker[field], 0);
}

function count(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}
