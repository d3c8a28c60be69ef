import { HoldlineError } from '../base/error.ts';
import { checkExposure } from '../control/api/guard.ts';
import { startControlServer } from '../control/api/server.ts';
import { checkListenable } from '../control/listeners.ts';
import { type EdgeLog, openLog } from '../control/log.ts';
import { startSupervisor } from '../control/supervisor.ts';
import type { ExitCode } from './context.ts';
import { type EdgeSource, readCertificates, readEdgePlan } from './edge-source.ts';
import type { Cli } from './program.ts';
import { reloader } from './reloader.ts';
import { untilToldToEnd } from './signals.ts';
import { watchSpec } from './spec-watch.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { banner } from './terminal-banner.ts';
import { liveLine, sampleOf } from './terminal-line.ts';
import { noticeText } from './terminal-notices.ts';

/** The options of `holdline up`, as commander reads them. */
export interface UpOptions {
  readonly to?: readonly string[];
  readonly listen?: string;
  readonly control?: string;
  readonly workers?: number;
  readonly token?: string;
  readonly log?: string;
}

/** A person sees a change this fast as immediate, and a rate over it does not jump about. */
const liveLineEveryMs = 1000;
/** Without a terminal the counts are for whoever reads the output later. */
const plainLineEveryMs = 60_000;

/** Runs the edge until it is told to end. */
export async function runEdge(file: string, options: UpOptions, cli: Cli, version: string): Promise<ExitCode> {
  const { to, listen, control, workers } = options;
  const givenToken = options.token ?? cli.env.HOLDLINE_TOKEN;
  const source: EdgeSource =
    to === undefined ? { kind: 'file', file } : { kind: 'options', to, listen, control, workers, token: givenToken };
  // With the log on the standard output, what people read goes beside it.
  const terminal = openTerminal(options.log === '-' ? cli.stderr : cli.stdout);
  const read = await readEdgePlan(source, cli);
  cli.stderr.write(read.report);
  if (read.plan === null) return 1;

  const token = givenToken ?? read.plan.control.token;
  const { address } = read.plan.control;
  checkExposure(address.host, token);
  // Before anything starts: finding the port taken after the servers and workers are up would take them down again.
  if (address.port !== 0) await checkListenable(address);
  const log = await openLogAt(options.log);

  const supervisor = await startSupervisor({
    plan: read.plan,
    certificates: await readCertificates(read.plan, read.directory),
    directory: read.directory,
    env: cli.env,
    onEvent(event) {
      log?.write(event);
      const text = noticeText(event);
      if (text !== null) terminal.print(text);
    },
  });
  const reload = reloader({ source, supervisor, cli, onFindings: (report) => printFindings(terminal, report) });
  const api = await startControlServer({
    target: { ...supervisor, reload },
    address,
    token,
    version,
  }).catch(async (error: unknown) => {
    await supervisor.close();
    throw error;
  });
  const watcher = source.kind === 'file' ? watchSpec(file, () => void reload()) : null;

  const shownFile = source.kind === 'file' ? file : null;
  const shownLog = options.log === undefined || options.log === '-' ? null : options.log;
  for (const line of banner({ supervisor, controlUrl: api.url, file: shownFile, log: shownLog })) terminal.print(line);
  const sample = () => sampleOf(supervisor.totals(), supervisor.workers(), performance.now());
  let last = sample();
  const show = setInterval(
    () => {
      const now = sample();
      if (terminal.live) terminal.status(liveLine(now, last));
      else terminal.print(liveLine(now, last));
      last = now;
    },
    terminal.live ? liveLineEveryMs : plainLineEveryMs,
  );

  const signals = untilToldToEnd({ onReload: () => void reload(), terminal: terminal.live });
  await signals.first;
  watcher?.close();
  clearInterval(show);
  terminal.end();
  const { connections } = sample();
  terminal.print(`Closing ${connections} connection${connections === 1 ? '' : 's'} with 1001; Ctrl-C again cuts them.`);
  void signals.second.then(() => supervisor.cut());
  await supervisor.close();
  await api.close();
  await log?.close();
  const cut = signals.close();
  terminal.print(cut ? 'Cut.' : 'All closed.');
  return cut ? 1 : 0;
}

async function openLogAt(destination: string | undefined): Promise<EdgeLog | null> {
  if (destination === undefined) return null;
  try {
    return await openLog({ destination: destination === '-' ? 1 : destination });
  } catch (error) {
    throw new HoldlineError('log-unwritable', `the log ${destination} cannot be written`, { cause: error });
  }
}

function printFindings(terminal: Terminal, report: string): void {
  for (const line of report.trimEnd().split('\n')) terminal.print(line);
}
