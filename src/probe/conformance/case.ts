/** The form of a case: what it is called, what the RFC says, and how it is played. */
import type { DialOptions } from '../../client/dial/options.ts';
import type { CaseVerdict } from './report.ts';

export interface Case {
  readonly name: string;
  readonly rfc: string;
  readonly expected: string;
  readonly play: (arena: Arena) => Promise<CaseOutcome>;
}

export interface Section {
  /** One word, to choose it by. */
  readonly id: string;
  readonly title: string;
  readonly cases: readonly Case[];
}

export interface Arena {
  readonly url: string;
  readonly dial: DialOptions;
  /** Longest wait for a reaction, in milliseconds. */
  readonly timeoutMs: number;
}

export interface CaseOutcome {
  readonly verdict: CaseVerdict;
  readonly got: string;
}

export const passed = (got: string): CaseOutcome => ({ verdict: 'pass', got });
export const nonStrict = (got: string): CaseOutcome => ({ verdict: 'non-strict', got });
export const failed = (got: string): CaseOutcome => ({ verdict: 'fail', got });
