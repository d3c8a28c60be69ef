import { type CloseCause, closeCauses } from '../../base/close-cause.ts';
import type { EndedRecord } from '../../registry/history/ended.ts';
import type { CloseEvent } from './events.ts';

/** What a line of the log says of an ended connection, and back again: the history can be read out of the log. */
export function closeFields({ atMs, ended }: CloseEvent) {
  return {
    id: ended.id,
    clientAddress: ended.clientAddress,
    clientPort: ended.clientPort,
    peer: ended.peerAddress,
    tls: ended.tls,
    route: ended.route,
    upstream: ended.upstream,
    server: ended.server,
    host: ended.host,
    path: ended.path,
    origin: ended.origin,
    userAgent: ended.userAgent,
    subprotocol: ended.subprotocol,
    compressed: ended.compressed,
    tags: ended.tags,
    openedAtMs: ended.openedAtMs,
    endedAtMs: ended.endedAtMs,
    durationMs: Math.max(0, Math.round(atMs - ended.openedAtMs)),
    idleMs: ended.idleMs,
    rttMs: ended.rttMs,
    clientBytes: ended.clientBytes,
    clientMessages: ended.clientMessages,
    serverBytes: ended.serverBytes,
    serverMessages: ended.serverMessages,
    by: ended.by,
    code: ended.code,
    reason: ended.reason,
    cause: ended.cause,
  };
}

/**
 * null for what is no line of a close, or of an older edge that said less: the log is a file that anybody may have
 * written.
 */
export function endedFromLine(line: string): EndedRecord | null {
  if (!line.includes('"event":"close"')) return null;
  const fields = parsed(line);
  if (fields === null) return null;
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null);
  const number = (name: string) =>
    typeof fields[name] === 'number' && Number.isFinite(fields[name]) ? fields[name] : null;
  const [id, route, server, cause, endedAtMs, openedAtMs] = [
    text('id'),
    text('route'),
    text('server'),
    text('cause'),
    number('endedAtMs'),
    number('openedAtMs'),
  ];
  if (id === null || route === null || server === null || endedAtMs === null || openedAtMs === null) return null;
  if (cause === null || !Object.hasOwn(closeCauses, cause)) return null;
  const clientAddress = text('clientAddress') ?? '';
  return {
    id,
    route,
    server,
    openedAtMs,
    endedAtMs,
    upstream: text('upstream') ?? '',
    clientAddress,
    clientPort: number('clientPort') ?? 0,
    peerAddress: text('peer') ?? clientAddress,
    host: text('host') ?? '',
    path: text('path') ?? '',
    origin: text('origin'),
    userAgent: text('userAgent'),
    tls: fields.tls === true,
    subprotocol: text('subprotocol'),
    compressed: fields.compressed === true,
    tags: tagsOf(fields.tags),
    ageMs: Math.max(0, endedAtMs - openedAtMs),
    idleMs: number('idleMs') ?? 0,
    rttMs: number('rttMs'),
    clientBytes: number('clientBytes') ?? 0,
    clientMessages: number('clientMessages') ?? 0,
    serverBytes: number('serverBytes') ?? 0,
    serverMessages: number('serverMessages') ?? 0,
    by: closeCauses[cause as CloseCause].by,
    cause: cause as CloseCause,
    code: number('code') ?? 1006,
    reason: text('reason') ?? '',
  };
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // Half a line, where the machine stopped while it was written.
    return null;
  }
}

function tagsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
