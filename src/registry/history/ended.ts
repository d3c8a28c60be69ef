import type { CloseCause, CloseParty } from '../../base/close-cause.ts';
import type { ConnectionEnd, ConnectionRecord } from '../record.ts';
import { agesOf, type ConnectionRow } from '../row.ts';

/** A connection that has ended, as plain JSON: what it was, and how it ended. */
export interface EndedRecord extends Omit<ConnectionRow, 'state' | 'bufferedBytes'> {
  /** When the first reason to close came, milliseconds since 1970; `ageMs` and `idleMs` are as they were then. */
  readonly endedAtMs: number;
  readonly by: CloseParty;
  readonly cause: CloseCause;
  readonly code: number;
  readonly reason: string;
}

/**
 * Written out, not spread from a row: every connection ends, and V8 keeps what was spread with a rest in twenty times
 * the memory.
 */
export function endedOf(record: ConnectionRecord, end: ConnectionEnd): EndedRecord {
  // The ages are those of the reason, not of the last goodbye: a silent hop shows by them.
  const { ageMs, idleMs } = agesOf(record, { nowMs: end.begunAtMs, monotonicMs: record.lastDataMs + end.silentMs });
  return {
    id: record.id,
    openedAtMs: record.openedAtMs,
    ageMs,
    idleMs,
    clientAddress: record.clientAddress,
    clientPort: record.clientPort,
    peerAddress: record.peerAddress,
    tls: record.tls,
    route: record.route,
    upstream: record.upstream,
    server: record.server,
    host: record.host,
    path: record.path,
    origin: record.origin,
    userAgent: record.userAgent,
    subprotocol: record.subprotocol,
    compressed: record.compressed,
    tags: record.tags,
    clientBytes: record.clientBytes,
    clientMessages: record.clientMessages,
    serverBytes: record.serverBytes,
    serverMessages: record.serverMessages,
    rttMs: record.rttMs,
    endedAtMs: end.begunAtMs,
    by: end.by,
    cause: end.cause,
    code: end.code,
    reason: end.reason,
  };
}
