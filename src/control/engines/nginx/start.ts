/**
 * A supervised nginx as an engine: what the control API asks is answered from its log, from /proc and from the kernel's
 * table of sockets.
 */
import { type Diagnostic, hasErrors } from '../../../base/diagnostic.ts';
import { HoldlineError } from '../../../base/error.ts';
import { findNginx, type NginxBinary, type NginxBuild, readNginxBuild } from '../../../host/nginx-binary.ts';
import { modulesText } from '../../../nginx/run/engine/needs.ts';
import { type EnginePrefix, takePrefix } from '../../../nginx/run/engine/prefix.ts';
import { workerUser } from '../../../nginx/run/engine/user.ts';
import type { EdgePlan } from '../../../plan/edge/model.ts';
import type { EndedRecord } from '../../../registry/history/ended.ts';
import type { Spec } from '../../../spec/model.ts';
import { checkListenable } from '../../listen/listeners.ts';
import { clearPlace } from '../../listen/socket-place.ts';
import type { EdgeEventSink } from '../../log/notices.ts';
import type { Engine } from '../engine.ts';
import { openBooks } from './books.ts';
import { type NginxChanges, takeChanges } from './changes.ts';
import { watchKernel } from './kernel-watch.ts';
import { beginLife } from './life.ts';
import { takeOverLogs } from './logs.ts';
import { type WorkerWatch, watchWorkers } from './processes.ts';
import { deskRefusals, serverRefusals } from './refusals.ts';
import type { Running } from './running.ts';
import { serverRows } from './server-rows.ts';
import { settle } from './settled.ts';

export interface NginxEngine extends Engine {
  /** Takes over a new spec, or says why it cannot; then nothing has changed. */
  apply: NginxChanges['apply'];
  /** What that would do. */
  preview: NginxChanges['preview'];
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
  /** Changes past it wait. */
  readonly reloadsPerHour: number;
  readonly onEvent: EdgeEventSink;
  readonly remembered?: readonly EndedRecord[];
  /** Aborting it ends everything at once. */
  readonly signal?: AbortSignal;
}

/** Lines are there as soon as nginx has written them; people see a quarter of a second as at once. */
const lookEveryMs = 250;

/**
 * Rejects with the findings' first error when the spec cannot be carried by nginx, and with what keeps nginx from
 * starting.
 */
export async function startNginxEngine(options: NginxEngineOptions): Promise<NginxEngine> {
  const binary = findNginx(options.searchPath);
  if (binary === null)
    throw new HoldlineError('engine-nginx-missing', 'there is no nginx in PATH, /usr/sbin or /usr/local/sbin');
  const build = readNginxBuild(binary);
  const prefix = takePrefix(options.prefix);
  try {
    return await startIn(options, { binary, build, prefix });
  } catch (error) {
    prefix.release();
    throw error;
  }
}

interface Place {
  readonly binary: NginxBinary;
  readonly build: NginxBuild;
  readonly prefix: EnginePrefix;
}

async function startIn(options: NginxEngineOptions, { binary, build, prefix }: Place): Promise<NginxEngine> {
  const [nowMs, monotonicMs] = [Date.now, () => performance.now()];
  const startedAtMs = nowMs();
  const { directory, searchPath } = options;
  const user = workerUser();
  const settleWith = (spec: Spec, plan: EdgePlan) => settle({ spec, plan, directory, binary, build, prefix, user });
  const { value: settled, diagnostics } = settleWith(options.spec, options.plan);
  if (settled === null) throw firstError(diagnostics);
  const running: Running = { settled, isEnding: false, restarts: 0 };

  let processes: WorkerWatch | null = null;
  const workers = () => processes?.statuses() ?? [];
  const { remembered = [], onEvent } = options;
  const { table, questions, told, note } = openBooks({ running, remembered, onEvent, workers, nowMs, monotonicMs });
  const tellUp = (pid: number, found: number | null) =>
    note({ kind: 'nginx-up', pid, version: `nginx ${binary.version}`, modules: modulesText(build), found });

  const life = await beginLife({
    prefix,
    binary,
    text: settled.text,
    checkAddresses: async () => {
      for (const { address } of running.settled.plan.listen) await checkListenable(address);
    },
    clearSockets: async () => {
      for (const { address } of running.settled.plan.listen)
        if (address.unix !== undefined) await clearPlace(address.unix);
    },
    onEnded: (pid, orphans, restartInMs) => note({ kind: 'nginx-ended', pid, orphans, restartInMs }),
    onRestarted: (pid) => {
      running.restarts++;
      tellUp(pid, null);
    },
    onFailed: ({ message }, restartInMs) => note({ kind: 'worker-not-started', message, restartInMs }),
  });
  const logs = takeOverLogs({
    prefix,
    from: 'start',
    table,
    note,
    nowMs,
    reopen: life.reopenLogs,
    endsBy: () => (running.isEnding ? 'shutdown' : 'ended'),
    onWorkerExit: (worker, how) => {
      const lost = table.lose((record) => record.worker === worker, nowMs());
      running.restarts++;
      note({ kind: 'worker-crashed', worker, how, lost, restartInMs: 0 });
    },
  });
  logs.look();
  tellUp(life.master, life.found ? table.registry.size : null);

  const watch = watchWorkers({ master: () => life.master, held: () => table.all(), version: binary.version, nowMs });
  processes = watch;
  const kernel = watchKernel({ table, ports: () => portsOf(running.settled.plan), searchPath, nowMs });
  const timers = [
    setInterval(() => {
      logs.look();
      table.tick();
      life.watch();
    }, lookEveryMs),
    setInterval(() => {
      watch.look();
      told.tick();
    }, 1000),
  ];
  const stop = () => {
    for (const timer of timers) clearInterval(timer);
    kernel.close();
    logs.look();
    logs.close();
    prefix.release();
  };
  const { reloadsPerHour } = options;
  const changes = takeChanges({
    running,
    life,
    table,
    workers,
    note,
    nowMs,
    reloadsPerHour,
    said: diagnostics,
    settle: settleWith,
  });
  options.signal?.addEventListener('abort', life.cut, { once: true });
  let closing: Promise<void> | null = null;

  return {
    ...deskRefusals,
    ...questions,
    diagnostics: kernel.measures ? diagnostics : [...diagnostics, unmeasured()],
    addresses: settled.plan.listen.map(({ address: { host, port, unix } }) => ({
      host,
      port,
      ...(unix === undefined ? {} : { socketPath: unix.path }),
    })),
    startedAtMs,
    plan: () => running.settled.plan,
    chronicle: told,
    note,
    totals: () => table.totals,
    workers,
    silentWorkers: () => [],
    workerRestarts: () => running.restarts,
    servers: { ...serverRefusals, rows: () => serverRows(running.settled.plan, table.totals, startedAtMs) },
    apply: changes.apply,
    preview: changes.preview,
    close({ deadlineMs = running.settled.plan.drain.deadlineMs } = {}) {
      running.isEnding = true;
      changes.close();
      closing ??= life.quit(deadlineMs).then(stop);
      return closing;
    },
    cut() {
      running.isEnding = true;
      life.cut();
    },
  };
}

function unmeasured(): Diagnostic {
  return new HoldlineError('engine-without-ss', 'there is no ss on this machine').diagnostic();
}

function portsOf({ listen }: EdgePlan): ReadonlySet<number> {
  return new Set(listen.flatMap(({ address }) => (address.unix === undefined ? [address.port] : [])));
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
