/** What the conformance suite reports. */

/** `non-strict`: the RFC demands something else, and what was seen does no harm. */
export type CaseVerdict = 'pass' | 'non-strict' | 'fail';

export interface CaseResult {
  /** Section and number: `7.12`. Numbers may move between versions; the name tells what it is. */
  readonly id: string;
  readonly section: string;
  readonly name: string;
  /** The section of the RFC that demands it. */
  readonly rfc: string;
  readonly verdict: CaseVerdict;
  readonly expected: string;
  readonly got: string;
}

export interface SectionReport {
  readonly id: string;
  readonly title: string;
  readonly cases: number;
  readonly pass: number;
  readonly nonStrict: number;
  readonly fail: number;
}

export interface ConformanceReport {
  /** Why nothing was run; null when it was. */
  readonly skipped: string | null;
  /** What the endpoint's echo cannot do, so that cases fail which say nothing about the protocol. */
  readonly notes: readonly string[];
  readonly sections: readonly SectionReport[];
  readonly counts: { readonly cases: number; readonly pass: number; readonly nonStrict: number; readonly fail: number };
  readonly cases: readonly CaseResult[];
}
