import type { EndedRecord } from '../../registry/history/ended.ts';
import { type Column, renderTable } from '../table.ts';
import { localTime, shortTime } from './short.ts';

/** Who was connected, and why not any more; newest first. */
export function historyText(rows: readonly EndedRecord[], width: number): string[] {
  const shown = columns.filter(
    (column) => (column.from ?? 0) <= width && (!column.mayBeEmpty || rows.some((row) => column.cell(row) !== '')),
  );
  return rows.length === 0 ? ['nobody'] : renderTable(rows, shown, width);
}

interface HistoryColumn extends Column<EndedRecord> {
  /** Left out on narrower terminals: what is left must stay readable. */
  readonly from?: number;
  /** Left out when no row has anything there. */
  readonly mayBeEmpty?: true;
}

const columns: readonly HistoryColumn[] = [
  { title: 'ENDED', align: 'left', shrinks: false, cell: (row) => localTime(row.endedAtMs) },
  { title: 'CLIENT', align: 'left', shrinks: true, cell: (row) => row.clientAddress },
  { title: 'ROUTE', align: 'left', shrinks: true, cell: (row) => row.route },
  { title: 'CAUSE', align: 'left', shrinks: false, cell: (row) => row.cause },
  { title: 'CODE', align: 'right', shrinks: false, cell: (row) => String(row.code) },
  { title: 'AGE', align: 'right', shrinks: false, cell: (row) => shortTime(row.ageMs) },
  { title: 'SILENT', from: 100, align: 'right', shrinks: false, cell: (row) => shortTime(row.idleMs) },
  { title: 'SERVER', from: 100, align: 'left', shrinks: true, cell: (row) => row.server.replace(/^https?:\/\//, '') },
  { title: 'TAGS', mayBeEmpty: true, align: 'left', shrinks: true, cell: (row) => tags(row) },
  { title: 'REASON', mayBeEmpty: true, align: 'left', shrinks: true, cell: (row) => row.reason },
];

function tags(row: EndedRecord): string {
  return Object.entries(row.tags)
    .map(([name, value]) => `${name}:${value}`)
    .join(' ');
}
