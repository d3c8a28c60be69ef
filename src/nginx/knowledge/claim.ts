/** A piece of advice that people give about WebSockets behind nginx, and what is true. */

export const verdicts = {
  right: 'right',
  half: 'half right',
  'no-effect': 'no effect',
  wrong: 'wrong',
  harmful: 'harmful',
} as const;

export type ClaimVerdict = keyof typeof verdicts;

export interface Claim {
  readonly number: number;
  /** The advice, as it is commonly given. */
  readonly advice: string;
  readonly verdict: ClaimVerdict;
  /** The verdict in a sentence. */
  readonly short: string;
  readonly mechanism: string;
  /** What was measured, or where it is written. */
  readonly evidence: string;
  readonly instead: string;
  /** Directives and words that lead here. */
  readonly words: readonly string[];
  /** True: a test in test/real/claims-*.test.ts keeps it true against a real nginx. */
  readonly tested: boolean;
}
