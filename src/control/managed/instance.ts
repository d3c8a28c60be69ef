import { deferred } from '../../base/deferred.ts';
import { HoldlineError } from '../../base/error.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import { type Child, type Children, exitText } from '../processes/child.ts';
import { restartPace } from '../workers/restart-pace.ts';
import { lineSplitter } from './output-lines.ts';
import { type ReadyCheck, untilReady } from './readiness.ts';
import { freePort } from './server-port.ts';
import type { KeptInstance } from './state.ts';

/** From the start of the command to a server that is ready: bundlers and interpreters of large programs included. */
const startTimeoutMs = 30_000;
/** What a server gets to end by itself after SIGTERM: a little more than the edge gives its own connections. */
const stopGraceMs = 3000;
/** Last lines of output that are shown when a command does not come up. */
const lastLinesMax = 10;

/** One server process that Holdline runs: started again whenever it ends, until it is stopped. */
export interface ManagedInstance {
  readonly upstream: string;
  readonly index: number;
  /** Which start of the whole upstream it belongs to: 1, and one more with each rolling restart. */
  readonly generation: number;
  /** Where it is ready for clients; null while it is not. */
  readonly url: string | null;
  readonly pid: number | null;
  readonly restarts: number;
  /** What it waits for; empty while it is ready. */
  readonly waitsFor: string;
  /** Settles with the first start: rejects with `upstream-start-failed` when that one fails. */
  readonly firstStart: Promise<void>;
  /** From `replace` until it is ready again. */
  readonly isBeingReplaced: boolean;
  /** Ends what runs, which is then started again as after any other end. Nothing happens while it is not ready. */
  replace(why: string): void;
  stop(): Promise<void>;
  /** Kills at once what is left. */
  cut(): void;
  kept(): KeptInstance;
  /** Another supervisor looks after it from now on. */
  leave(): void;
}

export interface ManagedInstanceOptions {
  readonly upstream: string;
  readonly index: number;
  readonly generation: number;
  readonly command: string;
  readonly directory: string;
  /** The whole environment; PORT and HOLDLINE_INSTANCE are added. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asked of a port that accepts, until it says yes; null takes an open port for ready. */
  readonly check: ReadyCheck | null;
  readonly children: Children;
  /** One that another supervisor started, and that runs. */
  readonly kept?: KeptInstance;
  readonly nowMs: () => number;
  readonly onEvent: EdgeEventSink;
  /** `url` has changed. */
  readonly onChange: () => void;
}

/** How one run of the command ended, with its last lines. */
interface RunEnd {
  readonly how: string;
  readonly lines: readonly string[];
}

/** What an instance tells of itself, but for whose it is. */
type InstanceEvent =
  | { readonly kind: 'instance-ready'; readonly url: string }
  | { readonly kind: 'instance-ended'; readonly how: string; readonly restartInMs: number }
  | { readonly kind: 'instance-output'; readonly line: string };

export function startManagedInstance(options: ManagedInstanceOptions): ManagedInstance {
  return new Instance(options);
}

class Instance implements ManagedInstance {
  readonly upstream: string;
  readonly index: number;
  readonly generation: number;
  readonly firstStart: Promise<void>;
  readonly #options: ManagedInstanceOptions;
  readonly #pace = restartPace();
  readonly #stopping = new AbortController();
  readonly #finished: Promise<void>;
  #child: Child | null = null;
  /** One that another supervisor started, until it is taken over. */
  #inherited: KeptInstance['child'];
  #port: number;
  #url: string | null;
  #restarts: number;
  #waitsFor = 'its start';
  #wake: (() => void) | null = null;
  #isBeingReplaced = false;
  /** Why Holdline ends what runs; null while it does not. */
  #endedFor: string | null = null;
  /** Another supervisor looks after it. */
  #left = false;

  constructor(options: ManagedInstanceOptions) {
    this.#options = options;
    this.upstream = options.upstream;
    this.index = options.index;
    this.generation = options.generation;
    this.#inherited = options.kept?.child ?? null;
    this.#port = options.kept?.port ?? 0;
    this.#url = options.kept?.url ?? null;
    this.#restarts = options.kept?.restarts ?? 0;
    const { promise, resolve, reject } = deferred<void>();
    // Whoever waits for a first start that was called off has to learn of it.
    const calledOff = () => reject(startFailure(options, { how: 'called off', lines: [] }));
    this.#finished = this.#keepRunning(resolve, reject).then(calledOff, reject);
    // The supervisor waits for it at start; an instance that is added later reports its failures as events.
    this.firstStart = promise;
  }

  get url(): string | null {
    return this.#url;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get waitsFor(): string {
    return this.#waitsFor;
  }

  get isBeingReplaced(): boolean {
    return this.#isBeingReplaced;
  }

  replace(why: string): void {
    if (this.#child === null || this.#url === null || this.#isBeingReplaced || this.#stopping.signal.aborted) return;
    this.#isBeingReplaced = true;
    this.#endedFor = why;
    this.#waitsFor = `its end: ${why}`;
    this.#end(this.#child);
  }

  async stop(): Promise<void> {
    this.#callOff();
    if (this.#child !== null) this.#end(this.#child);
    await this.#finished;
  }

  cut(): void {
    this.#callOff();
    this.#child?.kill('SIGKILL');
  }

  kept(): KeptInstance {
    const { index, generation } = this;
    return {
      child: this.#child?.id ?? null,
      index,
      generation,
      port: this.#port,
      url: this.#url,
      restarts: this.#restarts,
    };
  }

  leave(): void {
    this.#left = true;
    this.#callOff();
  }

  async #keepRunning(onReady: () => void, onFirstFailure: (error: Error) => void): Promise<void> {
    const { nowMs } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const startedAtMs = nowMs();
      const end = await this.#runOnce(onReady).catch((error: Error) => ({ how: error.message, lines: [] }));
      if (this.#stopping.signal.aborted) return;
      onFirstFailure(startFailure(this.#options, end));
      const restartInMs = this.#pace.pauseAfter(nowMs() - startedAtMs);
      const how = this.#endedFor === null ? end.how : `${end.how}, sent by Holdline: ${this.#endedFor}`;
      this.#endedFor = null;
      this.#tell({ kind: 'instance-ended', how, restartInMs });
      this.#waitsFor = `its next start; it ended with ${how}`;
      await this.#pause(restartInMs);
      this.#restarts++;
    }
  }

  /** Looks after the command once. Resolves with how it ended. `onReady` is called when it is ready for clients. */
  async #runOnce(onReady: () => void): Promise<RunEnd> {
    const lines: string[] = [];
    const running = await this.#begin(
      outputLines((line) => {
        lines.push(line);
        if (lines.length > lastLinesMax) lines.shift();
        if (!this.#left) this.#tell({ kind: 'instance-output', line });
      }),
    );
    if (running === null) return { how: 'called off', lines };
    this.#child = running;
    const ended = new AbortController();
    const how = running.exited.then(exitText).finally(() => ended.abort());
    if (await this.#isReady(ended.signal)) onReady();
    else if (!ended.signal.aborted && !this.#left) {
      lines.push(`it was not ready within ${startTimeoutMs / 1000} s; it waited for ${this.#waitsFor}`);
      running.kill('SIGKILL');
    }
    const result = await how;
    if (!this.#left) running.kill('SIGKILL');
    this.#setUrl(null);
    this.#child = null;
    return { how: result, lines };
  }

  /** The one that runs already, the first time, or the command anew. */
  async #begin(ears: Parameters<Children['start']>[1]): Promise<Child | null> {
    const { children, command, directory, env } = this.#options;
    const inherited = this.#inherited;
    this.#inherited = null;
    if (inherited !== null) {
      const running = children.adopt(inherited, ears);
      if (running !== null) return running;
      this.#url = null;
    }
    this.#port = await freePort(this.#port);
    if (this.#stopping.signal.aborted) return null;
    const own = { PORT: String(this.#port), HOLDLINE_INSTANCE: String(this.index) };
    return children.start({ kind: 'server', command, directory, env: { ...env, ...own } }, ears);
  }

  /** True once it is ready for clients; false when that does not happen before it ends, is stopped or is late. */
  async #isReady(ended: AbortSignal): Promise<boolean> {
    if (this.#url === null) {
      this.#waitsFor = `port ${this.#port}`;
      const deadline = AbortSignal.any([ended, this.#stopping.signal, AbortSignal.timeout(startTimeoutMs)]);
      const url = await untilReady(this.#port, this.#options.check, deadline, (what) => {
        this.#waitsFor = what;
      });
      if (url === null) return false;
      this.#waitsFor = '';
      this.#isBeingReplaced = false;
      this.#setUrl(url);
      this.#tell({ kind: 'instance-ready', url });
    }
    this.#waitsFor = '';
    return true;
  }

  #tell(what: InstanceEvent): void {
    this.#options.onEvent({ ...what, upstream: this.upstream, instance: this.index });
  }

  #setUrl(next: string | null): void {
    if (this.#url === next || this.#left) return;
    this.#url = next;
    this.#options.onChange();
  }

  /** A stopped process takes no SIGTERM, and one that hangs may not hear it. */
  #end(running: Child): void {
    running.kill('SIGTERM');
    const timer = setTimeout(() => {
      if (!this.#left) running.kill('SIGKILL');
    }, stopGraceMs);
    void running.exited.finally(() => clearTimeout(timer));
  }

  #callOff(): void {
    this.#stopping.abort();
    this.#wake?.();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function outputLines(onLine: (line: string) => void): Parameters<Children['start']>[1] {
  const streams = { 1: lineSplitter(onLine), 2: lineSplitter(onLine) };
  return { text: (stream, text) => (text === null ? streams[stream].end() : streams[stream].write(text)) };
}

function startFailure(options: ManagedInstanceOptions, end: RunEnd): HoldlineError {
  const output = end.lines.map((line) => `\n${line}`).join('');
  return new HoldlineError(
    'upstream-start-failed',
    `"${options.command}" of upstream ${options.upstream} ended before it took connections (${end.how})${output}`,
  );
}
