/**
 * The top of the page: what was run, which thresholds were kept, whether the numbers mean the target, and the most
 * important of them.
 */

import { countText, durationText, rateText, shareText, spanText } from '../../base/quantity.ts';
import { formatSize } from '../../base/units.ts';
import type { BenchReport } from '../run/report.ts';
import { endings } from '../run/run-end.ts';
import { html, type Markup, nothing } from './markup.ts';
import { orDash, verdictList } from './parts.ts';

export function headSection(report: BenchReport): Markup {
  const { scenario, thresholds, generator, ended, startedAt } = report;
  const notes = [
    ...(ended === 'complete' ? [] : [endings[ended]]),
    ...generator.limits.map((limit) => `The generator may have been the limit, not the target: ${limit}.`),
  ];
  return html`<header>
<h1>${scenario.url}</h1>
<p class="lead">${sentence(report)} Began <time datetime="${startedAt}">${startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>.</p>
${notes.length === 0 ? nothing : html`<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
${verdictList(thresholds)}
${facts(report)}
</header>`;
}

function sentence({ scenario, loadMs }: BenchReport): string {
  const { mode, connections, messagesPerSecond, messageBytes, kind, publishers } = scenario;
  const what = `${mode}: ${countText(connections)} connections for ${spanText(loadMs)}`;
  if (mode === 'hold') return `${what}, nothing sent.`;
  const senders = mode === 'fanout' ? `, ${countText(publishers)} of them sending` : '';
  return `${what}${senders}, ${rateText(messagesPerSecond)} ${kind} messages/s of ${formatSize(messageBytes)} bytes from each that sends.`;
}

interface Fact {
  readonly name: string;
  readonly value: string;
  readonly more: string;
}

function facts(report: BenchReport): Markup {
  const { messages, connections } = report;
  const latency = messages?.latency;
  const list: Fact[] = [];
  if (messages !== null && latency !== undefined)
    list.push(
      { name: 'Latency p50', value: orDash(latency.p50, durationText), more: 'half took no longer' },
      {
        name: 'Latency p99',
        value: orDash(latency.p99, durationText),
        more: `longest ${orDash(latency.max, durationText)}`,
      },
      {
        name: 'Received',
        value: `${rateText(messages.receivedPerSecond)}/s`,
        more: `${countText(messages.received)} messages`,
      },
      {
        name: 'Lost',
        value: countText(messages.lost),
        more: `reach ${orDash(messages.reach, shareText)}`,
      },
    );
  list.push(
    {
      name: 'Connections opened',
      value: countText(connections.opened),
      more: `failed ${countText(connections.failed)}, dropped ${countText(connections.dropped)}`,
    },
    {
      name: 'Handshake p99',
      value: orDash(connections.connect.p99, durationText),
      more: `p50 ${orDash(connections.connect.p50, durationText)}`,
    },
  );
  return html`<dl class="figures">${list.map(
    ({ name, value, more }) => html`<div><dt>${name}</dt><dd><b>${value}</b><span>${more}</span></dd></div>\n`,
  )}</dl>`;
}
