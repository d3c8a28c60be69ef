import type { EdgePlan } from '../plan/edge/model.ts';
import { nextOverload, notOverloaded, type OverloadFacts, type OverloadState } from '../policy/admission/overload.ts';

/** Looking costs a system call: memory and descriptors do not run away within half a second at any rate that admission allows. */
const lookEveryMs = 500;

/** Keeps looking at what the worker uses, and knows whether it should admit more. */
export class OverloadWatch {
  state: OverloadState = notOverloaded;
  limits: EdgePlan['limits'];

  readonly #measure: () => OverloadFacts;
  readonly #timer: NodeJS.Timeout;

  constructor(limits: EdgePlan['limits'], measure: () => OverloadFacts) {
    this.limits = limits;
    this.#measure = measure;
    this.#timer = setInterval(() => this.look(), lookEveryMs);
  }

  look(): void {
    this.state = nextOverload(this.state, this.#measure(), this.limits);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
