import type { ProbeVerdict, StepId } from '../report.ts';

/** A note of one step: `tookMs` null for what is no act but a look. */
export type Note = (id: StepId, verdict: ProbeVerdict, detail: string, tookMs: number | null) => void;
