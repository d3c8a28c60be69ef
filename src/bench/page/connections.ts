/**
 * What the page tells of connections: how many were open, why some were not, and how they came back after each storm.
 */

import { countText, durationText } from '../../base/quantity.ts';
import { formatDuration } from '../../base/units.ts';
import type { BenchReport } from '../run/report.ts';
import type { BackoffReport, StormReport } from '../run/report-parts.ts';
import { html, type Markup, nothing } from './markup.ts';
import { figure, orDash, table } from './parts.ts';

export function connectionSection({ connections }: BenchReport): Markup {
  return html`<section><h2>Connections</h2>
<div class="pair">${figure('open', { title: 'Open', says: 'connections at the end of each second' })}
${figure('attempts', { title: 'Attempts', says: 'begun and failed, and connections dropped, per second' })}</div>
${reasonTable('Why connections could not be opened', connections.failures)}
${reasonTable('Why connections ended', connections.drops)}</section>`;
}

export function stormSection(storm: StormReport, index: number): Markup {
  const number = index + 1;
  const { phase, command, backoff, openBefore, dropped, attempts, returned, recoveredMs, away, refused } = storm;
  const how =
    command === null
      ? 'The clients cut their connections'
      : `Caused by ${command.line} (${command.exitCode === null ? 'ended by a signal' : `exit code ${command.exitCode}`})`;
  const facts: readonly (readonly [string, string])[] = [
    ['open before', countText(openBefore)],
    ['dropped', countText(dropped)],
    ['attempts', countText(attempts)],
    ['returned', countText(returned)],
    ['away p50', orDash(away.p50, durationText)],
    ['away p99', orDash(away.p99, durationText)],
    ['away longest', orDash(away.max, durationText)],
    ['all back', recoveredMs === null ? 'not within the phase' : durationText(recoveredMs * 1000)],
  ];
  return html`<section><h2>Storm ${number}${phase === null ? '' : `, in phase ${phase}`}</h2>
<p>${how}; ${backoffText(backoff)}.</p>
<div class="pair">${figure(`storm-${number}-open`, { title: 'Coming back', says: 'connections open, by seconds since the storm' })}
${figure(`storm-${number}-attempts`, { title: 'Attempts', says: 'handshakes begun and refused, per second' })}</div>
${table(
  'The storm in numbers',
  [facts],
  [{ title: '', words: true, cell: () => 'clients' }, ...facts.map(([title, text]) => ({ title, cell: () => text }))],
)}
${reasonTable('Why clients were refused as they came back', refused)}</section>`;
}

function backoffText({ firstMs, maxMs, jitter }: BackoffReport): string {
  const spread = jitter === 0 ? 'without jitter' : `with a jitter of ${jitter}`;
  if (firstMs === 0) return `clients came back at once, ${spread}`;
  return `clients came back after ${formatDuration(firstMs)}, waiting twice as long each time up to ${formatDuration(maxMs)}, ${spread}`;
}

/** The commonest first. */
function reasonTable(caption: string, counts: Readonly<Record<string, number>>): Markup {
  const rows = Object.entries(counts).sort((one, other) => other[1] - one[1]);
  if (rows.length === 0) return nothing;
  return table(caption, rows, [
    { title: 'reason', words: true, cell: ([reason]) => reason },
    { title: 'count', cell: ([, count]) => countText(count) },
  ]);
}
