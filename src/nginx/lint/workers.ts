/** How many workers there are, and what one of them can hold. */

import type { Statement } from '../syntax/tree.ts';
import type { LintContext } from './rule.ts';

export interface Workers {
  /** Null for `auto`: as many as the machine has processors. */
  readonly count: number | null;
  /** True unless there is exactly one. */
  readonly several: boolean;
  /** Slots of each: clients, servers, listening sockets and the channel to the master all take one. */
  readonly connections: number;
  /** The line that says so; null when the default applies. */
  readonly statement: Statement | null;
  /** The limit on descriptors that nginx sets; null when it takes what it is given. */
  readonly descriptors: { readonly limit: number; readonly statement: Statement } | null;
  /** Proxied WebSockets that fit into one worker: two slots each. */
  readonly webSocketsEach: number;
}

/**
 * Descriptors that a worker needs beyond worker_connections: logs, epoll, the channel, libraries. Some ten were seen on
 * nginx 1.22.1 with one log; the rest is for more logs, caches and name servers.
 */
export const descriptorsSpare = 64;

/** What a process is usually given when nobody asked: the soft limit of systemd and of a login shell. */
export const descriptorsUsual = 1024;

export function workersOf(context: LintContext): Workers {
  const { main, events, servers } = context.effective;
  const processes = context.value(main, 'worker_processes').text ?? '1';
  const count = /^\d+$/.test(processes) ? Number(processes) : null;
  const slots = context.value(events ?? main, 'worker_connections');
  const connections = Number(slots.text ?? 512) || 512;
  const limit = context.value(main, 'worker_rlimit_nofile');
  const addresses = new Set(
    servers.flatMap(({ listens }) => listens.map(({ address, port }) => `${address}:${port ?? ''}`)),
  );
  return {
    count,
    several: count !== 1,
    connections,
    statement: slots.statements.at(-1) ?? null,
    descriptors:
      limit.statements[0] === undefined ? null : { limit: Number(limit.text), statement: limit.statements[0] },
    webSocketsEach: Math.max(0, Math.floor((connections - addresses.size - 1) / 2)),
  };
}

/** True when every address that a WebSocket can come in on has a queue for each worker. */
export function hasOwnQueues({ webSockets }: LintContext): boolean {
  const listens = webSockets.flatMap(({ location }) => location.server.listens);
  return listens.length > 0 && listens.every(({ reuseport }) => reuseport);
}
