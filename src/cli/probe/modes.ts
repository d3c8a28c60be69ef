/** What `holdline probe` does besides a probe: comparing, watching, and looking on during a change. */
import { spawn } from 'node:child_process';
import { printable } from '../../base/printable.ts';
import type { ProbeOptions } from '../../probe/options.ts';
import { compare } from '../../probe/over-time/compare.ts';
import { type DuringReport, during, type ObservedChange } from '../../probe/over-time/during.ts';
import { type Sample, type Spread, type WatchReport, watch } from '../../probe/over-time/watch.ts';
import { publicUrl } from '../../probe/public-url.ts';
import { exitCodeOf } from '../../probe/report.ts';
import { reportJson } from '../../report/json.ts';
import { labelled, row, type TextPage, timeText } from '../../report/paint.ts';
import { comparisonLines } from '../../report/probe/comparison.ts';
import { comparisonMarkdown } from '../../report/probe/markdown.ts';
import { titleLine } from '../../report/probe/text.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { formOf, type ProbeCliOptions } from '../options/probe.ts';
import { quietProbe } from '../terminal/probe-live.ts';
import type { Terminal } from '../terminal/terminal.ts';

export interface Stage {
  readonly cli: Cli;
  readonly page: TextPage;
  /** For what is being waited for; never the report itself. */
  readonly status: Terminal;
  readonly signal: AbortSignal;
}

export async function runCompare(
  url: string,
  options: ProbeCliOptions,
  probing: ProbeOptions,
  stage: Stage,
): Promise<ExitCode> {
  const { cli, page, status, signal } = stage;
  const comparison = await compare(url, options.vs!, { ...probing, signal, onEvent: quietProbe(status) });
  status.wipe();
  if (signal.aborted) {
    cli.stderr.write('Stopped: comparing partial results would show false differences.\n');
    return 3;
  }
  const form = formOf(options);
  if (form === 'json') cli.stdout.write(`${reportJson(comparison, 2)}\n`);
  else if (form === 'markdown') cli.stdout.write(comparisonMarkdown(comparison));
  else cli.stdout.write(`${comparisonLines(page, comparison).join('\n')}\n`);
  const codes = [comparison.one, comparison.other].map(exitCodeOf);
  return codes.includes(3) ? 3 : codes.includes(1) ? 1 : 0;
}

export async function runWatch(
  url: string,
  options: ProbeCliOptions,
  probing: ProbeOptions,
  stage: Stage,
): Promise<ExitCode> {
  const { cli, page } = stage;
  const json = formOf(options) === 'json';
  if (!json)
    cli.stdout.write(`${titleLine(page, publicUrl(url))} every ${timeText(options.watch!)}; Ctrl-C ends it\n\n`);
  const print = (sample: Sample) =>
    cli.stdout.write(json ? `${reportJson(sample)}\n` : `${sampleLines(page, sample).join('\n')}\n`);
  const count = options.count === undefined ? {} : { count: options.count };
  const report = await watch(
    url,
    { ...probing, signal: stage.signal },
    { everyMs: options.watch!, ...count, onSample: print },
  );
  cli.stdout.write(json ? `${reportJson(report)}\n` : `\n${watchLines(page, report).join('\n')}\n`);
  return report.failed === 0 ? 0 : report.failed === report.samples ? 3 : 1;
}

export async function runDuring(
  url: string,
  options: ProbeCliOptions,
  probing: ProbeOptions,
  stage: Stage,
): Promise<ExitCode> {
  const { cli, page, status, signal } = stage;
  const { connections, settle } = options;
  const report = await during(
    url,
    { ...probing, signal, onEvent: quietProbe(status) },
    () => shell(options.during!, signal),
    {
      ...(connections === undefined ? {} : { connections }),
      ...(settle === undefined ? {} : { settleMs: settle }),
    },
  );
  status.wipe();
  if (formOf(options) === 'json') cli.stdout.write(`${reportJson(report, 2)}\n`);
  else
    cli.stdout.write(
      `${[titleLine(page, publicUrl(url)), '', ...duringLines(page, report, options.during!)].join('\n')}\n`,
    );
  return signal.aborted ? 3 : exitCodeOf(report);
}

function sampleLines(page: TextPage, sample: Sample): string[] {
  const text = sample.ok
    ? `handshake ${timeText(sample.handshakeMs)}, ping ${timeText(sample.pingMs)}`
    : sample.problem!;
  return row(page, { verdict: sample.ok ? 'pass' : 'fail', label: sample.at.slice(11, 19), text }, 8);
}

function watchLines(page: TextPage, report: WatchReport): string[] {
  const { samples, failed, handshake, ping, outages } = report;
  const up =
    samples === 0
      ? 'nothing was measured'
      : `${Number((((samples - failed) / samples) * 100).toFixed(2))} % of ${samples} worked`;
  return [
    ...labelled(page, 'up', up, 0),
    ...labelled(page, 'upgrade', spreadText(handshake), 0),
    ...labelled(page, 'ping', spreadText(ping), 0),
    ...outages.flatMap((outage) =>
      labelled(
        page,
        'down',
        `${outage.from.slice(11, 19)} to ${outage.to.slice(11, 19)} UTC, ${outage.samples} in a row: ${outage.problem}`,
        0,
      ),
    ),
  ];
}

function spreadText(spread: Spread | null): string {
  if (spread === null) return 'none';
  const { minMs, medianMs, p95Ms, maxMs } = spread;
  return `min ${timeText(minMs)}, median ${timeText(medianMs)}, p95 ${timeText(p95Ms)}, max ${timeText(maxMs)}`;
}

function duringLines(page: TextPage, report: DuringReport, command: string): string[] {
  const { change, lost, handshakes, kept, connections } = report;
  const said = change.said === '' ? '' : `: ${change.said}`;
  const lines = [
    ...row(
      page,
      {
        verdict: change.ok ? 'pass' : 'fail',
        label: 'change',
        text: `${command}${said}`,
        time: timeText(change.tookMs),
      },
      11,
    ),
    ...row(
      page,
      {
        verdict: kept === connections ? 'pass' : 'fail',
        label: 'connections',
        text: `${kept} of ${connections} stayed open and answer`,
      },
      11,
    ),
  ];
  for (const { how, count, firstMs, lastMs } of lost)
    lines.push(
      ...labelled(
        page,
        'lost',
        `${count} × ${how}, ${timeText(Math.max(0, firstMs))} to ${timeText(Math.max(0, lastMs))} after the change began`,
        6,
      ),
    );
  lines.push(
    ...row(
      page,
      {
        verdict: handshakes.failed === 0 ? 'pass' : 'fail',
        label: 'handshakes',
        text: `${handshakes.made - handshakes.failed} of ${handshakes.made} new ones worked`,
      },
      11,
    ),
    ...handshakes.problems.flatMap((problem) => labelled(page, 'seen', problem, 6)),
    ...row(
      page,
      {
        verdict: 'pass',
        label: 'pings',
        text: `before: ${spreadText(report.pingBefore)}; from then on: ${spreadText(report.pingDuring)}`,
      },
      11,
    ),
    '',
    ...labelled(page, 'found', report.finding, 0),
  );
  return lines;
}

/** Enough of what a command says to see why it failed. */
const saidMax = 2000;

function shell(command: string, signal: AbortSignal): Promise<ObservedChange> {
  return new Promise((resolve) => {
    let said = '';
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'], signal });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-saidMax);
      });
    child.on('error', (error) => resolve({ ok: false, said: error.message }));
    child.on('exit', (code, by) => {
      const parts = [code === 0 ? '' : `ended with ${code ?? by}`, said.trim().replace(/\n/g, ' ')];
      resolve({ ok: code === 0, said: printable(parts.filter((part) => part !== '').join('; ')) });
    });
  });
}
