import type { Command } from 'commander';
import { isLoopbackHost } from '../../base/address.ts';
import { checks } from '../../probe/checks/run.ts';
import { sections } from '../../probe/conformance/sections.ts';
import { probe as probeEndpoint } from '../../probe/probe.ts';
import { publicUrl } from '../../probe/public-url.ts';
import { exitCodeOf, type ProbeReport } from '../../probe/report.ts';
import { reportJson } from '../../report/json.ts';
import type { TextPage } from '../../report/paint.ts';
import { probeJUnit } from '../../report/probe/junit.ts';
import { probeMarkdown } from '../../report/probe/markdown.ts';
import { conformanceLines, idleLines, outcomeLine, titleLine } from '../../report/probe/text.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, type Output, wantsColour } from '../context.ts';
import { addExamples } from '../help.ts';
import { addDialOptions } from '../options/dial.ts';
import { addProbeOptions, contradiction, formOf, type ProbeCliOptions, probeOptionsFrom } from '../options/probe.ts';
import { runCompare, runDuring, runWatch, type Stage } from '../probe/modes.ts';
import { liveProbe, quietProbe } from '../terminal/probe-live.ts';
import { openTerminal } from '../terminal/terminal.ts';

export function registerProbe(program: Command, cli: Cli): void {
  const command = addDialOptions(
    addProbeOptions(
      program
        .command('probe')
        .description(
          'Walks to a WebSocket endpoint step by step, names the cause when a step fails, and checks what experts check: Origin, compression, limits, protocol errors, closing. Exit code 0 when all passed, 1 when something failed, 2 for wrong usage, 3 when nothing was reached or it was stopped.',
        )
        .argument('[url]', 'ws://host/path or wss://host/path'),
    ),
  );
  command.action(
    cli.action((url: string | undefined, options: ProbeCliOptions) => {
      if (options.list) return list(cli);
      if (url === undefined) return command.error('error: say which endpoint: holdline probe wss://host/path');
      const wrong = contradiction(options);
      if (wrong !== null) return command.error(`error: ${wrong}`);
      return probe(withScheme(url), options, cli);
    }),
  );
  addExamples(command, [
    'holdline probe wss://example.com/ws',
    'holdline probe wss://example.com/ws --origin https://example.com --idle',
    'holdline probe ws://127.0.0.1:9000/ --vs wss://example.com/ws',
    'holdline probe wss://example.com/ws --during "nginx -s reload"',
  ]);
}

async function probe(url: string, options: ProbeCliOptions, cli: Cli): Promise<ExitCode> {
  const page = pageOf(cli.stdout, cli);
  const text = formOf(options) === 'text';
  // A report that is read by a program goes to stdout alone; what is waited for is for the eyes.
  const status = openTerminal(text && cli.stdout.isTTY ? cli.stdout : cli.stderr);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal);
  const stage: Stage = { cli, page, status, signal: stop.signal };
  const probing = probeOptionsFrom(options);
  try {
    if (options.vs !== undefined)
      return await runCompare(url, { ...options, vs: withScheme(options.vs) }, probing, stage);
    if (options.watch !== undefined) return await runWatch(url, options, probing, stage);
    if (options.during !== undefined) return await runDuring(url, options, probing, stage);
    const live = text ? openTerminal(cli.stdout) : status;
    const detail = { verbose: options.verbose === true, brief: options.brief === true };
    if (text) live.print(`${titleLine(page, publicUrl(url))}${detail.brief ? '' : '\n'}`);
    const onEvent = text ? liveProbe(live, page, detail) : quietProbe(status);
    const report = await probeEndpoint(url, { ...probing, onEvent, signal: stop.signal });
    live.wipe();
    const stopped = stop.signal.aborted;
    write(report, options, page, cli, stopped);
    if (stopped) return 3;
    if (options.strict && report.outcome === 'passed' && hasWarnings(report, options.mustHold !== undefined)) return 1;
    // Nobody can dial what is no URL: that is wrong usage, whatever else was asked for.
    return report.failure?.code === 'probe-url' ? 2 : exitCodeOf(report);
  } finally {
    process.off('SIGINT', onSignal);
  }
}

function write(report: ProbeReport, options: ProbeCliOptions, page: TextPage, cli: Cli, stopped: boolean): void {
  const verbose = options.verbose === true;
  switch (formOf(options)) {
    case 'json':
      cli.stdout.write(`${reportJson(report, 2)}\n`);
      return;
    case 'junit':
      cli.stdout.write(probeJUnit(report, { strict: options.strict === true }));
      return;
    case 'markdown':
      cli.stdout.write(probeMarkdown(report));
      return;
    case 'text': {
      const lines = [
        ...(report.conformance === null ? [] : conformanceLines(page, report.conformance, { verbose })),
        ...(report.idle === null ? [] : idleLines(page, report.idle)),
        ...(options.brief ? [] : ['']),
        outcomeLine(page, report, stopped),
      ];
      cli.stdout.write(`${lines.join('\n')}\n`);
    }
  }
}

/** A quiet connection that is cut counts, unless --must-hold said how long it has to last. */
function hasWarnings(report: ProbeReport, idleIsJudged: boolean): boolean {
  if (!idleIsJudged && report.idle !== null && report.idle.kind !== 'none') return true;
  return [...report.walk, ...report.checks].some((each) => each.verdict === 'warn');
}

function list(cli: Cli): ExitCode {
  const width = Math.max(...checks.map((check) => check.id.length));
  const lines = [
    'Checks, by group:',
    ...checks.map((check) => `  ${check.id.padEnd(width)}  ${check.group.padEnd(11)}  ${check.title}`),
    '',
    `Sections of --conformance, ${sections.reduce((sum, section) => sum + section.cases.length, 0)} cases:`,
    ...sections.map(
      (section) =>
        `  ${section.id.padEnd(width)}  ${String(section.cases.length).padStart(3)} cases    ${section.title}`,
    ),
  ];
  cli.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

export function pageOf(output: Output, cli: Cli): TextPage {
  return { width: Math.max(30, Math.min(output.columns ?? 80, 100)), colour: wantsColour(output, cli.env) };
}

/**
 * People type example.com/ws, as they would into a browser: TLS is what they mean, except on this machine. A port alone
 * is one of this machine.
 */
export function withScheme(text: string): string {
  if (/^:?\d{1,5}(?:[/?].*)?$/.test(text)) return `ws://127.0.0.1:${text.replace(/^:/, '')}`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  const host = /^([a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::\d+)?(?:[/?].*)?$/i.exec(text)?.[1];
  if (host === undefined) return text;
  return `${isLoopbackHost(host) ? 'ws' : 'wss'}://${text}`;
}
