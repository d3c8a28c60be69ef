import { Fifo } from '../../base/fifo.ts';
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
 * Calls of one worker that the thread has begun and not answered: each holds something of the module's, a query or a
 * timer.
 */
export const underWayMax = 1024;

/**
 * Calls that lie in the thread's port at once: enough to keep it busy, few enough that the next ones are chosen fairly.
 */
const postedMax = 64;

/**
 * Calls that only tell (onOpen, onClose) and wait. Nobody is held back by them, so they need an end: the opens and
 * closes of a herd of ten thousand fit; behind a module that cannot keep up with that, the newest are dropped, and
 * reported.
 */
const noticesMax = 16_384;

/**
 * The thread says in shared memory which call it has begun. While calls lie in the port, that is looked at so often.
 */
const lookEveryMs = 5;

export interface HookCall {
  readonly id: number;
  readonly hook: HookName;
  readonly args: readonly unknown[];
}

export interface CallRequest {
  readonly hook: HookName;
  /** Made when the call is posted: what waits is held once. */
  readonly args: () => readonly unknown[];
  /** For the hook's own run, from the moment at which it begins. */
  readonly deadlineMs: number;
  /** False once nobody waits for the answer: then it is not asked. */
  readonly isWanted: () => boolean;
}

interface Call extends CallRequest {
  readonly settle: (outcome: HookOutcome) => void;
  id: number;
  begun: boolean;
  /** Runs from the begin on. */
  timer: NodeJS.Timeout | undefined;
}

export interface HookCallsOptions {
  /** Sends a call to the thread; only asked while `isReady`. */
  readonly post: (call: HookCall) => void;
  readonly isReady: () => boolean;
  /** Id of the last call that the thread has begun. */
  readonly begunId: () => number;
  /** A call that had begun has passed its deadline. */
  readonly onLate: () => void;
}

/**
 * Whose turn is next, one after the other: a crowd of messages does not keep handshakes out, nor the other way around.
 */
const lanes = ['onHandshake', 'onMessage', 'notices'] as const;
type Lane = (typeof lanes)[number];

/**
 * The calls of one worker: those that wait for their turn, those that lie in the thread's port, and those that it has
 * begun, each of which has its deadline. Waiting costs nobody's deadline; who waits is held back by his own means, a
 * handshake by its own timeout.
 */
export class HookCalls {
  readonly #options: HookCallsOptions;
  readonly #waiting: Readonly<Record<Lane, Fifo<Call>>> = {
    onHandshake: new Fifo(),
    onMessage: new Fifo(),
    notices: new Fifo(),
  };
  readonly #underWay = new Map<number, Call>();
  readonly #posted = new Fifo<Call>();
  #lane = 0;
  #lastId = 0;
  #look: NodeJS.Timeout | undefined;

  constructor(options: HookCallsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#underWay.size + lanes.reduce((sum, lane) => sum + this.#waiting[lane].size, 0);
  }

  /** Never rejects. */
  call(request: CallRequest): Promise<HookOutcome> {
    const lane = laneOf(request.hook);
    if (lane === 'notices' && this.#waiting.notices.size >= noticesMax) {
      const message = `more than ${noticesMax} calls of onOpen and onClose wait`;
      return Promise.resolve(failureOf(request.hook, 'crowded', message));
    }
    return new Promise((settle) => {
      this.#waiting[lane].push({ ...request, settle, id: 0, begun: false, timer: undefined });
      this.advance();
    });
  }

  /** False when nobody waits for it any more. */
  settle(id: number, outcome: HookOutcome): boolean {
    const call = this.#underWay.get(id);
    if (call === undefined) return false;
    this.#underWay.delete(id);
    clearTimeout(call.timer);
    call.begun = true;
    call.settle(outcome);
    this.advance();
    return true;
  }

  fail(id: number, kind: HookFailure['kind'], message: string, stack: string | null = null): void {
    const call = this.#underWay.get(id);
    if (call !== undefined) this.settle(id, failureOf(call.hook, kind, message, stack));
  }

  /** Sees how far the thread is, and posts as many of those that wait as it can take. */
  advance(): void {
    if (!this.#options.isReady()) return;
    this.#noteBegun();
    while (this.#posted.size < postedMax && this.#underWay.size < underWayMax) {
      const call = this.#next();
      if (call === null) break;
      // 32 bits, as the thread reports ids through shared memory; they are compared by their distance.
      this.#lastId = (this.#lastId + 1) | 0;
      call.id = this.#lastId;
      this.#underWay.set(call.id, call);
      this.#post(call);
    }
    if (this.#posted.size === 0 || this.#look !== undefined) return;
    this.#look = setTimeout(() => {
      this.#look = undefined;
      this.advance();
    }, lookEveryMs);
  }

  /** A new thread is there: it gets what the one before it had not begun, oldest first. */
  startOver(): void {
    for (const call of this.#posted) if (this.#underWay.has(call.id)) this.#send(call);
    this.advance();
  }

  /** An id that comes before all calls that a new thread is going to get, and behind all that are over. */
  get beforeFirst(): number {
    const first = this.#posted.peek();
    return first === undefined ? this.#lastId : (first.id - 1) | 0;
  }

  /** The thread is gone, and what it had begun with it. */
  failBegun(message: string): void {
    this.#noteBegun();
    for (const call of [...this.#underWay.values()]) if (call.begun) this.fail(call.id, 'thread-lost', message);
  }

  failAll(kind: HookFailure['kind'], message: string): void {
    clearTimeout(this.#look);
    this.#look = undefined;
    for (const lane of lanes) {
      for (let call = this.#waiting[lane].take(); call !== undefined; call = this.#waiting[lane].take())
        call.settle(failureOf(call.hook, kind, message));
    }
    for (const id of [...this.#underWay.keys()]) this.fail(id, kind, message);
    this.#posted.keep(() => false);
  }

  /** A deadline is about a hook's own run, so it starts here. */
  #noteBegun(): void {
    const begunId = this.#options.begunId();
    for (let call = this.#posted.peek(); call !== undefined; call = this.#posted.peek()) {
      // Ids wrap at 32 bits; the distance tells which came first.
      if (((call.id - begunId) | 0) > 0 && !call.begun) return;
      this.#posted.take();
      if (this.#underWay.has(call.id)) this.#begin(call);
    }
  }

  #begin(call: Call): void {
    call.begun = true;
    call.timer = setTimeout(() => {
      this.fail(call.id, 'deadline', `${call.hook} gave no answer within ${call.deadlineMs} ms`);
      this.#options.onLate();
    }, call.deadlineMs);
  }

  /** The next that somebody still waits for, a lane after the other. */
  #next(): Call | null {
    for (let tried = 0; tried < lanes.length; tried++) {
      const lane = this.#waiting[lanes[this.#lane]!];
      this.#lane = (this.#lane + 1) % lanes.length;
      for (let call = lane.take(); call !== undefined; call = lane.take()) {
        if (call.isWanted()) return call;
        call.settle(abandoned(call.hook));
      }
    }
    return null;
  }

  #post(call: Call): void {
    this.#posted.push(call);
    this.#send(call);
  }

  #send({ id, hook, args }: Call): void {
    this.#options.post({ id, hook, args: args() });
  }
}

function laneOf(hook: HookName): Lane {
  return hook === 'onHandshake' || hook === 'onMessage' ? hook : 'notices';
}

function abandoned(hook: HookName): HookOutcome {
  return failureOf(hook, 'abandoned', 'nobody is waiting for the answer');
}

export function failureOf(
  hook: HookName,
  kind: HookFailure['kind'],
  message: string,
  stack: string | null = null,
): { readonly ok: false; readonly failure: HookFailure } {
  return { ok: false, failure: { hook, kind, message, stack } };
}
