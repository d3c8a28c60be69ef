import type { CloseCause, CloseParty } from '../../base/close-cause.ts';
import type { Moment } from '../moment.ts';
import type { ConnectionRecord } from '../record.ts';

/**
 * What a term may ask of a connection. A live record has no `ageMs`: its ages follow from the moment of the question.
 * An ended row has them, and says how it ended.
 */
export interface Subject extends Readonly<Omit<ConnectionRecord, 'lastDataMs'>> {
  readonly lastDataMs?: number;
  readonly ageMs?: number;
  readonly idleMs?: number;
  readonly cause?: CloseCause;
  readonly by?: CloseParty;
  readonly code?: number;
  readonly reason?: string;
  readonly worker?: number;
}

/** Milliseconds since the connection opened, or that it lived. */
export function ageOf(subject: Subject, moment: Moment): number {
  return subject.ageMs ?? moment.nowMs - subject.openedAtMs;
}

/** Milliseconds since the last data frame in either direction, or between it and the end. */
export function idleOf(subject: Subject, moment: Moment): number {
  return subject.idleMs ?? moment.monotonicMs - (subject.lastDataMs ?? moment.monotonicMs);
}
