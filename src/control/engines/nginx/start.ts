/** A supervised nginx as an engine: what the control API asks is answered from its log, from /proc and from the kernel's table of sockets. */
import type { CloseCause } from '../../../base/close-cause.ts';
import { type Diagnostic, hasErrors } from '../../../base/diagnostic.ts';
import { HoldlineError } from '../../../base/error.ts';
import { formatDuration } from '../../../base/units.ts';
import { findNginx, readNginxBuild } from '../../../host/nginx-binary.ts';
import { masterWorkers } from '../../../nginx/run/engine/master.ts';
import { modulesText } from '../../../nginx/run/engine/needs.ts';
import { takePrefix } from '../../../nginx/run/engine/prefix.ts';
import { readClients } from '../../../nginx/run/engine/sockets.ts';
import { workerUser } from '../../../nginx/run/engine/user.ts';
import type { EdgePlan } from '../../../plan/edge/model.ts';
import type { EndedRecord } from '../../../registry/history/ended.ts';
import type { Spec } from '../../../spec/model.ts';
import type { ApplyOutcome } from '../../change/apply.ts';
import { planChange } from '../../change/plan-change.ts';
import { chronicle } from '../../history/chronicle.ts';
import { checkListenable } from '../../listen/listeners.ts';
import { clearPlace } from '../../listen/socket-place.ts';
import type { EdgeEventSink } from '../../log/notices.ts';
import { unreachableOnce } from '../../log/unreachable.ts';
import type { Question } from '../../workers/messages.ts';
import { answerQuestion } from '../../workers/question-answers.ts';
import { edgeQuestions } from '../../workers/questions.ts';
import { heaviest } from '../../workers/state.ts';
import type { Engine } from '../engine.ts';
import { beginLife } from './life.ts';
import { takeOverLogs } from './logs.ts';
import { type WorkerLook, workerStatuses } from './processes.ts';
import { connectionRefusals, deskRefusals, serverRefusals } from './refusals.ts';
import { reporting } from './reports.ts';
import { serverRows } from './server-rows.ts';
import { settle } from './settled.ts';
import { ConnectionTable } from './table.ts';

export interface NginxEngine extends Engine {
  /** Takes over a new spec, or says why it cannot; then nothing has changed. */
  apply(spec: Spec, plan: EdgePlan): Promise<ApplyOutcome>;
  /** Settings without effect, and whatever else was found at the start. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface NginxEngineOptions {
  readonly spec: Spec;
  readonly plan: EdgePlan;
  readonly directory: string;
  /** The folder that nginx lives in. */
  readonly prefix: string;
  /** As in PATH. */
  readonly searchPath: string;
  readonly onEvent: EdgeEventSink;
  readonly remembered?: readonly EndedRecord[];
  /** Aborting it ends everything at once. */
  readonly signal?: AbortSignal;
}

/** Lines are there as soon as nginx has written them; people see a quarter of a second as at once. */
const lookEveryMs = 250;
/** The kernel is asked who is still there, in case a worker was killed. A connection has to be missing at two looks. */
const reconcileEveryMs = 5000;

/** Rejects with the findings' first error when the spec cannot be carried by nginx, and with what keeps nginx from starting. */
export async function startNginxEngine(options: NginxEngineOptions): Promise<NginxEngine> {
  const [nowMs, monotonicMs] = [Date.now, () => performance.now()];
  const startedAtMs = nowMs();
  const binary = findNginx(options.searchPath);
  if (binary === null)
    throw new HoldlineError('engine-nginx-missing', 'there is no nginx in PATH, /usr/sbin or /usr/local/sbin');
  const build = readNginxBuild(binary);
  const prefix = takePrefix(options.prefix);
  const { directory } = options;
  const user = workerUser();
  const settled = settle({ spec: options.spec, plan: options.plan, directory, binary, build, prefix, user });
  if (settled.value === null) {
    prefix.release();
    throw firstError(settled.diagnostics);
  }
  let current = settled.value;
  let ending = false;
  let restarts = 0;

  const isToldOf = unreachableOnce();
  const note: EdgeEventSink = (event) => {
    if (!isToldOf(event, nowMs())) return;
    told.note(event);
    options.onEvent(event);
  };
  const knownEnds = new Set((options.remembered ?? []).map(({ id }) => id));
  const table = new ConnectionTable({
    nowMs,
    monotonicMs,
    plan: () => current.plan,
    ...reporting({ note, nowMs, isKnown: (id) => knownEnds.has(id) }),
  });
  const questions = edgeQuestions(
    {
      askAll: async (name, ask) => [
        (await answerQuestion(
          { ...connectionRefusals, registry: table.registry, originsSeen: () => table.origins },
          { name, ...ask } as Question,
          { nowMs, monotonicMs },
        )) as never,
      ],
    },
    nowMs,
  );
  const told = chronicle({
    nowMs,
    read: () => ({ totals: table.totals, ...heaviest(workers()) }),
    survivors: questions.survivors,
    // The table itself knows whom a worker held.
    roster: {
      size: 0,
      tick: async () => undefined,
      left: () => undefined,
      kept: () => [],
      restore: () => undefined,
      lost: () => [],
    },
    onLost: () => undefined,
    onIncident: (incident) => note({ kind: 'incident', incident }),
  });
  told.remember(options.remembered ?? []);

  const life = await beginLife({
    prefix,
    binary,
    text: current.text,
    checkAddresses: async () => {
      for (const { address } of current.plan.listen) await checkListenable(address);
    },
    clearSockets: async () => {
      for (const { address } of current.plan.listen) if (address.unix !== undefined) await clearPlace(address.unix);
    },
    onEnded: (pid, orphans, restartInMs) => note({ kind: 'nginx-ended', pid, orphans, restartInMs }),
    onRestarted: (pid) => {
      restarts++;
      tellUp(pid, null);
    },
    onFailed: ({ message }, restartInMs) => note({ kind: 'worker-not-started', message, restartInMs }),
  }).catch((error: unknown) => {
    prefix.release();
    throw error;
  });
  const endsBy = (): CloseCause => (ending ? 'shutdown' : 'ended');
  const logs = takeOverLogs({
    prefix,
    from: 'start',
    table,
    note,
    nowMs,
    reopen: life.reopenLogs,
    endsBy,
    onWorkerExit: (worker, how) => {
      const lost = table.lose((record) => record.worker === worker, nowMs());
      restarts++;
      note({ kind: 'worker-crashed', worker, how, lost, restartInMs: 0 });
    },
  });
  const tellUp = (pid: number, found: number | null) =>
    note({ kind: 'nginx-up', pid, version: `nginx ${binary.version}`, modules: modulesText(build), found });
  logs.look();
  tellUp(life.master, life.found ? table.registry.size : null);

  let look: WorkerLook = { atMs: nowMs(), workers: masterWorkers(life.master) };
  let before: WorkerLook | null = null;
  const workers = () => {
    const held = new Map<number, number>();
    for (const { worker } of table.all()) held.set(worker, (held.get(worker) ?? 0) + 1);
    return workerStatuses(look, before, held, binary.version);
  };
  let missing = new Set<string>();
  const reconcile = () => {
    const ports = new Set(
      current.plan.listen.flatMap(({ address }) => (address.unix === undefined ? [address.port] : [])),
    );
    const clients = readClients(process.pid, ports);
    const gone = new Set<string>();
    for (const { key, socket, openedAtMs } of table.all())
      if (socket !== null && !clients.has(socket) && nowMs() - openedAtMs > reconcileEveryMs) gone.add(key);
    table.lose(({ key }) => gone.has(key) && missing.has(key), nowMs());
    missing = gone;
  };
  const timers = [
    setInterval(() => {
      logs.look();
      table.tick();
      life.watch();
    }, lookEveryMs),
    setInterval(() => {
      before = look;
      look = { atMs: nowMs(), workers: masterWorkers(life.master) };
      told.tick();
    }, 1000),
    setInterval(reconcile, reconcileEveryMs),
  ];
  const stop = () => {
    for (const timer of timers) clearInterval(timer);
    logs.look();
    logs.close();
    prefix.release();
  };
  options.signal?.addEventListener('abort', life.cut, { once: true });
  let closing: Promise<void> | null = null;

  return {
    ...deskRefusals,
    ...questions,
    diagnostics: settled.diagnostics,
    addresses: current.plan.listen.map(({ address: { host, port, unix } }) => ({
      host,
      port,
      ...(unix === undefined ? {} : { socketPath: unix.path }),
    })),
    startedAtMs,
    plan: () => current.plan,
    chronicle: told,
    note,
    totals: () => table.totals,
    workers,
    silentWorkers: () => [],
    workerRestarts: () => restarts,
    servers: { ...serverRefusals, rows: () => serverRows(current.plan, table.totals, startedAtMs) },
    async apply(spec, plan) {
      const next = settle({ spec, plan, directory, binary, build, prefix, user });
      if (next.value === null) return { changed: [], diagnostics: next.diagnostics };
      const { changed } = planChange(current.plan, next.value.plan);
      if (next.value.meaning === current.meaning) {
        current = { ...next.value, plan: { ...next.value.plan, control: current.plan.control } };
        return {
          changed: changed.map((each) => `${each} (the same to nginx, which was not reloaded)`),
          diagnostics: [],
        };
      }
      try {
        await life.reload(next.value.text);
      } catch (error) {
        if (!(error instanceof HoldlineError)) throw error;
        return { changed: [], diagnostics: [error.diagnostic()] };
      }
      const stay = stayText(table, current.shutdownMs);
      current = { ...next.value, plan: { ...next.value.plan, control: current.plan.control } };
      note({ kind: 'nginx-reloaded', stay });
      const what = changed.length === 0 ? ['configuration or certificates'] : [...changed];
      note({ kind: 'reloaded', changed: what });
      return { changed: what, diagnostics: next.diagnostics };
    },
    close({ deadlineMs = current.plan.drain.deadlineMs } = {}) {
      ending = true;
      closing ??= life.quit(deadlineMs).then(stop);
      return closing;
    },
    cut() {
      ending = true;
      life.cut();
    },
  };
}

/** Which connections a reload leaves in old workers, and until when. */
function stayText(table: ConnectionTable, shutdownMs: number): string {
  const open = Object.entries(table.totals.routes).filter(([, route]) => route.open > 0);
  if (open.length === 0) return 'nobody is connected';
  const counts = open.map(([name, route]) => `${route.open} of ${name}`).join(', ');
  return `${counts} stay with their workers, for ${formatDuration(shutdownMs)} at most`;
}

/** The first of what keeps a spec from being carried by nginx; `holdline check` lists all of it. */
function firstError(diagnostics: readonly Diagnostic[]): Error {
  const [first, ...others] = diagnostics.filter((each) => hasErrors([each]));
  const more = others.length === 0 ? '' : `; ${others.length} more: holdline check lists all`;
  const { message = 'the spec cannot be carried by nginx', help, code } = first ?? {};
  return new HoldlineError(code === 'engine-cannot' ? code : 'engine-nginx-refused', `${message}${more}`, {
    ...(help === undefined ? {} : { help }),
  });
}
