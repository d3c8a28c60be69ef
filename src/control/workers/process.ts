import { isDeepStrictEqual } from 'node:util';
import { deferred } from '../../base/deferred.ts';
import { HoldlineError } from '../../base/error.ts';
import type { Versions } from '../../gateway/handover/fields.ts';
import type { RawListener } from '../../gateway/inside/listener.ts';
import type { GiveOutcome } from '../handover/giver.ts';
import type { LogEvent } from '../log/events.ts';
import { unpackEvents } from '../log/packed-events.ts';
import { type Child, type ChildExit, type Children, exitText } from '../processes/child.ts';
import type {
  Answer,
  BoundAddress,
  DeskAnswer,
  DeskRequest,
  QuestionName,
  Questions,
  ToSupervisor,
  ToWorker,
  WorkerLoss,
  WorkerReport,
} from './messages.ts';
import { pendingTable } from './pending.ts';
import { reportEveryMs } from './session.ts';

/** More questions at once than any page or person asks; each holds one closure until it is answered. */
const questionsMax = 256;
/** Ten times what the slowest question over 50,000 connections takes on one slow core. */
const answerTimeoutMs = 5000;

/** One worker as the supervisor sees it. */
export interface WorkerProcess {
  /** 0 until it is known, which it is before the worker is ready. */
  readonly pid: number;
  /** Its name among all children of the edge. */
  readonly child: string;
  /** What a supervisor tells the next one of it. */
  kept(): KeptWorker;
  readonly startedAtMs: number;
  /** Rejects when the worker says that it cannot start, or ends before it has. */
  readonly ready: Promise<readonly BoundAddress[]>;
  readonly exited: Promise<ChildExit>;
  /** How long it has not reported, in whole steps of `tick`; 0 while reports come. Milliseconds. */
  readonly silentMs: number;
  /** To be called every `reportEveryMs`: counts the reports that are missing. */
  tick(): void;
  /** Fails every question that waits: the worker does not answer at the moment. */
  giveUpAsking(): void;
  /** The last report; null before the first. */
  readonly report: WorkerReport | null;
  /** True once it has said that everything is closed. */
  readonly done: boolean;
  /** What it runs; null before it is ready. */
  readonly loaded: { readonly version: string; readonly reads: Versions } | null;
  tell(message: ToWorker): void;
  /**
   * Like `tell`, but while the one before has not left yet only the newest waits: for news that a later one replaces.
   */
  tellLatest(message: ToWorker): void;
  ask<Name extends QuestionName>(name: Name, ask: Questions[Name]['ask']): Promise<Answer<Name>>;
  kill(): void;
}

/** A worker that runs, for a supervisor that takes it over. */
export interface KeptWorker {
  /** Id of the child. */
  readonly child: string;
  readonly startedAtMs: number;
  readonly version: string;
  readonly reads: Versions;
  /** null where it is not known. */
  readonly report: WorkerReport | null;
}

export interface WorkerProcessOptions {
  readonly children: Children;
  /** How one begins, or one that runs already. */
  readonly from: WorkerBirth | KeptWorker;
  readonly nowMs: () => number;
  /** It reports other counts of connections than before. */
  readonly onMoved: () => void;
  readonly onEvents: (events: readonly LogEvent[], dropped: number) => void;
  /** Gets what it writes to its standard error, which is the supervisor's own where this is left out. */
  readonly onErrors?: (text: string) => void;
  readonly onGiven: (job: string, given: GiveOutcome) => void;
  readonly onServerLost: (loss: WorkerLoss) => void;
  readonly onDesk: (requests: readonly DeskRequest[], answer: (answers: readonly DeskAnswer[]) => void) => void;
}

export interface WorkerBirth {
  readonly entry: string;
  readonly listeners: readonly RawListener[];
  readonly start: Extract<ToWorker, { kind: 'start' }>;
}

/**
 * A worker's heap is many small things that live long. By default V8 gives the young ones up to 48 MB, lets the old
 * ones grow by half and more before it looks, and tidies up 8 s after things have become quiet: a connection then cost
 * 11 kB. So less room for the young, less growth, and an earlier tidying. (`--optimize-for-size` does as much for
 * memory, and made a handshake a quarter dearer.)
 */
const heapFlags = ['--max-semi-space-size=4', '--heap-growing-percent=80', '--gc-memory-reducer-start-delay-ms=2000'];

/** SIGUSR1 opens Node's debugger until the worker has its own handler; newer versions can be told not to. */
const debuggerFlags = process.allowedNodeEnvironmentFlags.has('--disable-sigusr1') ? ['--disable-sigusr1'] : [];

/** null where it was to be taken over and is gone. */
export function startWorkerProcess(options: WorkerProcessOptions & { readonly from: WorkerBirth }): WorkerProcess;
export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess | null;
export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess | null {
  const { from } = options;
  const ears = { message: hear, text: (_stream: 1 | 2, text: string | null) => options.onErrors?.(text ?? '') };
  const child = 'child' in from ? options.children.adopt(from.child, ears) : born(options, from, ears);
  if (child === null) return null;
  const pending = pendingTable({ capacity: questionsMax, timeoutMs: answerTimeoutMs });
  const started = deferred<readonly BoundAddress[]>();
  let report = 'child' in from ? from.report : null;
  let missing = 0;
  let done = false;
  let loaded: WorkerProcess['loaded'] = 'child' in from ? { version: from.version, reads: from.reads } : null;
  let latestUnderWay = false;
  let latestWaiting: ToWorker | null = null;

  function hear(raw: unknown): void {
    const message = raw as ToSupervisor;
    switch (message.kind) {
      case 'ready':
        loaded = { version: message.version, reads: message.reads };
        started.resolve(message.addresses);
        break;
      case 'gave':
        options.onGiven(message.job, message.given);
        break;
      case 'answer':
        pending.settle(message.id, message.answer);
        break;
      case 'failed':
        pending.fail(message.id, new HoldlineError('control-failed', message.message));
        break;
      case 'packed-events':
        options.onEvents(unpackEvents(message.packed), message.dropped);
        break;
      case 'report':
        reported(message.report);
        break;
      case 'desk':
        options.onDesk(message.requests, (answers) => send({ kind: 'desk', answers }));
        break;
      case 'server-lost':
        options.onServerLost(message.loss);
        break;
      case 'done':
        done = true;
        break;
      case 'fatal':
        started.reject(startFailure(message));
        break;
      default:
        message satisfies never;
    }
  }

  const exited = child.exited.then((exit) => {
    started.reject(new HoldlineError('worker-start-failed', `a worker ended while starting (${exitText(exit)})`));
    pending.failAll(new HoldlineError('worker-gone', `worker ${child.pid} ended (${exitText(exit)})`));
    return exit;
  });

  const { send } = child;

  function reported(next: WorkerReport): void {
    const moved = !isDeepStrictEqual(report?.totals.openByServer, next.totals.openByServer);
    report = next;
    missing = 0;
    if (moved) options.onMoved();
  }

  function tellLatest(message: ToWorker): void {
    if (latestUnderWay) {
      latestWaiting = message;
      return;
    }
    latestUnderWay = true;
    send(message, undefined, () => {
      latestUnderWay = false;
      const next = latestWaiting;
      latestWaiting = null;
      if (next !== null) tellLatest(next);
    });
  }

  const startedAtMs = 'child' in from ? from.startedAtMs : options.nowMs();
  if ('child' in from) started.resolve([]);
  else {
    for (const [index, listener] of from.listeners.entries()) send({ kind: 'listener', index }, listener);
    send(from.start);
  }

  return {
    get pid() {
      return child.pid;
    },
    child: child.id,
    kept: () => ({
      child: child.id,
      startedAtMs,
      version: loaded?.version ?? '',
      reads: loaded?.reads ?? { oldest: 0, newest: 0 },
      report,
    }),
    startedAtMs,
    ready: started.promise,
    exited,
    get silentMs() {
      // One report may still be on its way.
      return missing <= 1 ? 0 : missing * reportEveryMs;
    },
    tick() {
      missing++;
    },
    giveUpAsking() {
      pending.failAll(new HoldlineError('worker-silent', `worker ${child.pid} does not report`));
    },
    get report() {
      return report;
    },
    get done() {
      return done;
    },
    get loaded() {
      return loaded;
    },
    tell: (message) => send(message),
    tellLatest,
    ask(name, ask) {
      const answered = pending.open((id) => send({ kind: 'ask', id, question: { name, ...ask } as never }));
      return answered as Promise<Answer<typeof name>>;
    },
    kill() {
      child.kill('SIGKILL');
    },
  };
}

function born(
  { children, onErrors }: WorkerProcessOptions,
  { entry }: WorkerBirth,
  ears: Parameters<Children['start']>[1],
): Child {
  const execArgv = [...process.execArgv, ...heapFlags, ...debuggerFlags];
  return children.start({ kind: 'worker', entry, execArgv, errorsHeard: onErrors !== undefined }, ears);
}

function startFailure(message: Extract<ToSupervisor, { kind: 'fatal' }>): HoldlineError {
  if (message.code === null) return new HoldlineError('worker-start-failed', message.message);
  return new HoldlineError(message.code, message.message, message.help === null ? {} : { help: message.help });
}
