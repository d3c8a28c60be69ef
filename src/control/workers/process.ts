import { type ChildProcess, fork } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { HoldlineError } from '../../base/error.ts';
import type { Versions } from '../../gateway/handover/fields.ts';
import type { GiveOutcome } from '../handover/giver.ts';
import type { Parcel } from '../handover/parcel.ts';
import type { LogEvent } from '../log/events.ts';
import type { RawListener } from '../raw-listener.ts';
import type {
  Answer,
  BoundAddress,
  DeskAnswer,
  DeskRequest,
  QuestionName,
  Questions,
  ToSupervisor,
  ToWorker,
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
  readonly pid: number;
  readonly startedAtMs: number;
  /** Rejects when the worker says that it cannot start, or ends before it has. */
  readonly ready: Promise<readonly BoundAddress[]>;
  readonly exited: Promise<WorkerExit>;
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
  /** The same with a handle beside it. `sent` is called once it has left, or never will. */
  pass(message: ToWorker, handle: unknown, sent: () => void): void;
  /** Like `tell`, but while the one before has not left yet only the newest waits: for news that a later one replaces. */
  tellLatest(message: ToWorker): void;
  ask<Name extends QuestionName>(name: Name, ask: Questions[Name]['ask']): Promise<Answer<Name>>;
  kill(): void;
}

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface WorkerProcessOptions {
  readonly entry: string;
  readonly listeners: readonly RawListener[];
  readonly start: Extract<ToWorker, { kind: 'start' }>;
  readonly nowMs: () => number;
  /** It reports other counts of connections than before. */
  readonly onMoved: () => void;
  readonly onEvents: (events: readonly LogEvent[], dropped: number) => void;
  /** Gets what it writes to its standard error, which is the supervisor's own where this is left out. */
  readonly onErrors?: (text: string) => void;
  readonly onParcel: (parcel: Parcel, handle: unknown) => void;
  readonly onGiven: (job: number, given: GiveOutcome) => void;
  readonly onDesk: (requests: readonly DeskRequest[], answer: (answers: readonly DeskAnswer[]) => void) => void;
}

/**
 * A worker's heap is many small things that live long. By default V8 gives the young ones up to 48 MB, lets the old ones grow by half and
 * more before it looks, and tidies up 8 s after things have become quiet: a connection then cost 11 kB. So less room for the young,
 * less growth, and an earlier tidying. (`--optimize-for-size` does as much for memory, and made a handshake a quarter dearer.)
 */
const heapFlags = ['--max-semi-space-size=4', '--heap-growing-percent=80', '--gc-memory-reducer-start-delay-ms=2000'];

/** SIGUSR1 opens Node's debugger until the worker has its own handler; newer versions can be told not to. */
const debuggerFlags = process.allowedNodeEnvironmentFlags.has('--disable-sigusr1') ? ['--disable-sigusr1'] : [];

export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  const execArgv = [...process.execArgv, ...heapFlags, ...debuggerFlags];
  // The advanced serialization carries bytes as bytes, and its cost does not grow with the depth of the data.
  const stderr = options.onErrors === undefined ? 'inherit' : 'pipe';
  const stdio = ['inherit', 'inherit', stderr, 'ipc'] as const;
  const child = fork(options.entry, [], { serialization: 'advanced', execArgv, stdio: [...stdio] });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => options.onErrors?.(text));
  const pending = pendingTable({ capacity: questionsMax, timeoutMs: answerTimeoutMs });
  const started = deferred<readonly BoundAddress[]>();
  let report: WorkerReport | null = null;
  let missing = 0;
  let done = false;
  let loaded: WorkerProcess['loaded'] = null;
  let latestUnderWay = false;
  let latestWaiting: ToWorker | null = null;

  child.on('message', (raw, handle) => {
    const message = raw as ToSupervisor;
    switch (message.kind) {
      case 'ready':
        loaded = { version: message.version, reads: message.reads };
        started.resolve(message.addresses);
        break;
      case 'gave':
        options.onGiven(message.job, message.given);
        break;
      case 'parcel-client':
      case 'parcel-server':
      case 'parcel-taken':
      case 'parcel-refused':
      case 'parcel-yours':
      case 'parcel-back':
        options.onParcel(message, handle);
        break;
      case 'answer':
        pending.settle(message.id, message.answer);
        break;
      case 'failed':
        pending.fail(message.id, new HoldlineError('control-failed', message.message));
        break;
      case 'events':
        options.onEvents(message.events, message.dropped);
        break;
      case 'report':
        reported(message.report);
        break;
      case 'desk':
        options.onDesk(message.requests, (answers) => send({ kind: 'desk', answers }));
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
  });

  const exited = exitOf(child).then((exit) => {
    started.reject(new HoldlineError('worker-start-failed', `a worker ended while starting (${exitText(exit)})`));
    pending.failAll(new HoldlineError('worker-gone', `worker ${child.pid} ended (${exitText(exit)})`));
    return exit;
  });

  function send(message: ToWorker, handle?: unknown, sent?: () => void): void {
    // An error means that the channel is closed; `exited` tells everybody who has to know.
    if (child.connected) child.send(message, handle as never, {}, () => sent?.());
    else sent?.();
  }

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

  for (const [index, listener] of options.listeners.entries()) send({ kind: 'listener', index }, listener);
  send(options.start);

  return {
    pid: child.pid ?? 0,
    startedAtMs: options.nowMs(),
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
    pass: send,
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

/** `signal SIGKILL` or `exit code 1`, for messages. */
export function exitText(exit: WorkerExit): string {
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}

/** Resolves when the process has ended and everything that it still said has been read. */
function exitOf(child: ChildProcess): Promise<WorkerExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      if (child.connected) child.once('disconnect', () => resolve({ code, signal }));
      else resolve({ code, signal });
    });
    child.once('error', () => {
      // Failing to start the program is the one error after which no exit follows.
      if (child.pid === undefined) resolve({ code: null, signal: null });
    });
  });
}

function deferred<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  // Whoever waits gets the rejection all the same; a worker that dies when nobody waits is no unhandled one.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

function startFailure(message: Extract<ToSupervisor, { kind: 'fatal' }>): HoldlineError {
  if (message.code === null) return new HoldlineError('worker-start-failed', message.message);
  return new HoldlineError(message.code, message.message, message.help === null ? {} : { help: message.help });
}
