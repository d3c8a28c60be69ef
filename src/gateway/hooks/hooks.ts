import type { Clock } from '../../base/clock.ts';
import type { GatewayEvent } from '../contract.ts';
import type { HookFailure, HookOutcome } from './calls.ts';
import type { HookArguments } from './protocol.ts';
import type { HookName } from './results.ts';
import { HooksRunner } from './runner.ts';

/** The hooks of one worker: the module of the plan, exchanged when it changes. */
export interface WorkerHooks {
  has(hook: HookName): boolean;
  /** Asks a hook. Never rejects; a failure has been reported when it comes back. */
  call<Name extends HookName>(
    hook: Name,
    args: () => HookArguments[Name],
    bounds: HookBounds,
  ): Promise<HookOutcome<Name>>;
  /** Reports a failure that shows only after the call, such as a choice that the plan does not know. */
  report(failure: HookFailure, route: string | null): void;
  /** Takes over the plan's module: at once nothing changes, and new calls go to the new one once it is loaded. */
  follow(file: string | null): void;
  /** Resolves when what `follow` has begun is done. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface HookBounds {
  readonly route: string;
  readonly deadlineMs: number;
  /** False once nobody waits for the answer: a call whose turn comes only then is left out. */
  readonly isWanted?: () => boolean;
}

export interface WorkerHooksOptions {
  readonly file: string | null;
  readonly clock: Clock;
  readonly emit: (event: GatewayEvent) => void;
}

/** A stack a minute says what is wrong; a broken hook under load would otherwise write a gigabyte an hour. */
const reportEveryMs = 60_000;
/** The last calls of connections that have just been closed, and of a module that has been exchanged. */
const closeGraceMs = 1000;
const exchangeGraceMs = 10_000;

/** Rejects with `hooks-unloadable`. */
export async function startHooks({ file, clock, emit }: WorkerHooksOptions): Promise<WorkerHooks> {
  const reports = new Map<string, { lastMs: number; suppressed: number }>();
  let runner = file === null ? null : await start(file);
  let following: Promise<void> = Promise.resolve();
  let closed = false;

  function start(path: string): Promise<HooksRunner> {
    return HooksRunner.start({ file: path, onStray: (failure) => report(failure, null) });
  }

  function report(failure: HookFailure, route: string | null): void {
    const key = `${failure.hook} ${failure.kind}`;
    const nowMs = clock.monotonicMs();
    const before = reports.get(key);
    if (before !== undefined && nowMs - before.lastMs < reportEveryMs) {
      before.suppressed++;
      return;
    }
    reports.set(key, { lastMs: nowMs, suppressed: 0 });
    const { hook, kind: failed, message, stack } = failure;
    emit({ kind: 'hook-failed', hook, failed, route, message, stack, suppressed: before?.suppressed ?? 0 });
  }

  async function exchange(next: string | null): Promise<void> {
    if (closed || (next === (runner?.file ?? null) && !runner?.changedOnDisk())) return;
    const before = runner;
    try {
      runner = next === null ? null : await start(next);
    } catch (error) {
      emit({ kind: 'hooks-kept', message: error instanceof Error ? error.message : String(error) });
      return;
    }
    if (next !== null) emit({ kind: 'hooks-loaded', file: next });
    void before?.close({ graceMs: exchangeGraceMs });
    if (closed) await runner?.close({ graceMs: 0 });
  }

  return {
    has: (hook) => runner?.has(hook) ?? false,
    async call(hook, args, { route, deadlineMs, isWanted = always }) {
      if (runner === null) throw new Error('there are no hooks to be called');
      const outcome = await runner.call({ hook, args, deadlineMs, isWanted });
      if (!outcome.ok && outcome.failure.kind !== 'abandoned') report(outcome.failure, route);
      return outcome;
    },
    report,
    follow(next) {
      following = following.then(() => exchange(next));
    },
    settled: () => following,
    async close() {
      closed = true;
      await runner?.close({ graceMs: closeGraceMs });
    },
  };
}

function always(): boolean {
  return true;
}
