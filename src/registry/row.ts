import type { Moment } from './filter.ts';
import type { ConnectionRecord } from './record.ts';

/** One connection as plain JSON, with ages in place of the readings of a clock that only its worker knows. */
export interface ConnectionRow extends Omit<Readonly<ConnectionRecord>, 'lastDataMs'> {
  readonly ageMs: number;
  /** Since the last data frame in either direction. */
  readonly idleMs: number;
}

/** A copy: the tunnel goes on changing the record. Ages are never negative, though the wall clock may be set back. */
export function rowOf(record: ConnectionRecord, moment: Moment): ConnectionRow {
  const { lastDataMs, ...fields } = record;
  return {
    ...fields,
    tags: { ...record.tags },
    ageMs: Math.max(0, Math.round(moment.nowMs - record.openedAtMs)),
    idleMs: Math.max(0, Math.round(moment.monotonicMs - lastDataMs)),
  };
}
