import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { HoldlineError } from '../../base/error.ts';
import { type CallRequest, failureOf, HookCalls, type HookFailure, type HookOutcome } from './calls.ts';
import type { FromCompiler } from './compiler.ts';
import { digestOf, isTypeScript, stripsTypes } from './loader.ts';
import type { FromThread, LoadedFile, Problem, ThreadData } from './protocol.ts';
import type { HookName } from './results.ts';

/**
 * From the start of the thread to the end of the module's top level. TypeScript takes a second or two on a slow
 * machine; a module that takes longer than this waits for something that does not come.
 */
const loadTimeoutMs = 20_000;
/** A thread that can still answer does so within milliseconds; half a second allows for a busy machine. */
const livenessTimeoutMs = 500;
/**
 * Calls wait for a thread that is being started anew for this long, together: it covers ending one, and starting the
 * next on a slow machine. Then those that wait have failed, and new ones fail at once, until there is one.
 */
const hopelessAfterMs = 10_000;
/**
 * A module that keeps ending its thread is started again at once the first time, then after these pauses, doubled each
 * time.
 */
const firstPauseMs = 100;
const pauseMaxMs = 10_000;
/** A thread that has lived this long has made good for those before it. */
const settledAfterMs = 60_000;
/** Of JavaScript in the thread. Caches of a hook fit; one that only grows ends its thread, and not the worker. */
const heapMegabytesMax = 256;

export interface HooksRunnerOptions {
  /** Absolute path of the module. */
  readonly file: string;
  /** For failures that belong to no call. */
  readonly onStray: (failure: HookFailure) => void;
}

/**
 * One hooks module, as it was when it was loaded, in a thread of its own that is started again when it stops answering.
 */
export class HooksRunner {
  readonly file: string;
  readonly #onStray: HooksRunnerOptions['onStray'];
  readonly #calls: HookCalls;
  #hooks: ReadonlySet<HookName> = new Set();
  #files: readonly LoadedFile[] = [];
  #thread: Worker | null = null;
  #begun = new Int32Array(new SharedArrayBuffer(4));
  /** False while the thread still loads the module. */
  #loaded = false;
  #startedMs = 0;
  #pauseMs = 0;
  #restart: NodeJS.Timeout | undefined;
  #liveness: NodeJS.Timeout | undefined;
  /** Runs while there is no thread that has loaded the module. */
  #hope: NodeJS.Timeout | undefined;
  #hopeless = false;
  #closing: Promise<void> | null = null;

  /** Rejects with `hooks-unloadable`, which says where and why, or with `hooks-need-typescript`. */
  static async start(options: HooksRunnerOptions): Promise<HooksRunner> {
    const runner = new HooksRunner(options);
    runner.#files = await compile(options.file);
    await runner.#launch();
    return runner;
  }

  private constructor({ file, onStray }: HooksRunnerOptions) {
    this.file = file;
    this.#onStray = onStray;
    this.#calls = new HookCalls({
      post: (call) => this.#thread?.postMessage({ kind: 'call', ...call }),
      isReady: () => this.#loaded,
      begunId: () => Atomics.load(this.#begun, 0),
      onLate: () => this.#checkLiveness(),
    });
  }

  has(hook: HookName): boolean {
    return this.#hooks.has(hook);
  }

  /** Never rejects. Without a thread, the call waits for the next one. */
  async call<Name extends HookName>(request: CallRequest & { readonly hook: Name }): Promise<HookOutcome<Name>> {
    if (this.#closing !== null) return failureOf(request.hook, 'thread-lost', 'the hooks are being stopped');
    if (this.#hopeless) return failureOf(request.hook, 'thread-lost', 'the hooks cannot be started');
    return this.#calls.call(request) as Promise<HookOutcome<Name>>;
  }

  /** Has any of the module's files changed on the disk since it was loaded? */
  changedOnDisk(): boolean {
    return this.#files.some(({ path, digest }) => !existsSync(path) || digestOf(readFileSync(path)) !== digest);
  }

  /** Ends the thread once nothing is under way any more, or after `graceMs`. Idempotent. */
  close({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const endsMs = performance.now() + graceMs;
    while (this.#calls.size > 0 && performance.now() < endsMs) await new Promise((resolve) => setTimeout(resolve, 10));
    clearTimeout(this.#restart);
    clearTimeout(this.#liveness);
    clearTimeout(this.#hope);
    this.#calls.failAll('thread-lost', 'the hooks were stopped');
    await this.#thread?.terminate();
  }

  /** Resolves when the module has been loaded. */
  #launch(): Promise<void> {
    this.#begun = new Int32Array(new SharedArrayBuffer(4));
    Atomics.store(this.#begun, 0, this.#calls.beforeFirst);
    const data: ThreadData = { file: this.file, pinned: this.#files, begun: this.#begun };
    const thread = startThread('thread', data);
    this.#thread = thread;
    this.#loaded = false;
    this.#startedMs = performance.now();
    let died = 'it ended its own thread';
    return new Promise((resolve, reject) => {
      const giveUp = (problem: Problem) => {
        clearTimeout(timer);
        this.#drop(thread);
        reject(unloadable(this.file, problem));
      };
      const timer = setTimeout(
        () => giveUp(problemSaying(`it did not finish loading within ${loadTimeoutMs / 1000} s`)),
        loadTimeoutMs,
      );
      thread.on('message', (message: FromThread) => {
        if (message.kind === 'unloadable') {
          giveUp(message.problem);
        } else if (message.kind === 'loaded') {
          clearTimeout(timer);
          this.#hooks = new Set(message.hooks);
          this.#files = message.files;
          this.#loaded = true;
          this.#hopeless = false;
          clearTimeout(this.#hope);
          this.#calls.startOver();
          resolve();
        } else {
          this.#take(message);
        }
      });
      thread.on('error', (error) => {
        died = `its thread died: ${error.message}`;
      });
      thread.on('exit', () => {
        if (this.#loaded) this.#lose(thread, died);
        else giveUp(problemSaying(died));
      });
    });
  }

  #take(message: Exclude<FromThread, { kind: 'loaded' | 'unloadable' }>): void {
    switch (message.kind) {
      case 'returned':
        this.#calls.settle(message.id, { ok: true, result: message.result });
        break;
      case 'threw':
        this.#calls.fail(message.id, 'threw', message.problem.message, message.problem.stack);
        break;
      case 'stray':
        this.#onStray({
          hook: 'module',
          kind: 'threw',
          message: message.problem.message,
          stack: message.problem.stack,
        });
        break;
      case 'pong':
        clearTimeout(this.#liveness);
        this.#liveness = undefined;
        break;
    }
  }

  /**
   * A call is late. A thread that neither answers nor begins another call is being kept busy, and would never answer
   * anybody again; one that is only slow begins the next, whose deadline then counts.
   */
  #checkLiveness(): void {
    const thread = this.#thread;
    if (thread === null || !this.#loaded || this.#liveness !== undefined) return;
    const begunBefore = Atomics.load(this.#begun, 0);
    thread.postMessage({ kind: 'ping' });
    this.#liveness = setTimeout(() => {
      this.#liveness = undefined;
      if (Atomics.load(this.#begun, 0) === begunBefore)
        this.#lose(thread, 'a hook kept the thread busy, which was ended and is started anew');
    }, livenessTimeoutMs);
  }

  #lose(thread: Worker, because: string): void {
    this.#loaded = false;
    this.#drop(thread);
    if (this.#closing !== null) return;
    this.#onStray({ hook: 'module', kind: 'thread-lost', message: because, stack: null });
    this.#calls.failBegun(because);
    clearTimeout(this.#hope);
    this.#hope = setTimeout(() => {
      this.#hopeless = true;
      this.#calls.failAll('thread-lost', `the hooks could not be started again within ${hopelessAfterMs / 1000} s`);
    }, hopelessAfterMs);
    this.#relaunch();
  }

  #relaunch(): void {
    if (performance.now() - this.#startedMs >= settledAfterMs) this.#pauseMs = 0;
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(Math.max(firstPauseMs, pauseMs * 2), pauseMaxMs);
    this.#restart = setTimeout(() => {
      this.#launch().catch((error: Error) => {
        if (this.#closing !== null) return;
        this.#onStray({ hook: 'module', kind: 'unusable', message: error.message, stack: null });
        this.#relaunch();
      });
    }, pauseMs);
  }

  /** Ends a thread whose word no longer counts. */
  #drop(thread: Worker): void {
    clearTimeout(this.#liveness);
    this.#liveness = undefined;
    if (this.#thread === thread) this.#thread = null;
    thread.removeAllListeners();
    thread.on('error', ignore);
    void thread.terminate();
  }
}

/** JavaScript for the module's TypeScript; empty where none is needed. Rejects with `hooks-unloadable`. */
async function compile(file: string): Promise<readonly LoadedFile[]> {
  if (!existsSync(file)) throw unloadable(file, problemSaying('there is no such file'));
  if (!isTypeScript(file) || stripsTypes) return [];
  const thread = startThread('compiler', { file });
  const answer = await new Promise<FromCompiler>((resolve) => {
    thread.on('message', resolve);
    thread.on('error', (error) => resolve({ kind: 'unloadable', problem: problemSaying(error.message) }));
    thread.on('exit', () => resolve({ kind: 'unloadable', problem: problemSaying('the compiler ended') }));
  });
  if (answer.kind === 'unloadable') throw unloadable(file, answer.problem);
  return answer.files;
}

/**
 * Threads run compiled files: the one beside this file, or, when the sources run as they are (tests), the one in dist/.
 */
const directory = import.meta.url.endsWith('.ts') ? '../../../dist/gateway/hooks/' : './';

function startThread(entry: 'thread' | 'compiler', data: unknown): Worker {
  return new Worker(fileURLToPath(new URL(`${directory}${entry}.js`, import.meta.url)), {
    workerData: data,
    // Those of the process are not meant for it: a debugger's port can be had once.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
  });
}

function problemSaying(message: string): Problem {
  return { message, stack: null, place: null };
}

function unloadable(file: string, problem: Problem): HoldlineError {
  const place = problem.place === null ? file : `${problem.place.file}, line ${problem.place.line}`;
  return new HoldlineError(problem.code ?? 'hooks-unloadable', `${place}: ${problem.message}`);
}

function ignore(): void {
  // The thread is being ended; nobody is left to be told of its errors.
}
