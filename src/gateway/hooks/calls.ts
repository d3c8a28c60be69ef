import type { HookName, HookResults } from './results.ts';

/** Why a hook gave no answer that counts. */
export interface HookFailure {
  readonly hook: HookName | 'module';
  readonly kind: 'threw' | 'deadline' | 'crowded' | 'thread-lost' | 'abandoned' | 'unusable';
  readonly message: string;
  readonly stack: string | null;
}

export type HookOutcome<Name extends HookName = HookName> =
  | { readonly ok: true; readonly result: HookResults[Name] }
  | { readonly ok: false; readonly failure: HookFailure };

/**
 * Calls of one worker that may be under way at once. A thousand handshakes a second that each wait for a second are more than one
 * thread can answer; beyond that waiting only makes every answer late.
 */
export const callsMax = 1024;

/**
 * A deadline is about a hook's own run. A call that has not begun, because another one keeps the thread busy, waits for this long at
 * the most: it covers finding that out, ending the thread and starting the next one on a slow machine.
 */
const waitMaxMs = 10_000;

export interface HookCall {
  readonly id: number;
  readonly hook: HookName;
  readonly args: readonly unknown[];
}

interface Pending extends HookCall {
  readonly deadlineMs: number;
  readonly settle: (outcome: HookOutcome) => void;
  waitedMs: number;
  timer: NodeJS.Timeout;
}

export interface HookCallsOptions {
  /** Has the thread begun this call? */
  readonly isBegun: (id: number) => boolean;
  /** A call's time was up. */
  readonly onLate: () => void;
}

/** The calls that are under way, each with its deadline. */
export class HookCalls {
  readonly #options: HookCallsOptions;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(options: HookCallsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** The call to post, and its outcome; null when there are too many already. */
  open(
    hook: HookName,
    args: readonly unknown[],
    deadlineMs: number,
  ): { readonly call: HookCall; readonly outcome: Promise<HookOutcome> } | null {
    if (this.#pending.size >= callsMax) return null;
    // 32 bits, as the thread reports ids through shared memory; they are compared by their distance.
    this.#lastId = (this.#lastId + 1) | 0;
    const id = this.#lastId;
    let settle!: Pending['settle'];
    const outcome = new Promise<HookOutcome>((resolve) => {
      settle = resolve;
    });
    const call: Pending = { id, hook, args, deadlineMs, settle, waitedMs: 0, timer: this.#startTimer(id, deadlineMs) };
    this.#pending.set(id, call);
    return { call: { id, hook, args }, outcome };
  }

  /** False when nobody waits for it any more. */
  settle(id: number, outcome: HookOutcome): boolean {
    const call = this.#pending.get(id);
    if (call === undefined) return false;
    this.#pending.delete(id);
    clearTimeout(call.timer);
    call.settle(outcome);
    return true;
  }

  fail(id: number, kind: HookFailure['kind'], message: string, stack: string | null = null): void {
    const call = this.#pending.get(id);
    if (call !== undefined) this.settle(id, { ok: false, failure: { hook: call.hook, kind, message, stack } });
  }

  /** Those that a new thread has to be given, oldest first. */
  get waiting(): HookCall[] {
    return [...this.#pending.values()].map(({ id, hook, args }) => ({ id, hook, args }));
  }

  /** An id that comes before all calls that are under way, and behind all that are over. */
  get beforeFirst(): number {
    const [first] = this.#pending.keys();
    return first === undefined ? this.#lastId : (first - 1) | 0;
  }

  /** The thread is gone, and what it had begun with it. */
  failBegun(message: string): void {
    for (const id of [...this.#pending.keys()]) if (this.#options.isBegun(id)) this.fail(id, 'thread-lost', message);
  }

  failAll(kind: HookFailure['kind'], message: string): void {
    for (const id of [...this.#pending.keys()]) this.fail(id, kind, message);
  }

  #startTimer(id: number, deadlineMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#onTime(id), deadlineMs);
  }

  #onTime(id: number): void {
    const call = this.#pending.get(id)!;
    call.waitedMs += call.deadlineMs;
    if (!this.#options.isBegun(id) && call.waitedMs < waitMaxMs) {
      call.timer = this.#startTimer(id, call.deadlineMs);
    } else {
      this.fail(id, 'deadline', `${call.hook} gave no answer within ${call.waitedMs} ms`);
    }
    this.#options.onLate();
  }
}
