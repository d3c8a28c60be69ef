import { isSendableCloseCode } from '../../base/close-code.ts';
import { type DrainOrder, parseDrainRate } from '../../base/drain.ts';
import { HoldlineError } from '../../base/error.ts';
import type { ConnectionFilter } from '../../registry/filter.ts';
import type { DrainRow } from '../drain/job.ts';
import type { ManagedState } from '../managed/state.ts';
import type { DrainPace, ServerDrained } from '../servers/desk.ts';
import type { ServerRow } from '../servers/entry.ts';
import type { Supervisor } from '../supervisor.ts';

/** How connections are closed; what is left out is what `drain` says in the route of each. */
export interface DrainHow {
  /** `100/s`, `600/m`, or a share of all that there were: `2%/s`. */
  readonly rate?: string;
  readonly order?: DrainOrder;
  /** A close code that an endpoint may send: 1000 to 1014 but for 1004 to 1006, or 3000 to 4999. */
  readonly code?: number;
  /** At most 123 bytes of UTF-8. */
  readonly reason?: string;
}

export interface ServerDrainHow extends DrainHow {
  /** Needed where several upstreams have the server. */
  readonly upstream?: string;
  /** True does it even when no other server of the upstream is up. */
  readonly force?: boolean;
}

/**
 * Servers that come and go under live connections, as `holdline servers`, `drain` and `restart` do it. What throws, or
 * rejects, does so with a `HoldlineError` that says what is wrong: `server-unknown`, `server-ambiguous`,
 * `server-exists`, `server-not-usable`, `server-managed`, `server-last`, `upstream-unknown`, `upstream-not-managed`,
 * `drain-unknown`, `drain-too-many`, `control-bad-request` for a rate, a code or a reason.
 */
export interface ServerSteering {
  /** Every server with its state and its live connections, those included that left and still hold some. */
  servers(): readonly ServerRow[];
  /** A server of this kind: `http://10.0.0.3:9000`, `https://…`, `unix:/run/app.sock`. Default: weight 1, no bound. */
  addServer(
    url: string,
    more?: { readonly upstream?: string; readonly weight?: number; readonly connectionsMax?: number },
  ): ServerRow;
  /**
   * It takes no new connections, and those that it has are closed, or moved, at the pace. Resolves when that has begun.
   */
  drainServer(url: string, how?: ServerDrainHow): Promise<ServerDrained>;
  /** It takes new connections again, and a drain of those that it has is cancelled. */
  undrainServer(url: string, where?: { readonly upstream?: string }): ServerRow;
  /** It leaves its upstream; its connections are drained. */
  removeServer(url: string, how?: ServerDrainHow): Promise<ServerDrained>;

  /** Closes all that match at a pace; `{}` matches all. Resolves when it has begun. */
  drain(filter: ConnectionFilter, how?: DrainHow): Promise<DrainRow>;
  /** Drains that run, and the last that ended. */
  drains(): readonly DrainRow[];
  /** Resolves when the drain of this id is over, done or cancelled. */
  drainEnded(id: string): Promise<DrainRow>;
  /** Stops it where it is. */
  cancelDrain(id: string): DrainRow;

  /** Of each upstream that Holdline starts itself: how many instances there should be, and its last rolling restart. */
  managed(): readonly ManagedState[];
  /** Begins a rolling restart, or has one follow the one that is under way. */
  restart(upstream: string): ManagedState;
}

export function serverSteering(
  supervisor: Pick<Supervisor, 'servers' | 'drains' | 'managed' | 'restart'>,
): ServerSteering {
  const { servers, drains } = supervisor;
  return {
    servers: () => servers.rows(),
    addServer: (url, { upstream = null, weight = 1, connectionsMax = null } = {}) =>
      servers.add({ upstream, url, weight, connectionsMax }),
    drainServer: async (url, { upstream = null, force = false, ...how } = {}) =>
      servers.drain({ upstream, url }, { ...paceOf(how), force }),
    undrainServer: (url, { upstream = null } = {}) => servers.undrain({ upstream, url }),
    removeServer: async (url, { upstream = null, force = false, ...how } = {}) =>
      servers.remove({ upstream, url }, { ...paceOf(how), force }),
    drain: async (filter, how = {}) =>
      drains.start({
        ...paceOf(how),
        target: { filter, ids: null, worker: null },
        what: Object.keys(filter).length === 0 ? 'everything' : JSON.stringify(filter),
        cause: 'drain',
      }),
    drains: () => drains.rows(),
    drainEnded: (id) => drains.ended(id),
    cancelDrain(id) {
      const row = drains.cancel(id);
      if (row === undefined) throw new HoldlineError('drain-unknown', `there is no drain ${id}`);
      return row;
    },
    managed: () => supervisor.managed(),
    restart: (upstream) => supervisor.restart(upstream),
  };
}

function paceOf(how: DrainHow): DrainPace {
  const { rate, order = null, code = null, reason = null } = how;
  if (code !== null && !isSendableCloseCode(code))
    throw new HoldlineError('control-bad-request', `code: ${code} is not a close code that may be sent`);
  if (reason !== null && Buffer.byteLength(reason) > 123)
    throw new HoldlineError('control-bad-request', 'reason: it is over 123 bytes');
  if (rate === undefined) return { rate: null, order, code, reason };
  const read = parseDrainRate(rate);
  if (!read.ok) throw new HoldlineError('control-bad-request', `rate: ${read.problem}`);
  return { rate: read.value, order, code, reason };
}
