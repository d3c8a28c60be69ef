import { HoldlineError } from '../../base/error.ts';
import type { HealthResult } from '../../policy/health/check.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import { type Child, type Children, exitText } from '../processes/child.ts';
import { restartPace } from '../workers/restart-pace.ts';
import { lineSplitter } from './output-lines.ts';
import { freePort, waitUntilAccepting } from './server-port.ts';
import type { KeptInstance } from './state.ts';

/** From the start of the command to a server that is ready: bundlers and interpreters of large programs included. */
const startTimeoutMs = 30_000;
/** What a server gets to end by itself after SIGTERM: a little more than the edge gives its own connections. */
const stopGraceMs = 3000;
/** Between two questions whether it is ready: nobody waits for a deployment in steps of seconds. */
const readyPauseMs = 200;
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
  readonly check: ((url: string, signal: AbortSignal) => Promise<HealthResult>) | null;
  readonly children: Children;
  /** One that another supervisor started, and that runs. */
  readonly kept?: KeptInstance;
  readonly nowMs: () => number;
  readonly onEvent: EdgeEventSink;
  /** `url` has changed. */
  readonly onChange: () => void;
}

export function startManagedInstance(options: ManagedInstanceOptions): ManagedInstance {
  const { upstream, index, generation } = options;
  const pace = restartPace();
  const stopping = new AbortController();
  let child: Child | null = null;
  let port = options.kept?.port ?? 0;
  let url: string | null = options.kept?.url ?? null;
  let restarts = options.kept?.restarts ?? 0;
  let waitsFor = 'its start';
  let wake: (() => void) | null = null;
  let adopted = false;
  let isBeingReplaced = false;
  /** Why Holdline ends what runs; null while it does not. */
  let endedFor: string | null = null;
  /** Another supervisor looks after it. */
  let left = false;
  const label = { upstream, instance: index } as const;

  function setUrl(next: string | null): void {
    if (url === next || left) return;
    url = next;
    options.onChange();
  }

  /** The one that runs already, the first time, or the command anew. */
  async function begin(ears: Parameters<Children['start']>[1]): Promise<Child | null> {
    const { kept } = options;
    if (kept?.child != null && !adopted) {
      adopted = true;
      const running = options.children.adopt(kept.child, ears);
      if (running !== null) return running;
      url = null;
    }
    port = await freePort(port);
    if (stopping.signal.aborted) return null;
    return options.children.start(
      {
        kind: 'server',
        command: options.command,
        directory: options.directory,
        env: { ...options.env, PORT: String(port), HOLDLINE_INSTANCE: String(index) },
      },
      ears,
    );
  }

  /** Looks after the command once. Resolves with how it ended. `onReady` is called when it is ready for clients. */
  async function runOnce(onReady: () => void): Promise<{ how: string; lines: readonly string[] }> {
    const lines: string[] = [];
    const running = await begin(
      outputLines((line) => {
        lines.push(line);
        if (lines.length > lastLinesMax) lines.shift();
        if (!left) options.onEvent({ kind: 'instance-output', ...label, line });
      }),
    );
    if (running === null) return { how: 'called off', lines };
    child = running;
    const ended = new AbortController();
    const how = running.exited.then(exitText).finally(() => ended.abort());
    if (url !== null) {
      waitsFor = '';
      onReady();
      return over(running, how, lines);
    }
    waitsFor = `port ${port}`;
    const ready = await untilReady(AbortSignal.any([ended.signal, stopping.signal]));
    if (ready !== null) {
      waitsFor = '';
      isBeingReplaced = false;
      setUrl(ready);
      options.onEvent({ kind: 'instance-ready', ...label, url: ready });
      onReady();
    } else if (!ended.signal.aborted && !left) {
      lines.push(`it was not ready within ${startTimeoutMs / 1000} s; it waited for ${waitsFor}`);
      running.kill('SIGKILL');
    }
    return over(running, how, lines);
  }

  async function over(running: Child, how: Promise<string>, lines: readonly string[]) {
    const result = await how;
    if (!left) running.kill('SIGKILL');
    setUrl(null);
    child = null;
    return { how: result, lines };
  }

  /**
   * The URL once its port accepts and, with a check, the server says that it is well; null when that does not happen in
   * time.
   */
  async function untilReady(calledOff: AbortSignal): Promise<string | null> {
    const deadline = AbortSignal.any([calledOff, AbortSignal.timeout(startTimeoutMs)]);
    const host = await waitUntilAccepting(port, deadline);
    if (host === null) return null;
    const candidate = `http://${host}:${port}`;
    while (options.check !== null && !deadline.aborted) {
      const result = await options.check(candidate, deadline);
      if (result.ok) break;
      if (!deadline.aborted) waitsFor = `its health check: ${result.detail}`;
      await new Promise((resolve) => setTimeout(resolve, readyPauseMs));
    }
    return deadline.aborted ? null : candidate;
  }

  async function keepRunning(onReady: () => void, onFirstFailure: (error: Error) => void): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAtMs = options.nowMs();
      const end = await runOnce(onReady).catch((error: Error) => ({ how: error.message, lines: [] }));
      if (stopping.signal.aborted) return;
      onFirstFailure(startFailure(options, end));
      const restartInMs = pace.pauseAfter(options.nowMs() - startedAtMs);
      const how = endedFor === null ? end.how : `${end.how}, sent by Holdline: ${endedFor}`;
      endedFor = null;
      options.onEvent({ kind: 'instance-ended', ...label, how, restartInMs });
      waitsFor = `its next start; it ended with ${how}`;
      await pause(restartInMs);
      restarts++;
    }
  }

  /** A stopped process takes no SIGTERM, and one that hangs may not hear it. */
  function end(running: Child): void {
    running.kill('SIGTERM');
    const timer = setTimeout(() => {
      if (!left) running.kill('SIGKILL');
    }, stopGraceMs);
    void running.exited.finally(() => clearTimeout(timer));
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  let finished: Promise<void> = Promise.resolve();
  const firstStart = new Promise<void>((resolve, reject) => {
    // Whoever waits for a first start that was called off has to learn of it.
    const calledOff = () => reject(startFailure(options, { how: 'called off', lines: [] }));
    finished = keepRunning(resolve, reject).then(calledOff, reject);
  });
  // The supervisor waits for it at start; an instance that is added later reports its failures as events.
  firstStart.catch(() => undefined);

  return {
    upstream,
    index,
    generation,
    get url() {
      return url;
    },
    get pid() {
      return child?.pid ?? null;
    },
    get restarts() {
      return restarts;
    },
    get waitsFor() {
      return waitsFor;
    },
    get isBeingReplaced() {
      return isBeingReplaced;
    },
    firstStart,
    replace(why) {
      if (child === null || url === null || isBeingReplaced || stopping.signal.aborted) return;
      isBeingReplaced = true;
      endedFor = why;
      waitsFor = `its end: ${why}`;
      end(child);
    },
    async stop() {
      stopping.abort();
      wake?.();
      const running = child;
      if (running !== null) end(running);
      await finished;
    },
    cut() {
      stopping.abort();
      wake?.();
      child?.kill('SIGKILL');
    },
    kept: () => ({ child: child?.id ?? null, index, generation, port, url, restarts }),
    leave() {
      left = true;
      stopping.abort();
      wake?.();
    },
  };
}

function outputLines(onLine: (line: string) => void): Parameters<Children['start']>[1] {
  const streams = { 1: lineSplitter(onLine), 2: lineSplitter(onLine) };
  return { text: (stream, text) => (text === null ? streams[stream].end() : streams[stream].write(text)) };
}

function startFailure(options: ManagedInstanceOptions, end: { how: string; lines: readonly string[] }): HoldlineError {
  const output = end.lines.map((line) => `\n${line}`).join('');
  return new HoldlineError(
    'upstream-start-failed',
    `"${options.command}" of upstream ${options.upstream} ended before it took connections (${end.how})${output}`,
  );
}
