import type { InstanceState } from '../../control/managed/state.ts';
import type { ServerRow } from '../../control/servers/entry.ts';
import { type Column, renderTable } from '../table.ts';

const unsavedTexts: Readonly<Record<NonNullable<ServerRow['unsaved']>, string>> = {
  added: 'added by command; a restart forgets it (--save)',
  removed: 'removed by command; a restart brings it back (--save)',
  drained: 'drained by command; a restart gives it clients again',
};

/** A server as a line shows it; one that Holdline starts has an instance, and before it is ready it is nothing else. */
interface Line {
  readonly upstream: string;
  readonly url: string;
  readonly state: string;
  readonly open: string;
  readonly weight: string;
  readonly instance: string;
  readonly note: string;
}

/** Servers under their titles, each with what is to be known about it. */
export function serverTable(rows: readonly ServerRow[], instances: readonly InstanceState[], width: number): string[] {
  const lines = [
    ...rows.map((row) =>
      serverLine(
        row,
        instances.find(({ url }) => url === row.url),
      ),
    ),
    ...instances.filter(({ url }) => url === null).map(startingLine),
  ];
  if (lines.length === 0) return ['no servers'];
  const sorted = lines.sort((a, b) => a.upstream.localeCompare(b.upstream) || a.url.localeCompare(b.url));
  const shown = instances.length > 0 ? columns : columns.filter(({ title }) => title !== 'INSTANCE');
  return renderTable(sorted, shown, width);
}

const columns: readonly Column<Line>[] = [
  { title: 'UPSTREAM', align: 'left', shrinks: true, cell: (line) => line.upstream },
  { title: 'SERVER', align: 'left', shrinks: false, cell: (line) => line.url },
  { title: 'STATE', align: 'left', shrinks: false, cell: (line) => line.state },
  { title: 'OPEN', align: 'right', shrinks: false, cell: (line) => line.open },
  { title: 'WEIGHT', align: 'right', shrinks: false, cell: (line) => line.weight },
  { title: 'INSTANCE', align: 'left', shrinks: false, cell: (line) => line.instance },
  { title: 'NOTE', align: 'left', shrinks: true, cell: (line) => line.note },
];

function serverLine(row: ServerRow, instance: InstanceState | undefined): Line {
  const { upstream, url, state, reason, unsaved } = row;
  return {
    upstream,
    url,
    state,
    open: String(row.connections),
    weight: row.share === 1 ? String(row.weight) : `${row.weight} at ${Math.round(row.share * 100)}%`,
    instance: instanceText(instance),
    note: joined([reason, unsaved === null ? '' : unsavedTexts[unsaved], restartsText(instance)]),
  };
}

function startingLine(instance: InstanceState): Line {
  const { upstream, state, reason } = instance;
  const note = joined([reason, restartsText(instance)]);
  return { upstream, url: '', state, open: '0', weight: '', instance: instanceText(instance), note };
}

/** `2, gen 3`: the second of the third start of the upstream. */
function instanceText(instance: InstanceState | undefined): string {
  return instance === undefined ? '' : `${instance.instance}, gen ${instance.generation}`;
}

function restartsText(instance: InstanceState | undefined): string {
  const restarts = instance?.restarts ?? 0;
  return restarts === 0 ? '' : `it ended by itself ${restarts === 1 ? 'once' : `${restarts} times`}`;
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('; ');
}
