import { printable } from '../../base/printable.ts';
import type { LiveEvent, Now, Snapshot } from '../../registry/live.ts';
import { sparkline } from '../sparkline.ts';
import { type Column, renderTable } from '../table.ts';
import { wrap } from '../wrap.ts';
import { localTime, shortBytes, shortTime, whole } from './short.ts';

/** Of a page that no terminal shows: what terminals have had for as long as there have been terminals. */
const pageWidth = 80;

/**
 * One screen: what runs, what it carries, and what somebody should look at. Tables are cut to `width`, which may be
 * infinite.
 */
export function statusText({ now, seconds, events }: Snapshot, width: number): string[] {
  const page = Number.isFinite(width) ? width : pageWidth;
  const { second } = now;
  const open = second?.connections ?? now.routes.reduce((sum, route) => sum + route.open, 0);
  const state = now.gateClosed ? 'gate closed: new handshakes are refused' : 'admitting';
  const lines = [
    `Holdline ${now.version}, up for ${shortTime(now.atMs - now.startedAtMs)}, ${state}`,
    '',
    `connections  ${whole(open).padStart(10)}  ${sparkline(seconds.connections, Math.max(10, page - 26))}`,
    `handshakes/s ${whole(second?.upgraded ?? 0).padStart(10)}  ${sparkline(seconds.upgraded, Math.max(10, page - 26))}`,
    `messages/s   ${whole((second?.clientMessages ?? 0) + (second?.serverMessages ?? 0)).padStart(10)}  ${sparkline(
      seconds.clientMessages.map((value, at) => value + (seconds.serverMessages[at] ?? 0)),
      Math.max(10, page - 26),
    )}`,
    `bytes/s      ${shortBytes((second?.clientBytes ?? 0) + (second?.serverBytes ?? 0)).padStart(10)}`,
    '',
    ...routesText(now, width),
    '',
    ...serversText(now, width),
    '',
    ...workersText(now, width),
  ];
  if (now.problems.length > 0)
    lines.push('', 'To look at', ...now.problems.flatMap((problem) => item(printable(problem), page)));
  const shown = events.slice(-5);
  if (shown.length > 0) lines.push('', 'Last events', ...shown.map((event) => `  ${eventLine(event)}`));
  return lines.map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line));
}

/** In full, over as many lines as it takes: the reason often comes last. */
function item(text: string, width: number): string[] {
  return wrap(text, width - 4).map((line, at) => `${at === 0 ? '  ' : '    '}${line}`);
}

export function routesText(now: Now, width: number): string[] {
  return renderTable(now.routes, routeColumns, width);
}

export function serversText(now: Now, width: number): string[] {
  return renderTable(now.servers, serverColumns, width);
}

export function workersText(now: Now, width: number): string[] {
  return renderTable(
    now.workers.map((worker) => ({ ...worker, upMs: now.atMs - worker.startedAtMs })),
    workerColumns,
    width,
  );
}

/** `2026-11-26 14:03:07  incident  …`, on one line. */
export function eventLine(event: Pick<LiveEvent, 'atMs' | 'kind' | 'text'>): string {
  return `${localTime(event.atMs)}  ${printable(event.kind).padEnd(16)} ${printable(event.text)}`;
}

const refused = (route: Now['routes'][number]) =>
  Object.entries(route.handshakes).reduce((sum, [outcome, count]) => sum + (outcome === 'upgraded' ? 0 : count), 0);

const routeColumns: readonly Column<Now['routes'][number]>[] = [
  { title: 'ROUTE', align: 'left', shrinks: true, cell: (row) => row.name },
  { title: 'MATCHES', align: 'left', shrinks: true, cell: (row) => row.match ?? '-' },
  { title: 'OPEN', align: 'right', shrinks: false, cell: (row) => whole(row.open) },
  { title: 'OPENED', align: 'right', shrinks: false, cell: (row) => whole(row.handshakes.upgraded ?? 0) },
  { title: 'REFUSED', align: 'right', shrinks: false, cell: (row) => whole(refused(row)) },
];
const serverColumns: readonly Column<Now['servers'][number]>[] = [
  { title: 'SERVER', align: 'left', shrinks: true, cell: (row) => row.url },
  { title: 'UPSTREAM', align: 'left', shrinks: true, cell: (row) => row.upstream },
  { title: 'OPEN', align: 'right', shrinks: false, cell: (row) => whole(row.connections) },
  { title: 'STATE', align: 'left', shrinks: true, cell: (row) => row.state },
];
const workerColumns: readonly Column<Now['workers'][number] & { readonly upMs: number }>[] = [
  { title: 'WORKER', align: 'right', shrinks: false, cell: (row) => String(row.pid) },
  { title: 'OPEN', align: 'right', shrinks: false, cell: (row) => whole(row.connections) },
  { title: 'CPU', align: 'right', shrinks: false, cell: (row) => `${Math.round(row.cpuShare * 100)} %` },
  { title: 'MEMORY', align: 'right', shrinks: false, cell: (row) => shortBytes(row.memoryBytes) },
  { title: 'HELD UP', align: 'right', shrinks: false, cell: (row) => `${Math.round(row.eventLoopDelayMaxMs)} ms` },
  { title: 'UP', align: 'right', shrinks: false, cell: (row) => shortTime(row.upMs) },
  { title: 'VERSION', align: 'left', shrinks: false, cell: (row) => row.version },
  { title: 'STATE', align: 'left', shrinks: true, cell: workerStateText },
];

/** `leaves (3 tls, 1 behind)`: what it holds still, and why. */
function workerStateText({ leaving, stayed }: Now['workers'][number]): string {
  if (!leaving) return 'serves';
  const causes = Object.entries(stayed).map(([cause, count]) => `${count} ${cause}`);
  return causes.length === 0 ? 'leaves' : `leaves (${causes.join(', ')})`;
}
