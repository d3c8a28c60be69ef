/**
 * After a server joins or returns: how many connections each server holds above its fair share. Only those are moved,
 * and only when it is worth a reconnect: within a tolerance nothing happens, and what begins goes on until the shares
 * are even.
 */
export interface LoadedServer {
  readonly url: string;
  readonly weight: number;
  readonly connections: number;
  /** Takes new connections: one that does not gets no share, and its own are a drain's business. */
  readonly takes: boolean;
}

export interface Excess {
  readonly url: string;
  readonly connections: number;
  readonly fair: number;
  /** To be moved away. */
  readonly excess: number;
}

/** Below this share above the fair one nobody would notice, and every move costs a client a reconnect. */
export const toleranceShare = 0.1;
/** Small numbers are never even: two connections on one server and none on the other are no reason. */
export const toleranceConnections = 10;

/** Servers with more than their share, the fullest first; empty when it is not worth it. */
export function excessOf(servers: readonly LoadedServer[]): Excess[] {
  const taking = servers.filter((server) => server.takes && server.weight > 0);
  const weights = taking.reduce((sum, server) => sum + server.weight, 0);
  const total = taking.reduce((sum, server) => sum + server.connections, 0);
  if (taking.length < 2) return [];
  const rows = taking.map((server) => {
    const fair = Math.ceil((total * server.weight) / weights);
    return { url: server.url, connections: server.connections, fair, excess: Math.max(0, server.connections - fair) };
  });
  const worthIt = rows.some(({ fair, excess }) => excess > Math.max(toleranceConnections, fair * toleranceShare));
  return worthIt ? rows.filter(({ excess }) => excess > 0).sort((a, b) => b.excess - a.excess) : [];
}

export interface AutoState {
  /** Since when it has been worth it; null while it is not. */
  readonly unevenSinceMs: number | null;
  readonly lastEndedMs: number;
}

/** A server that restarts is back by then, and a deployment is over: moving for either would be moving twice. */
export const settleMs = 60_000;
/** Between two rebalances: a server that comes and goes must not keep everybody on the move. */
export const restMs = 600_000;

/** Whether an automatic rebalance begins now. */
export function nextAuto(
  before: AutoState,
  uneven: boolean,
  nowMs: number,
): { readonly state: AutoState; readonly begin: boolean } {
  const unevenSinceMs = uneven ? (before.unevenSinceMs ?? nowMs) : null;
  const state = { ...before, unevenSinceMs };
  if (unevenSinceMs === null || nowMs - unevenSinceMs < settleMs) return { state, begin: false };
  if (nowMs - before.lastEndedMs < restMs) return { state, begin: false };
  return { state: { unevenSinceMs: null, lastEndedMs: nowMs }, begin: true };
}
