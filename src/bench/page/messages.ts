/** What the page tells of messages: latency over time, the percentile curve, rates. In mode hold there are none. */

import { countText, durationText } from '../../base/quantity.ts';
import type { BenchReport, LatencyReport } from '../run/report.ts';
import { html, type Markup, nothing } from './markup.ts';
import { figure, orDash, table } from './parts.ts';

/** From here on a linear scale would show nothing but the longest. */
const logarithmicFrom = 20;

export function latencySection({ messages }: BenchReport): Markup {
  if (messages === null) return nothing;
  return html`<section><h2>Latency</h2>
${figure('latency', {
  title: 'Over time',
  says: 'from when a message was due, of those that arrived in each second',
  logarithmic: spreadOf(messages.latency) >= logarithmicFrom,
})}</section>`;
}

export function percentileSection({ messages, connections, generator }: BenchReport): Markup {
  const rows: (readonly [string, LatencyReport])[] = [['handshake', connections.connect]];
  if (messages !== null)
    rows.unshift(
      ['latency, from when it was due', messages.latency],
      ['response, from when it was sent', messages.response],
      ['lateness of the generator', generator.sendLag],
    );
  const quantiles = (['p50', 'p90', 'p99', 'p999', 'max'] as const).map((name) => ({
    title: name === 'p999' ? 'p99.9' : name,
    cell: ([, latency]: readonly [string, LatencyReport]) => orDash(latency[name], durationText),
  }));
  const numbers = table('Percentiles of the whole run', rows, [
    { title: '', words: true, cell: ([name]) => name },
    { title: 'count', cell: ([, latency]) => countText(latency.count) },
    ...quantiles,
  ]);
  if (messages === null) return html`<section><h2>Handshakes</h2>${numbers}</section>`;
  if (messages.distribution.length === 0) return html`<section>${numbers}</section>`;
  return html`<section>
${figure('percentiles', {
  title: 'Percentiles',
  says: 'of the whole run; each nine is one step to the right',
  zooms: false,
  logarithmic: spreadOf(messages.latency) >= logarithmicFrom,
})}${numbers}</section>`;
}

export function rateSection({ messages }: BenchReport): Markup {
  if (messages === null) return nothing;
  const { intended, sent, unsent, received, expected, lost } = messages;
  const each: readonly (readonly [string, number])[] = [
    ['due', intended],
    ['sent', sent],
    ['unsent', unsent],
    ['expected', expected],
    ['received', received],
    ['lost', lost],
  ];
  return html`<section><h2>Messages</h2>
${figure('rates', { title: 'Rates', says: 'messages per second' })}
${table(
  'Messages of the whole run',
  [each],
  [
    { title: '', words: true, cell: () => 'messages' },
    ...each.map(([title, value]) => ({ title, cell: () => countText(value) })),
  ],
)}</section>`;
}

function spreadOf({ p50, max }: LatencyReport): number {
  return p50 === null || max === null ? 1 : max / Math.max(1, p50);
}
