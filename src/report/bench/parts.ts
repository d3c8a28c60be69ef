/** What the summary of a load tells of its phases, of storms and of the search for a limit. */

import { printable } from '../../base/printable.ts';
import { clockText, countText, durationText } from '../../base/quantity.ts';
import { formatDuration } from '../../base/units.ts';
import { bestText } from '../../bench/page/search-text.ts';
import type {
  BackoffReport,
  PhaseReport,
  SearchReport,
  SearchStep,
  StormReport,
} from '../../bench/run/report-parts.ts';
import { sparkline } from '../sparkline.ts';
import { type Column, renderTable } from '../table.ts';
import { wrap } from '../wrap.ts';
import { field, reasons, summaryColumns, verdictLine, verdictText } from './fields.ts';

export function phaseLines(phases: readonly PhaseReport[]): string[] {
  if (phases.length === 0) return [];
  const number = (title: string, cell: (phase: PhaseReport) => string): Column<PhaseReport> => ({
    title,
    align: 'right',
    shrinks: false,
    cell,
  });
  const latency = (name: 'p50' | 'p99' | 'max') =>
    number(name, ({ latency }) => (latency?.[name] == null ? '–' : durationText(latency[name])));
  const table = renderTable(
    phases,
    [
      { title: 'phase', align: 'left', shrinks: true, cell: ({ name }) => name },
      number('until', ({ endMs }) => clockText(endMs)),
      number('open', ({ open }) => countText(open)),
      number('received', ({ received }) => countText(received)),
      number('lost', ({ lost }) => countText(lost)),
      ...(['p50', 'p99', 'max'] as const).map(latency),
    ],
    summaryColumns,
  );
  const judged = phases.filter(({ thresholds }) => thresholds.length > 0);
  return [
    ...table,
    ...judged.flatMap(({ name, thresholds }) => [
      '',
      `in ${printable(name)}`.slice(0, summaryColumns),
      ...thresholds.map(verdictLine),
    ]),
  ];
}

export function stormLines(storm: StormReport, title: string): string[] {
  const { phase, atMs, command, backoff, openBefore, dropped, attempts, returned, recoveredMs, away, refused } = storm;
  const refusals = Object.values(refused).reduce((sum, each) => sum + each, 0);
  const where = phase === null ? '' : `, in ${printable(phase)}`;
  return [
    field(title, [`at ${clockText(atMs)}${where}: ${cause(command)}`]),
    field('', [`clients come back ${backoffText(backoff)}`]),
    field('', [
      `${countText(dropped)} of ${countText(openBefore)} dropped`,
      `${countText(attempts)} attempts`,
      `${countText(refusals)} refused`,
      `${countText(returned)} back`,
    ]),
    ...reasons('refused', refused),
    field('', [
      recoveredMs === null
        ? 'not recovered when the load ended'
        : `recovered after ${durationText(recoveredMs * 1000)}`,
    ]),
    ...(away.count === 0
      ? []
      : [field('', ['clients were away', ...quantiles.map((name) => `${name} ${orDash(away[name])}`)])]),
    ...curveLines(storm),
  ];
}

export function searchLines(search: SearchReport): string[] {
  const [first = '', ...more] = wrap(bestText(search), summaryColumns - 13);
  const columns: readonly Column<SearchStep>[] = [
    {
      title: search.of === 'rate' ? 'messages/s' : 'connections',
      align: 'right',
      shrinks: false,
      cell: ({ value }) => countText(value),
    },
    { title: '', align: 'left', shrinks: false, cell: ({ kept }) => (kept ? 'held' : 'missed') },
    {
      title: 'measured',
      align: 'left',
      shrinks: true,
      cell: ({ thresholds }) => thresholds.map(verdictText).join(', '),
    },
    {
      title: 'generator',
      align: 'left',
      shrinks: true,
      cell: ({ generatorLimits }) => generatorLimits.join('; '),
    },
  ];
  return [
    field('search', [first]),
    ...more.map((line) => field('', [line])),
    '',
    ...renderTable(search.steps, columns, summaryColumns),
  ];
}

function cause(command: StormReport['command']): string {
  if (command === null) return 'all connections cut';
  return `${printable(command.line)} (${command.exitCode === null ? 'ended by a signal' : `exit code ${command.exitCode}`})`;
}

function backoffText({ firstMs, maxMs, jitter }: BackoffReport): string {
  const spread = jitter === 0 ? 'no jitter' : `jitter ${jitter}`;
  if (firstMs === 0) return 'at once';
  return `after ${formatDuration(firstMs)}, doubled up to ${formatDuration(maxMs)}, ${spread}`;
}

const quantiles = ['p50', 'p99', 'max'] as const;

function orDash(us: number | null): string {
  return us === null ? '–' : durationText(us);
}

const curveWidth = 60;
/** Beyond the moment of recovery, so that one sees it stay. */
const curveMore = 1.1;

/** Open connections from the storm's beginning to just past its end, a character for each part of that time. */
function curveLines({ curve, openBefore, recoveredMs }: StormReport): string[] {
  const lastMs = curve.at(-1)?.atMs ?? 0;
  const endMs = recoveredMs === null ? lastMs : Math.min(lastMs, recoveredMs * curveMore);
  if (openBefore === 0 || endMs === 0) return [];
  let row = 0;
  const open = Array.from({ length: curveWidth }, (_, index) => {
    const atMs = (endMs * (index + 1)) / curveWidth;
    while (row + 1 < curve.length && curve[row + 1]!.atMs <= atMs) row++;
    return curve[row]!.open;
  });
  const end = durationText(endMs * 1000);
  return [field('open', [sparkline(open, curveWidth)]), field('', [`0 s${end.padStart(curveWidth - 3)}`])];
}
