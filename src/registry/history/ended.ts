import type { CloseCause, CloseParty } from '../../base/close-cause.ts';
import type { Moment } from '../moment.ts';
import type { ConnectionEnd, ConnectionRecord } from '../record.ts';
import { type ConnectionRow, rowOf } from '../row.ts';

/** A connection that has ended, as plain JSON: what it was, and how it ended. */
export interface EndedRecord extends Omit<ConnectionRow, 'state' | 'bufferedBytes'> {
  /** When the first reason to close came, milliseconds since 1970; `ageMs` and `idleMs` are as they were then. */
  readonly endedAtMs: number;
  readonly by: CloseParty;
  readonly cause: CloseCause;
  readonly code: number;
  readonly reason: string;
}

export function endedOf(record: ConnectionRecord, end: ConnectionEnd): EndedRecord {
  // The ages are those of the reason, not of the last goodbye: a silent hop shows by them.
  const moment: Moment = { nowMs: end.begunAtMs, monotonicMs: record.lastDataMs + end.silentMs };
  const { state: _state, bufferedBytes: _buffered, ...row } = rowOf(record, moment);
  const { by, cause, code, reason } = end;
  return { ...row, endedAtMs: end.begunAtMs, by, cause, code, reason };
}
