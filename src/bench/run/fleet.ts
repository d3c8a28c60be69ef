/** The processes that make the load, as one. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromGenerator, GeneratorReport, LoadSettings, ToGenerator } from '../generator/messages.ts';

export interface Fleet {
  /** Every process runs and knows its settings. */
  readonly ready: Promise<void>;
  /** Resolves when a process ends that was not told to. */
  readonly died: Promise<void>;
  readonly closed: Promise<void>;
  /** Resolves when every connection has been opened or has failed. */
  reach(message: Extract<ToGenerator, { kind: 'reach' }>): Promise<void>;
  /** Resolves when all have stopped: how many messages were due, and how many connections receive what others send. */
  stop(message: Extract<ToGenerator, { kind: 'stop' }>): Promise<StopAnswer>;
  tell(message: Exclude<ToGenerator, { kind: 'reach' | 'stop' | 'settings' }>): void;
  /** Ends every process at once. */
  kill(): void;
}

export interface StopAnswer {
  readonly intended: number;
  readonly receivers: number;
}

/** The compiled entry: Node 20 does not run TypeScript, so tests that load the sources use the build. */
const entry = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../dist/bench/generator/main.js' : '../generator/main.js',
    import.meta.url,
  ),
);

export function startFleet(options: {
  readonly processes: number;
  readonly settings: Omit<LoadSettings, 'index' | 'of'>;
  readonly onReport: (index: number, report: GeneratorReport) => void;
}): Fleet {
  const { processes, settings, onReport } = options;
  const ready = gathering(processes);
  const closed = gathering(processes);
  const died = gathering(1);
  // One for each phase that is run.
  let reached = gathering(processes);
  let stopped = gathering(processes);
  let due = { intended: 0, receivers: 0 };
  const children = Array.from({ length: processes }, (_, index): ChildProcess => {
    // Descriptors 0 to 2 stay away from the terminal: what a process of the load has to say, it reports.
    const child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let isClosed = false;
    child.on('message', (raw) => {
      const message = raw as FromGenerator;
      if (message.kind === 'report') onReport(index, message.report);
      else if (message.kind === 'ready') {
        post(child, { kind: 'settings', settings: { ...settings, index, of: processes } });
        ready.one();
      } else if (message.kind === 'reached') reached.one();
      else if (message.kind === 'stopped') {
        due.intended += message.intended;
        due.receivers += message.receivers;
        stopped.one();
      } else isClosed = true;
    });
    child.on('exit', () => {
      if (isClosed) closed.one();
      else died.one();
    });
    child.on('error', () => died.one());
    return child;
  });
  const tell = (message: ToGenerator) => {
    for (const child of children) post(child, message);
  };
  return {
    ready: ready.all,
    died: died.all,
    closed: closed.all,
    reach: (message) => {
      reached = gathering(processes);
      tell(message);
      return reached.all;
    },
    stop: (message) => {
      stopped = gathering(processes);
      due = { intended: 0, receivers: 0 };
      tell(message);
      return stopped.all.then(() => ({ ...due }));
    },
    tell,
    kill: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

/** A process that is gone cannot be told anything; that it is gone, `exit` says. */
function post(child: ChildProcess, message: ToGenerator): void {
  if (child.connected) child.send(message, () => undefined);
}

function gathering(count: number): { readonly all: Promise<void>; one(): void } {
  let left = count;
  let resolve: () => void = () => undefined;
  const all = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    all,
    one: () => {
      left -= 1;
      if (left === 0) resolve();
    },
  };
}
