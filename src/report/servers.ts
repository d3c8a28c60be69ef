import type { ServerRow } from '../control/servers/entry.ts';
import { type Column, renderTable } from './table.ts';

const unsavedTexts: Readonly<Record<NonNullable<ServerRow['unsaved']>, string>> = {
  added: 'added by command; a restart forgets it (--save)',
  removed: 'removed by command; a restart brings it back (--save)',
  drained: 'drained by command; a restart gives it clients again',
};

/** Servers under their titles, each with what is to be known about it. */
export function serverTable(rows: readonly ServerRow[], width: number): string[] {
  if (rows.length === 0) return ['no servers'];
  const sorted = [...rows].sort((a, b) => a.upstream.localeCompare(b.upstream) || a.url.localeCompare(b.url));
  return renderTable(sorted, columns, width);
}

const columns: readonly Column<ServerRow>[] = [
  { title: 'UPSTREAM', align: 'left', shrinks: true, cell: (row) => row.upstream },
  { title: 'SERVER', align: 'left', shrinks: false, cell: (row) => row.url },
  { title: 'STATE', align: 'left', shrinks: false, cell: (row) => row.state },
  { title: 'OPEN', align: 'right', shrinks: false, cell: (row) => String(row.connections) },
  { title: 'WEIGHT', align: 'right', shrinks: false, cell: weightText },
  { title: 'NOTE', align: 'left', shrinks: true, cell: noteText },
];

function weightText({ weight, share }: ServerRow): string {
  return share === 1 ? String(weight) : `${weight} at ${Math.round(share * 100)}%`;
}

function noteText({ reason, unsaved }: ServerRow): string {
  return [reason, unsaved === null ? '' : unsavedTexts[unsaved]].filter((text) => text !== '').join('; ');
}
