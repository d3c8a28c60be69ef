import type { EdgePlan } from '../plan/edge/model.ts';
import { nextOverload, notOverloaded, type OverloadFacts, type OverloadState } from '../policy/admission/overload.ts';

/** Looking costs a system call: memory does not run away within half a second at any rate that admission allows. */
const lookEveryMs = 500;
/** A new client may have a connection to a server made for it. */
const descriptorsEach = 2;
/**
 * Of the descriptors above the mark, which are spare, this many stay for the log, hooks and files when all others are
 * taken: the rest lets clients be told that they are turned away.
 */
const descriptorsKept = 16;
/** How many are spare above the mark by the plan (`plan/edge/constants`): 64 where the limit allows for it. */
const descriptorsSpare = 64;

/** Keeps looking at what the worker uses, and knows whether it should admit more. */
export class OverloadWatch {
  state: OverloadState = notOverloaded;
  limits: EdgePlan['limits'];

  readonly #measure: () => OverloadFacts;
  readonly #timer: NodeJS.Timeout;
  #descriptors = 0;
  /** What may have come since the last look. */
  #since = 0;

  constructor(limits: EdgePlan['limits'], measure: () => OverloadFacts) {
    this.limits = limits;
    this.#measure = measure;
    this.#timer = setInterval(() => this.look(), lookEveryMs);
  }

  look(): void {
    const facts = this.#measure();
    this.#descriptors = facts.descriptors;
    this.#since = 0;
    this.state = nextOverload(this.state, facts, this.limits);
  }

  /**
   * A client's socket was accepted, or a connection to a server is about to be made. Near the mark it is looked at
   * once, since hundreds come between two looks; false when there is no room even to say no.
   */
  noteSocket(): boolean {
    this.#since += descriptorsEach;
    if (this.#descriptors + this.#since > this.limits.descriptorsHigh) this.look();
    return this.#descriptors + this.#since <= this.limits.descriptorsHigh + descriptorsSpare - descriptorsKept;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
