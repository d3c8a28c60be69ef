/** onOpen and onClose: a hook is told, and nobody waits for it. */
import type { ConnectionEnd, ConnectionRecord } from '../../registry/record.ts';
import type { WorkerState } from '../worker-state.ts';
import type { HookConnection } from './types.ts';

export function tellOpened(worker: WorkerState, record: ConnectionRecord): void {
  const bounds = boundsOf(worker, record);
  if (bounds !== null && worker.hooks.has('onOpen')) {
    const told = hookConnection(record);
    void worker.hooks.call('onOpen', () => [told], bounds);
  }
}

export function tellClosed(worker: WorkerState, record: ConnectionRecord, end: ConnectionEnd): void {
  const bounds = boundsOf(worker, record);
  if (bounds === null || !worker.hooks.has('onClose')) return;
  const { clientBytes, clientMessages, serverBytes, serverMessages } = record;
  const { by, cause, code, reason, closedAtMs } = end;
  const told = { by, cause, code, reason, closedAtMs, clientBytes, clientMessages, serverBytes, serverMessages };
  const connection = hookConnection(record);
  void worker.hooks.call('onClose', () => [connection, told], bounds);
}

/** A copy, as the thread gets it: the record is the live connection itself. */
export function hookConnection(record: ConnectionRecord): HookConnection {
  return {
    id: record.id,
    openedAtMs: record.openedAtMs,
    clientAddress: record.clientAddress,
    clientPort: record.clientPort,
    tls: record.tls,
    route: record.route,
    upstream: record.upstream,
    server: record.server,
    host: record.host,
    path: record.path,
    origin: record.origin,
    userAgent: record.userAgent,
    subprotocol: record.subprotocol,
    tags: record.tags,
  };
}

function boundsOf(worker: WorkerState, record: ConnectionRecord): { route: string; deadlineMs: number } | null {
  const hooks = worker.routes.byName.get(record.route)?.spec.hooks ?? null;
  return hooks === null ? null : { route: record.route, deadlineMs: hooks.deadlineMs };
}
