import { printable } from '../../base/printable.ts';
import type { SecondColumns } from '../../registry/history/seconds.ts';
import type { Now } from '../../registry/live.ts';
import type { ConnectionRow } from '../../registry/row.ts';
import { sparkline } from '../sparkline.ts';
import { type ConnectionColumn, connectionTable } from './connections.ts';
import { shortBytes, shortTime, whole } from './short.ts';

/** Everything that `holdline top` shows at one moment. */
export interface TopScreen {
  readonly now: Now | null;
  readonly seconds: Pick<SecondColumns, 'connections' | 'upgraded' | 'clientMessages' | 'serverMessages'>;
  readonly rows: readonly ConnectionRow[];
  readonly matched: number;
  readonly filter: string;
  readonly sort: string;
  readonly down: boolean;
  /** Place of the chosen row on the screen. */
  readonly chosen: number;
  /** What is being typed, with what it is for; null when nothing is. */
  readonly prompt: string | null;
  readonly message: string;
  readonly lost: boolean;
}

const narrowColumns: readonly ConnectionColumn[] = ['client', 'age', 'idle', 'route', 'server', 'rtt', 'in', 'out'];
const wideColumns: readonly ConnectionColumn[] = [
  ...narrowColumns,
  'bytes-in',
  'bytes-out',
  'queue',
  'tags',
  'path',
  'id',
];

const help = 'up/down choose  / filter  s sort  r turn  k kick  q quit';

/** Lines above the table, with its titles. */
const above = 7;

/** How many rows of connections fit. */
export function rowsThatFit(height: number): number {
  return Math.max(1, height - above - 2);
}

/** Exactly `height` lines, none wider than `width`. The chosen row is in reverse, which needs no colour. */
export function topLines(screen: TopScreen, width: number, height: number): string[] {
  const { now, seconds } = screen;
  const second = now?.second ?? null;
  const graph = Math.max(8, width - 28);
  const messages = seconds.clientMessages.map((value, at) => value + (seconds.serverMessages[at] ?? 0));
  const line = (label: string, value: string, values: readonly number[]) =>
    `${label.padEnd(13)}${value.padStart(11)}  ${sparkline(values, graph)}`;
  const head = [
    now === null
      ? 'holdline top: waiting for the edge'
      : `holdline ${now.version}  up ${shortTime(now.atMs - now.startedAtMs)}  ${now.workers.length} workers ${shortBytes(second?.memoryBytes ?? 0)}  held up ${Math.round(second?.loopDelayMs ?? 0)} ms${now.gateClosed ? '  GATE CLOSED' : ''}${screen.lost ? '  NO CONTACT' : ''}`,
    line('connections', whole(second?.connections ?? 0), seconds.connections),
    line('handshakes/s', whole(second?.upgraded ?? 0), seconds.upgraded),
    line('messages/s', whole((second?.clientMessages ?? 0) + (second?.serverMessages ?? 0)), messages),
    now?.problems[0] === undefined ? '' : `! ${printable(now.problems[0])}`,
    `${whole(screen.matched)} match${screen.filter === '' ? ' (no filter)' : ` ${printable(screen.filter)}`}  sorted by ${screen.sort}${screen.down ? ', largest first' : ''}`,
  ];
  const table = connectionTable(
    screen.rows.slice(0, rowsThatFit(height)),
    width,
    width >= 140 ? wideColumns : narrowColumns,
  );
  const marked = table.map((text, at) =>
    at === screen.chosen + 1 ? `\u001b[7m${text.slice(0, width).padEnd(width)}\u001b[0m` : cut(text, width),
  );
  const foot = screen.prompt ?? (screen.message === '' ? help : screen.message);
  const body = [...head.map((text) => cut(text, width)), ...marked].slice(0, height - 1);
  return [...body, ...Array.from({ length: height - 1 - body.length }, () => ''), cut(printable(foot), width)];
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
