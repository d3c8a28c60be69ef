import { readFile } from 'node:fs/promises';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import { formatDuration } from '../../base/units.ts';
import { checkExposure } from '../../control/api/guard.ts';
import { startControlServer } from '../../control/api/server.ts';
import { createReloader } from '../../control/edge/reload.ts';
import { type ServerChange, saveServer } from '../../control/edge/save.ts';
import { type EdgeSource, readCertificates, readEdgePlan } from '../../control/edge/source.ts';
import { watchSpec } from '../../control/edge/watch.ts';
import { probationMsDefault } from '../../control/handover/upgrade.ts';
import { endedMax } from '../../control/history/chronicle.ts';
import { endedFromLog } from '../../control/history/log-reader.ts';
import { checkListenable } from '../../control/listen/listeners.ts';
import { type EdgeLog, openLog } from '../../control/log/log.ts';
import type { EdgeEvent } from '../../control/log/notices.ts';
import { type Supervisor, startSupervisor } from '../../control/supervisor.ts';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EndedRecord } from '../../registry/history/ended.ts';
import { openIn } from '../../registry/totals.ts';
import { renderText } from '../../report/diagnostics.ts';
import type { QuickSpecOptions } from '../../spec/quick/quick.ts';
import { quickSpecText } from '../../spec/quick/text.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { untilToldToEnd } from '../signals.ts';
import { banner } from '../terminal/banner.ts';
import { connectionsText, liveLine, sampleOf } from '../terminal/line.ts';
import { noticeText } from '../terminal/notices.ts';
import { openTerminal, type Terminal } from '../terminal/terminal.ts';
import { serviceTies } from './service-ties.ts';

/** The options of `holdline up`, as commander reads them. */
export interface UpOptions extends Omit<QuickSpecOptions, 'to' | 'directory'> {
  readonly to?: readonly string[];
  readonly printSpec?: boolean;
  readonly tokenFile?: string;
  readonly readTokenFile?: string;
  readonly log?: string;
  readonly sockets?: SocketsWay;
}

/** A person sees a change this fast as immediate, and a rate over it does not jump about. */
const liveLineEveryMs = 1000;
/** Without a terminal the counts are for whoever reads the output later. */
const plainLineEveryMs = 60_000;

/** Runs the edge until it is told to end. */
export async function runEdge(file: string, options: UpOptions, cli: Cli, version: string): Promise<ExitCode> {
  const { to } = options;
  const givenToken = options.token ?? (await tokenIn(options.tokenFile)) ?? cli.env.HOLDLINE_TOKEN;
  const quick = to === undefined ? null : { ...options, to, directory: process.cwd(), token: givenToken };
  const source: EdgeSource = quick === null ? { kind: 'file', file } : { kind: 'options', options: quick };
  const read = await readEdgePlan(source);
  const report = (diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>) =>
    renderText(diagnostics, { colour: wantsColour(cli.stderr, cli.env), sources });
  cli.stderr.write(report(read.diagnostics, read.sources));
  if (read.plan === null) return 1;
  if (options.printSpec === true && quick !== null) {
    cli.stdout.write(quickSpecText(quick));
    return 0;
  }
  const { plan, directory } = read;
  const token = givenToken ?? plan.control.token;
  checkExposure(plan.control.address.host, token);
  const tokens = { steer: token, read: (await tokenIn(options.readTokenFile)) ?? cli.env.HOLDLINE_READ_TOKEN ?? null };
  if (tokens.read !== null && token === null) {
    throw new HoldlineError(
      'control-needs-token',
      'a token for reading says nothing as long as none is needed to steer',
    );
  }
  // Before anything starts: finding the port taken after the servers and workers are up would take them down again.
  const { address } = plan.control;
  if (address.port !== 0 || address.unix !== undefined) await checkListenable(address);
  const certificates = await readCertificates(plan, directory);

  // With the log on the standard output, what people read goes beside it.
  cli.outlivesReaders?.();
  const terminal = openTerminal(options.log === '-' ? cli.stderr : cli.stdout);
  const remembered = await rememberedIn(options.log);
  const log = await openLogAt(options.log);
  const onEvent = (event: EdgeEvent) => {
    log?.write(event);
    const text = noticeText(event);
    if (text !== null) terminal.print(text);
  };
  const cutter = new AbortController();
  const cut = () => cutter.abort();
  // However this process ends, the servers that it started, in process groups of their own, end with it.
  process.once('exit', cut);
  const service = serviceTies(cli.env, {
    onUntold: (message) => onEvent({ kind: 'service-untold', message }),
    onUseless: (socket, why) => onEvent({ kind: 'socket-unused', socket, why }),
  });
  let reload: () => Promise<unknown> = async () => undefined;
  let upgrade = () => onEvent({ kind: 'signal-ignored', signal: 'SIGUSR2', why: 'the edge is not up yet' });
  const reopenLog = () => void reopen(log, options.log, onEvent);
  const signals = untilToldToEnd({
    onReload: () => {
      reopenLog();
      void reload();
    },
    onReopenLog: reopenLog,
    onUpgrade: () => upgrade(),
    terminal: terminal.live,
  });
  const stopStarting = { now: cut };
  void signals.first.then(() => stopStarting.now());
  void signals.second.then(cut);

  try {
    const edge = await startSupervisor({
      plan,
      certificates,
      directory,
      env: service.env,
      passed: service.passed,
      onEvent,
      signal: cutter.signal,
      tellsOpens: log !== null,
      remembered,
      ...(options.sockets === undefined ? {} : { sockets: options.sockets }),
    });
    stopStarting.now = () => undefined;
    const reloader = createReloader({
      source,
      supervisor: edge,
      onFindings: (diagnostics, sources) => printAll(terminal, report(diagnostics, sources)),
    });
    const readAgain = () => service.reporter.reloading(reloader);
    reload = readAgain;
    upgrade = () => void edge.upgrade.start({ dryRun: false, probationMs: probationMsDefault, perSecond: null });
    const save = (change: ServerChange) => saveServer(source, change);
    const target = { ...edge, version, reload: readAgain, save };
    const api = await startControlServer({ target, address, tokens }).catch(async (error: unknown) => {
      await edge.close();
      throw error;
    });
    const watched = source.kind === 'file' ? [file, ...read.files] : [];
    const watchers = watched.map((each) => watchSpec(each, () => void reload()));
    const facts = { supervisor: edge, controlUrl: api.url, file: watched[0] ?? null, log: options.log ?? null };
    for (const line of banner(facts)) terminal.print(line);
    const stopCounting = showCounts(edge, terminal);
    service.reporter.ready(edge);

    await signals.first;
    service.reporter.stopping();
    for (const watcher of watchers) watcher.close();
    stopCounting();
    const within = formatDuration(edge.plan().drain.deadlineMs);
    terminal.print(
      `Draining ${connectionsText(openIn(edge.totals()))}; who is left after ${within} gets 1001. Ctrl-C again cuts them.`,
    );
    await edge.close();
    await api.close();
    terminal.print(cutter.signal.aborted ? 'Cut.' : 'All closed.');
    return cutter.signal.aborted ? 1 : 0;
  } catch (error) {
    if (!cutter.signal.aborted) throw error;
    terminal.print('Ended before it was up.');
    return 0;
  } finally {
    signals.close();
    process.off('exit', cut);
    await service.reporter.close();
    await log?.close();
  }
}

/** Shows the counts until the function that comes back is called. */
function showCounts(edge: Supervisor, terminal: Terminal): () => void {
  const sample = () => sampleOf(edge.totals(), edge.workers(), performance.now());
  let last = sample();
  const timer = setInterval(
    () => {
      const now = sample();
      if (terminal.live) terminal.status(liveLine(now, last));
      else terminal.print(liveLine(now, last));
      last = now;
    },
    terminal.live ? liveLineEveryMs : plainLineEveryMs,
  );
  return () => {
    clearInterval(timer);
    terminal.end();
  };
}

async function reopen(
  log: EdgeLog | null,
  file: string | undefined,
  onEvent: (event: EdgeEvent) => void,
): Promise<void> {
  if (log === null || file === undefined || file === '-') return;
  try {
    await log.reopen();
    onEvent({ kind: 'log-reopened', file });
  } catch (error) {
    onEvent({ kind: 'log-kept', file, message: error instanceof Error ? error.message : String(error) });
  }
}

/** What the log of an earlier run tells of, so that a restart forgets nobody. */
async function rememberedIn(log: string | undefined): Promise<readonly EndedRecord[]> {
  if (log === undefined || log === '-') return [];
  try {
    return await endedFromLog(log, endedMax);
  } catch (error) {
    throw new HoldlineError('log-unwritable', `the log ${log} cannot be read`, { cause: error });
  }
}

/** Where ps does not show it, and nothing writes it down. */
async function tokenIn(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new HoldlineError('token-file-unusable', `the token file ${file} could not be read (${error.code})`, {
      cause: error,
    });
  });
  const token = text.trim();
  if (/^[\x21-\x7e]{8,500}$/.test(token)) return token;
  throw new HoldlineError(
    'token-file-unusable',
    `the token file ${file} holds no token of 8 to 500 visible characters`,
  );
}

async function openLogAt(destination: string | undefined): Promise<EdgeLog | null> {
  if (destination === undefined) return null;
  try {
    return await openLog({ destination: destination === '-' ? 1 : destination });
  } catch (error) {
    throw new HoldlineError('log-unwritable', `the log ${destination} cannot be written`, { cause: error });
  }
}

function printAll(terminal: Terminal, report: string): void {
  for (const line of report.trimEnd().split('\n')) terminal.print(line);
}
