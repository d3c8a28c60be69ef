/** The report of a run as one page that opens from disk: it fetches nothing, and carries the whole report with it. */

import type { BenchReport } from '../run/report.ts';
import { readThreshold } from '../scenario/thresholds.ts';
import { readPageAssets } from './assets.ts';
import { connectionSection, stormSection } from './connections.ts';
import { headSection } from './head.ts';
import type { ThresholdMark } from './marks.ts';
import { embeddedJson, html, type Markup } from './markup.ts';
import { latencySection, percentileSection, rateSection } from './messages.ts';
import { generatorSection, phaseSection, processSection, searchSection } from './tables.ts';

/** The whole text of the page. It needs no network, no server and no other file. */
export function writeBenchPage(report: BenchReport): string {
  const { style, scripts, policy } = readPageAssets();
  const body: readonly Markup[] = [
    headSection(report),
    searchSection(report),
    latencySection(report),
    percentileSection(report),
    connectionSection(report),
    ...report.storms.map(stormSection),
    rateSection(report),
    phaseSection(report),
    processSection(report),
    generatorSection(report),
  ];
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>holdline bench: ${report.scenario.url}</title>
<style>`;
  const closing = html`</main>
<footer>
<p>Charts: drag to zoom, double-click to see everything again. With the keyboard: arrows move the cursor, + and − zoom,
0 shows everything. A name below a chart hides and shows its line.</p>
<p>The whole report stands in this page, as JSON in the element with the id “report”.</p>
</footer>`;
  return [
    `${page.text}${style}</style>`,
    `<main>\n${body.map((section) => section.text).join('\n')}`,
    closing.text,
    data('report', report),
    data('marks', thresholdMarks(report)),
    ...scripts.map((script) => `<script>${script}</script>`),
    '</html>\n',
  ].join('\n');
}

function data(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${embeddedJson(value)}</script>`;
}

/** The thresholds that say how long something may take at most: those have a place in a chart. */
function thresholdMarks({ thresholds, scenario }: BenchReport): ThresholdMark[] {
  return thresholds.flatMap(({ text, held }) => {
    const reading = readThreshold(text, { mode: scenario.mode, storms: true });
    if (!reading.ok || !reading.threshold.comparison.startsWith('<')) return [];
    const { metric, wanted } = reading.threshold;
    return isDrawn(metric) ? [{ text, metric, us: wanted, held }] : [];
  });
}

const drawn: readonly string[] = ['p50', 'p90', 'p99', 'p999', 'max'] satisfies ThresholdMark['metric'][];

function isDrawn(metric: string): metric is ThresholdMark['metric'] {
  return drawn.includes(metric);
}
