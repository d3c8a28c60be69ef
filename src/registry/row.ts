import type { Moment } from './moment.ts';
import type { ConnectionRecord } from './record.ts';

/** One connection as plain JSON, with ages in place of the readings of a clock that only its worker knows. */
export interface ConnectionRow extends Omit<Readonly<ConnectionRecord>, 'lastDataMs'> {
  readonly ageMs: number;
  /** Since the last data frame in either direction. */
  readonly idleMs: number;
}

/** Never negative, though the wall clock may be set back. */
export function agesOf(record: ConnectionRecord, moment: Moment): Pick<ConnectionRow, 'ageMs' | 'idleMs'> {
  const ageMs = Math.max(0, Math.round(moment.nowMs - record.openedAtMs));
  // The last data is timed by the worker's wheel, which lags behind the clock by up to a tick.
  return { ageMs, idleMs: Math.min(ageMs, Math.max(0, Math.round(moment.monotonicMs - record.lastDataMs))) };
}

/**
 * A copy, field by field: the record may be the live connection itself, with sockets behind it, and goes on changing.
 */
export function rowOf(record: ConnectionRecord, moment: Moment): ConnectionRow {
  const { ageMs, idleMs } = agesOf(record, moment);
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
    tags: { ...record.tags },
    state: record.state,
    clientBytes: record.clientBytes,
    clientMessages: record.clientMessages,
    serverBytes: record.serverBytes,
    serverMessages: record.serverMessages,
    rttMs: record.rttMs,
    bufferedBytes: record.bufferedBytes,
  };
}
