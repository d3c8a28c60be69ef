import type { ConnectionRow } from '../../registry/row.ts';
import { type Column, renderTable } from '../table.ts';
import { shortBytes, shortCount, shortTime } from './short.ts';

/** Columns of `holdline ls` and `holdline top`, by the filter's words. */
export const connectionColumns = {
  id: { title: 'ID', align: 'left', shrinks: false, cell: (row) => row.id },
  age: { title: 'AGE', align: 'right', shrinks: false, cell: (row) => shortTime(row.ageMs) },
  idle: { title: 'IDLE', align: 'right', shrinks: false, cell: (row) => shortTime(row.idleMs) },
  client: { title: 'CLIENT', align: 'left', shrinks: true, cell: (row) => row.clientAddress },
  route: { title: 'ROUTE', align: 'left', shrinks: true, cell: (row) => row.route },
  server: {
    title: 'SERVER',
    align: 'left',
    shrinks: true,
    cell: (row) => row.server.replace(/^https?:\/\//, '') || '-',
  },
  in: { title: 'IN', align: 'right', shrinks: false, cell: (row) => messages(row.clientMessages, row) },
  out: { title: 'OUT', align: 'right', shrinks: false, cell: (row) => messages(row.serverMessages, row) },
  rtt: {
    title: 'RTT',
    align: 'right',
    shrinks: false,
    cell: (row) => (row.rttMs === null ? '-' : `${Math.round(row.rttMs)}ms`),
  },
  queue: { title: 'QUEUE', align: 'right', shrinks: false, cell: (row) => shortBytes(row.bufferedBytes) },
  'bytes-in': { title: 'BYTES IN', align: 'right', shrinks: false, cell: (row) => shortBytes(row.clientBytes) },
  'bytes-out': { title: 'BYTES OUT', align: 'right', shrinks: false, cell: (row) => shortBytes(row.serverBytes) },
  upstream: { title: 'UPSTREAM', align: 'left', shrinks: true, cell: (row) => row.upstream },
  origin: { title: 'ORIGIN', align: 'left', shrinks: true, cell: (row) => row.origin ?? '-' },
  host: { title: 'HOST', align: 'left', shrinks: true, cell: (row) => row.host },
  path: { title: 'PATH', align: 'left', shrinks: true, cell: (row) => row.path },
  proxy: { title: 'PROXY', align: 'left', shrinks: true, cell: (row) => row.peerAddress },
  ua: { title: 'USER AGENT', align: 'left', shrinks: true, cell: (row) => row.userAgent ?? '-' },
  subprotocol: { title: 'SUBPROTOCOL', align: 'left', shrinks: true, cell: (row) => row.subprotocol ?? '-' },
  tags: {
    title: 'TAGS',
    align: 'left',
    shrinks: true,
    cell: (row) =>
      Object.entries(row.tags)
        .map(([name, value]) => `${name}:${value}`)
        .join(' '),
  },
} as const satisfies Record<string, Column<ConnectionRow>>;

export type ConnectionColumn = keyof typeof connectionColumns;

export const defaultColumns: readonly ConnectionColumn[] = [
  'id',
  'age',
  'idle',
  'client',
  'route',
  'server',
  'in',
  'out',
];

export function connectionTable(
  rows: readonly ConnectionRow[],
  width: number,
  columns: readonly ConnectionColumn[] = defaultColumns,
): string[] {
  const wanted: Column<ConnectionRow>[] = columns.map((name) => connectionColumns[name]);
  return renderTable(rows, wanted, width);
}

/** Bytes and not one message: nobody counts messages here, since nginx does not know them. */
function messages(count: number, row: ConnectionRow): string {
  const isUncounted = row.clientMessages + row.serverMessages === 0 && row.clientBytes + row.serverBytes > 0;
  return isUncounted ? '-' : shortCount(count);
}
