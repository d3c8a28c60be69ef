/** The form of the tables of causes: rows in order, of which the first that fits is the one that is named. */
import type { Code } from '../../base/catalogue/catalogue.ts';
import type { DialFailure } from '../../client/dial/failure.ts';
import type { Certainty } from '../report.ts';
import type { TryId, TryOutcome } from '../walk/tries.ts';
import type { Answerer } from './software.ts';

export interface FailureFacts {
  readonly failure: DialFailure;
  readonly url: string;
  /** 0 when there was no answer. */
  readonly status: number;
  readonly header: (name: string) => string;
  /** The beginning of the answer's body, or of what came in place of an answer. */
  readonly body: string;
  readonly answerer: Answerer;
  /** What the same handshake gave with one thing changed; absent for what was not tried. */
  readonly tries: ReadonlyMap<TryId, TryOutcome>;
}

export interface Cause {
  readonly code: Code;
  readonly when: (facts: FailureFacts) => boolean;
  readonly certainty: Certainty | ((facts: FailureFacts) => Certainty);
  /** Sharper than the catalogue's sentence, where the facts allow it. */
  readonly because?: (facts: FailureFacts) => string;
  /** Sharper than the catalogue's remedy. */
  readonly remedy?: (facts: FailureFacts) => string;
}

/** True when the try with that id worked. */
export function worked(facts: FailureFacts, id: TryId): boolean {
  return facts.tries.get(id)?.ok === true;
}
