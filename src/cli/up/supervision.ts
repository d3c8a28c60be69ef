import { formatDuration } from '../../base/units.ts';
import { type KeptControl, startControlServer } from '../../control/api/server.ts';
import { foreseeEdge, previewReload } from '../../control/edge/preview.ts';
import { createReloader } from '../../control/edge/reload.ts';
import { type ServerChange, saveServer } from '../../control/edge/save.ts';
import { readCertificates } from '../../control/edge/source.ts';
import { watchSpec } from '../../control/edge/watch.ts';
import { probationMsDefault, type UpgradeState } from '../../control/handover/upgrade.ts';
import type { BoundListener } from '../../control/listen/listeners.ts';
import type { EdgeLog } from '../../control/log/log.ts';
import type { EdgeEvent } from '../../control/log/notices.ts';
import type { Inherited } from '../../control/succession/inherited.ts';
import { type MadeWay, makingWay } from '../../control/succession/making-way.ts';
import type { Keeper } from '../../control/succession/protocol.ts';
import { type SupervisorState, supervisorVersions } from '../../control/succession/state.ts';
import { writeSupervisor } from '../../control/succession/written-state.ts';
import { type Supervisor, startSupervisor } from '../../control/supervisor.ts';
import type { BoundAddress } from '../../control/workers/messages.ts';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EndedRecord } from '../../registry/history/ended.ts';
import { openIn } from '../../registry/totals.ts';
import type { ExitCode } from '../context.ts';
import { type Subscribe, untilToldToEnd } from '../signals.ts';
import { banner } from '../terminal/banner.ts';
import { connectionsText } from '../terminal/line.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { showCounts } from './counts.ts';
import type { Prepared } from './prepare.ts';
import type { ServiceTies } from './service-ties.ts';

/** What all supervisors of this process have in common. */
export interface Surroundings {
  readonly prepared: Prepared;
  readonly version: string;
  readonly terminal: Terminal;
  readonly log: EdgeLog | null;
  /** As it was named. */
  readonly logFile: string | null;
  readonly remembered: readonly EndedRecord[];
  readonly onEvent: (event: EdgeEvent) => void;
  readonly reopenLog: () => void;
  readonly service: ServiceTies;
  readonly keeper: Keeper;
  readonly signals: Subscribe;
  readonly sockets: SocketsWay | undefined;
  readonly cutter: AbortController;
}

/** How a supervisor begins that takes over from another one. */
export interface Takeover {
  readonly inherited: Inherited;
  readonly control: KeptControl;
  /** The workers are to follow; null where they are not. */
  readonly follow: { readonly perSecond: number | null } | null;
}

export type ReignEnd =
  | { readonly kind: 'ended'; readonly code: ExitCode }
  | {
      readonly kind: 'made-way';
      readonly made: MadeWay;
      readonly listeners: readonly BoundListener[];
      /** As it was then. */
      readonly state: SupervisorState;
      readonly upgrade: UpgradeState;
    };

/** What another supervisor would begin with is told this often, for the case that this one dies. */
const keepEveryMs = 2000;

/** Runs a supervisor until it is told to end, or another one has taken its place. */
export async function supervise(
  around: Surroundings,
  takeover: Takeover | null,
  onListening: (listeners: readonly BoundListener[]) => void = () => undefined,
): Promise<ReignEnd> {
  const { prepared, terminal, onEvent, keeper, service, cutter, version } = around;
  const { plan, source, report } = prepared;
  const cut = () => cutter.abort();
  let reload: () => Promise<unknown> = async () => undefined;
  let upgrade = () => onEvent({ kind: 'signal-ignored', signal: 'SIGUSR2', why: 'the edge is not up yet' });
  const signals = untilToldToEnd(
    {
      onReload: () => {
        around.reopenLog();
        void reload();
      },
      onReopenLog: around.reopenLog,
      onUpgrade: () => upgrade(),
      terminal: terminal.live,
    },
    around.signals,
  );
  const stopStarting = { now: cut };
  let ends = false;
  void signals.first.then(() => {
    ends = true;
    stopStarting.now();
  });
  void signals.second.then(cut);
  const closers: (() => void)[] = [];
  const stop = () => {
    for (const close of closers.splice(0)) close();
  };
  let edge!: Supervisor;
  let left: SupervisorState | null = null;
  let api!: Awaited<ReturnType<typeof startControlServer>>;
  let onMadeWay!: (made: MadeWay) => void;
  const madeWay = new Promise<MadeWay>((resolve) => {
    onMadeWay = resolve;
  });
  const outside = () => ({
    from: version,
    control: controlAt(plan.control.address, api.port),
    sessions: api.sessions(),
    perSecond: null,
  });
  const succession = makingWay({
    keeper,
    supervisor: () => edge,
    outside,
    ends: () => ends,
    control: () => ({ handle: api.handle, release: () => void api.close({ keepsPlace: true }) }),
    onLeave() {
      left = edge.kept(outside());
      stop();
      signals.close();
      service.reporter.pause();
    },
    onMadeWay,
  });

  try {
    edge = await startSupervisor({
      plan,
      certificates: prepared.certificates,
      directory: prepared.directory,
      env: service.env,
      passed: service.passed,
      onEvent,
      signal: cutter.signal,
      tellsOpens: around.log !== null,
      remembered: takeover === null || takeover.inherited.past.length === 0 ? around.remembered : [],
      keeper,
      succession,
      inherited: takeover?.inherited ?? null,
      ...(around.sockets === undefined ? {} : { sockets: around.sockets }),
    });
    stopStarting.now = () => undefined;
    onListening(edge.listeners);
    const reloader = createReloader({
      source,
      engine: 'gateway',
      overridden: prepared.overridden,
      apply: async (read) => edge.apply(read.plan, await readCertificates(read.plan, read.directory)),
      onFindings: (diagnostics, sources) => printAll(terminal, report(diagnostics, sources)),
    });
    const readAgain = () => service.reporter.reloading(reloader);
    reload = readAgain;
    upgrade = () => void edge.upgrade.start({ dryRun: false, probationMs: probationMsDefault, perSecond: null });
    const save = (change: ServerChange) => saveServer(source, change);
    const preview = () =>
      previewReload({ source, engine: 'gateway', overridden: prepared.overridden }, async (read) =>
        foreseeEdge(edge.plan(), read.plan, edge.totals()),
      );
    const target = { ...edge, version, reload: readAgain, preview, save };
    const { address } = plan.control;
    api = await startControlServer({ target, address, tokens: prepared.tokens, kept: takeover?.control }).catch(
      async (error: unknown) => {
        if (takeover === null) await edge.close();
        throw error;
      },
    );
    for (const each of prepared.watched) {
      const watcher = watchSpec(each, () => void reload());
      closers.push(() => watcher.close());
    }
    if (takeover === null) {
      const facts = { supervisor: edge, controlUrl: api.url, file: prepared.watched[0] ?? null, log: around.logFile };
      for (const line of banner(facts)) terminal.print(line);
    }
    closers.push(showCounts(edge, terminal));
    service.reporter.ready(edge);
    if (takeover !== null) goOn(edge, keeper, takeover, version);
    const { successor } = keeper;
    if (successor !== null) {
      const timer = setInterval(() => {
        const written = writeSupervisor(edge.kept(outside()), supervisorVersions.newest);
        if (written.ok) successor.keep(written.raw);
      }, keepEveryMs);
      closers.push(() => clearInterval(timer));
    }

    const made = await Promise.race([signals.first.then(() => null), madeWay]);
    if (made !== null) {
      const { listeners, upgrade: exchange } = edge;
      return { kind: 'made-way', made, listeners, state: left!, upgrade: exchange.state() };
    }
    service.reporter.stopping();
    stop();
    const within = formatDuration(edge.plan().drain.deadlineMs);
    terminal.print(
      `Draining ${connectionsText(openIn(edge.totals()))}; who is left after ${within} gets 1001. Ctrl-C again cuts them.`,
    );
    await edge.close();
    await api.close();
    terminal.print(cutter.signal.aborted ? 'Cut.' : 'All closed.');
    return { kind: 'ended', code: cutter.signal.aborted ? 1 : 0 };
  } catch (error) {
    if (!cutter.signal.aborted) throw error;
    terminal.print('Ended before it was up.');
    return { kind: 'ended', code: 0 };
  } finally {
    stop();
    signals.close();
  }
}

function goOn(edge: Supervisor, { successor }: Keeper, { inherited, follow }: Takeover, version: string): void {
  successor?.took();
  edge.resume();
  if (follow !== null) edge.upgrade.follow(inherited.state.from, version, follow.perSecond);
}

function controlAt({ host, unix }: Prepared['plan']['control']['address'], port: number): BoundAddress {
  return unix === undefined ? { host, port } : { host, port, socketPath: unix.path };
}

function printAll(terminal: Terminal, report: string): void {
  for (const line of report.trimEnd().split('\n')) terminal.print(line);
}
