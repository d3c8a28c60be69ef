/** The tables of the page: phases, the search for a limit, measured processes, the generator itself. */

import { bytesText, clockText, countText, durationText } from '../../base/quantity.ts';
import type { BenchReport } from '../run/report.ts';
import type { ThresholdVerdict } from '../scenario/thresholds.ts';
import { html, type Markup, nothing } from './markup.ts';
import { measuredWords, orDash, table, verdictMark } from './parts.ts';
import { bestText } from './search-text.ts';

export function phaseSection({ phases }: BenchReport): Markup {
  if (phases.length === 0) return nothing;
  const list = table('Each phase of the run', phases, [
    { title: 'phase', words: true, cell: ({ name }) => name },
    { title: 'from', cell: ({ startMs }) => clockText(startMs) },
    { title: 'to', cell: ({ endMs }) => clockText(endMs) },
    { title: 'open', cell: ({ open }) => countText(open) },
    { title: 'sent', cell: ({ sent }) => countText(sent) },
    { title: 'received', cell: ({ received }) => countText(received) },
    { title: 'lost', cell: ({ lost }) => countText(lost) },
    ...(['p50', 'p99', 'max'] as const).map((name) => ({
      title: name,
      cell: ({ latency }: BenchReport['phases'][number]) => orDash(latency?.[name] ?? null, durationText),
    })),
    { title: 'thresholds', words: true, cell: ({ thresholds }) => verdicts(thresholds) },
  ]);
  return html`<section><h2>Phases</h2>${list}</section>`;
}

export function searchSection({ search }: BenchReport): Markup {
  if (search === null) return nothing;
  const unit = search.of === 'rate' ? 'messages/s' : 'connections';
  const steps = table('Each step of the search, in the order tried', search.steps, [
    { title: unit, cell: ({ value }) => countText(value) },
    {
      title: 'thresholds',
      words: true,
      cell: ({ kept }) => (kept ? html`<span class="held">✓ held</span>` : html`<span class="missed">✗ missed</span>`),
    },
    { title: 'measured', words: true, cell: ({ thresholds }) => measures(thresholds) },
    { title: 'generator', words: true, cell: ({ generatorLimits }) => generatorLimits.join('; ') || '–' },
  ]);
  return html`<section><h2>Search</h2><p>${bestText(search)}</p>${steps}</section>`;
}

export function processSection({ processes }: BenchReport): Markup {
  if (processes.length === 0) return nothing;
  const list = table(
    'Processor time during the load, private memory before it and with all connections open',
    processes,
    [
      { title: 'process', cell: ({ pid }) => String(pid) },
      { title: 'processor time', cell: ({ cpuMs }) => orDash(cpuMs, (ms) => durationText(ms * 1000)) },
      { title: 'per message', cell: ({ cpuUsPerMessage }) => orDash(cpuUsPerMessage, (us) => `${countText(us)} µs`) },
      { title: 'memory before', cell: ({ memoryBytesBefore }) => bytesText(memoryBytesBefore) },
      { title: 'memory open', cell: ({ memoryBytesOpen }) => orDash(memoryBytesOpen, bytesText) },
      {
        title: 'per connection',
        cell: ({ memoryBytesPerConnection: bytes }) => orDash(bytes !== null && bytes > 0 ? bytes : null, bytesText),
      },
    ],
  );
  return html`<section><h2>Measured processes</h2>${list}</section>`;
}

export function generatorSection({ generator }: BenchReport): Markup {
  const { processes, sources, cpuShareMax, loopDelayMaxMs, limits } = generator;
  const list = table(
    'What the load itself took',
    [generator],
    [
      { title: '', words: true, cell: () => 'generator' },
      { title: 'processes', cell: () => countText(processes) },
      { title: 'busiest', cell: () => `${Math.round(cpuShareMax * 100)} % of a core` },
      { title: 'event loop held up', cell: () => `${durationText(loopDelayMaxMs * 1000)} at most` },
      { title: 'source addresses', words: true, cell: () => sources.join(', ') || 'the system’s choice' },
    ],
  );
  const said =
    limits.length === 0
      ? 'Nothing says that the generator was the limit.'
      : 'The generator may have been the limit: see the top of the page.';
  return html`<section><h2>Generator</h2><p>${said}</p>${list}</section>`;
}

function measures(list: readonly ThresholdVerdict[]): Markup {
  return html`${list.map((verdict) => html`<div><code>${verdict.text}</code> ${measuredWords(verdict)}</div>`)}`;
}

function verdicts(list: readonly ThresholdVerdict[]): Markup {
  return html`${list.map((verdict) => html`<div>${verdictMark(verdict)}</div>`)}`;
}
