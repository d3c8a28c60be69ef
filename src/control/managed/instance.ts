import { type ChildProcess, spawn } from 'node:child_process';
import { HoldlineError } from '../../base/error.ts';
import type { HealthResult } from '../../policy/health/check.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import { restartPace } from '../workers/restart-pace.ts';
import { lineSplitter } from './output-lines.ts';
import { freePort, waitUntilAccepting } from './server-port.ts';

/** From the start of the command to a server that is ready: bundlers and interpreters of large programs included. */
const startTimeoutMs = 30_000;
/** What a server gets to end by itself after SIGTERM: a little more than the edge gives its own connections. */
const stopGraceMs = 3000;
/** Between two questions whether it is ready: nobody waits for a deployment in steps of seconds. */
const readyPauseMs = 200;
/** Last lines of output that are shown when a command does not come up. */
const lastLinesMax = 10;

/**
 * Before the command, in the same shell: something that waits for the end of descriptor 3, whose other end only this
 * process holds, and then ends the process group. So no server is left behind, even by a supervisor that is killed.
 */
const watchOverGroup = '( (cat <&3; kill -9 0) >/dev/null 2>&1 & )\nexec 3<&-';

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
  stop(): Promise<void>;
  /** Kills at once what is left. */
  cut(): void;
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
  readonly nowMs: () => number;
  readonly onEvent: EdgeEventSink;
  /** `url` has changed. */
  readonly onChange: () => void;
}

export function startManagedInstance(options: ManagedInstanceOptions): ManagedInstance {
  const { upstream, index, generation } = options;
  const pace = restartPace();
  const stopping = new AbortController();
  let child: ChildProcess | null = null;
  let port = 0;
  let url: string | null = null;
  let restarts = 0;
  let waitsFor = 'its start';
  let wake: (() => void) | null = null;
  const label = { upstream, instance: index } as const;

  function setUrl(next: string | null): void {
    if (url === next) return;
    url = next;
    options.onChange();
  }

  /** Runs the command once. Resolves with how it ended. `onReady` is called when it is ready for clients. */
  async function runOnce(onReady: () => void): Promise<{ how: string; lines: readonly string[] }> {
    port = await freePort(port);
    if (stopping.signal.aborted) return { how: 'called off', lines: [] };
    const running = spawn(`${watchOverGroup}\n${options.command}`, {
      shell: true,
      cwd: options.directory,
      env: { ...options.env, PORT: String(port), HOLDLINE_INSTANCE: String(index) },
      // A process group of its own: Ctrl-C reaches only Holdline, and what the command starts can be ended with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    child = running;
    waitsFor = `port ${port}`;
    const lines: string[] = [];
    collectOutput(running, (line) => {
      lines.push(line);
      if (lines.length > lastLinesMax) lines.shift();
      options.onEvent({ kind: 'instance-output', ...label, line });
    });
    const ended = new AbortController();
    const how = new Promise<string>((resolve) => {
      running.once('error', (error) => resolve(error.message));
      running.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    }).finally(() => ended.abort());
    const ready = await untilReady(AbortSignal.any([ended.signal, stopping.signal]));
    if (ready !== null) {
      waitsFor = '';
      setUrl(ready);
      options.onEvent({ kind: 'instance-ready', ...label, url: ready });
      onReady();
    } else if (!ended.signal.aborted) {
      lines.push(`it was not ready within ${startTimeoutMs / 1000} s; it waited for ${waitsFor}`);
      killGroup(running, 'SIGKILL');
    }
    const result = await how;
    killGroup(running, 'SIGKILL');
    setUrl(null);
    child = null;
    return { how: result, lines };
  }

  /** The URL once its port accepts and, with a check, the server says that it is well; null when that does not happen in time. */
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
      options.onEvent({ kind: 'instance-ended', ...label, how: end.how, restartInMs });
      waitsFor = `its next start; it ended with ${end.how}`;
      await pause(restartInMs);
      restarts++;
    }
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

  let over: Promise<void> = Promise.resolve();
  const firstStart = new Promise<void>((resolve, reject) => {
    // Whoever waits for a first start that was called off has to learn of it.
    const calledOff = () => reject(startFailure(options, { how: 'called off', lines: [] }));
    over = keepRunning(resolve, reject).then(calledOff, reject);
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
    firstStart,
    async stop() {
      stopping.abort();
      wake?.();
      const running = child;
      if (running !== null) {
        killGroup(running, 'SIGTERM');
        const timer = setTimeout(() => killGroup(running, 'SIGKILL'), stopGraceMs);
        await over;
        clearTimeout(timer);
      }
      await over;
    },
    cut() {
      stopping.abort();
      wake?.();
      if (child !== null) killGroup(child, 'SIGKILL');
    },
  };
}

function collectOutput(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    const lines = lineSplitter(onLine);
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => lines.write(text));
    stream.on('end', () => lines.end());
  }
}

/** Signals the command and everything it started. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Nothing of the group is left, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function startFailure(options: ManagedInstanceOptions, end: { how: string; lines: readonly string[] }): HoldlineError {
  const output = end.lines.map((line) => `\n  | ${line}`).join('');
  return new HoldlineError(
    'upstream-start-failed',
    `"${options.command}" of upstream ${options.upstream} ended before it took connections (${end.how})${output}`,
  );
}
