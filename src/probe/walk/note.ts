import type { StepId, Verdict } from '../report.ts';

/** A note of one step: `tookMs` null for what is no act but a look. */
export type Note = (id: StepId, verdict: Verdict, detail: string, tookMs: number | null) => void;
