import { HoldlineError } from '../../base/error.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { isSelf, parseServerUrl } from '../../plan/edge/plan.ts';
import type { DrainDesk } from '../drain/desk.ts';
import type { DrainRequest, DrainRow } from '../drain/job.ts';
import type { ServerBook } from './book.ts';
import type { ServerEntry, ServerRow } from './entry.ts';

/** A server by its URL, and its upstream where more than one could be meant. */
export interface ServerName {
  readonly upstream: string | null;
  readonly url: string;
}

export type DrainPace = Pick<DrainRequest, 'rate' | 'order' | 'code' | 'reason'>;
export const ownPace: DrainPace = { rate: null, order: null, code: null, reason: null };

/**
 * What people do with servers while clients are connected. Every method throws a `HoldlineError` that says what is
 * wrong.
 */
export interface ServerDesk {
  rows(): ServerRow[];
  add(server: ServerName & { readonly weight: number; readonly connectionsMax: number | null }): ServerRow;
  /** It takes no new connections from now on, and those that it holds are closed at the pace. */
  drain(server: ServerName, options: DrainPace & { readonly force: boolean }): Promise<ServerDrained>;
  /** It takes new connections again; a drain of its connections is cancelled. */
  undrain(server: ServerName): ServerRow;
  /** It leaves the list; it is shown as gone while it holds connections, which are drained. */
  remove(server: ServerName, options: DrainPace & { readonly force: boolean }): Promise<ServerDrained>;
}

export interface ServerDrained {
  readonly server: ServerRow;
  readonly drain: DrainRow;
}

export interface ServerDeskOptions {
  readonly plan: () => EdgePlan;
  readonly book: ServerBook;
  readonly drains: DrainDesk;
}

/**
 * Servers of one upstream after which no more are added by command. Each is checked, and told to every worker with all
 * the others; a script that adds without end took the supervisor to half a gigabyte.
 */
const serversMax = 1000;

/** What one supervisor tells the next of a server whose connections leave it. */
export interface KeptSweep {
  readonly upstream: string;
  readonly url: string;
  readonly pace: DrainPace;
  readonly drain: string | null;
}

/** The sweeping after people at the desk: whoever opened while a server was taken off is drained, too. */
export interface ServerSweeps {
  /** Drains what servers hold that leave for another reason. */
  sweep(entries: readonly ServerEntry[]): void;
  /** Drains what one holds that leaves, and resolves when that has ended, one way or the other. Does not reject. */
  retire(upstream: string, url: string): Promise<'done' | 'cancelled'>;
  kept(): KeptSweep[];
  restore(kept: readonly KeptSweep[]): void;
  /** Called now and then: begins anew where somebody is left. */
  sweepAgain(nowMs: number): void;
}

export function serverDesk({ plan, book, drains }: ServerDeskOptions): ServerDesk & ServerSweeps {
  const sweeps = new Map<ServerEntry, { pace: DrainPace; drain: string | null; overMs: number }>();

  function find({ upstream, url }: ServerName): ServerEntry {
    const read = parseServerUrl(url);
    const wanted = read.ok ? read.value : url;
    const names = upstream === null ? plan().upstreams.map(({ name }) => name) : [upstreamCalled(upstream)];
    const gone = book.rows().filter((row) => row.url === wanted && (upstream === null || row.upstream === upstream));
    const found = [...new Set([...names, ...gone.map((row) => row.upstream)])]
      .map((name) => book.find(name, wanted))
      .filter((entry) => entry !== undefined);
    if (found.length === 0) throw new HoldlineError('server-unknown', `there is no server ${url}`);
    if (found.length > 1)
      throw new HoldlineError(
        'server-ambiguous',
        `${url} is a server of ${found.map((entry) => entry.upstream).join(' and ')}`,
      );
    return found[0]!;
  }

  function upstreamCalled(name: string): string {
    if (plan().upstreams.some((upstream) => upstream.name === name)) return name;
    throw new HoldlineError('upstream-unknown', `there is no upstream "${name}"`);
  }

  function upstreamFor(name: string | null): string {
    if (name !== null) return upstreamCalled(name);
    const names = plan().upstreams.map((upstream) => upstream.name);
    if (names.length === 1) return names[0]!;
    throw new HoldlineError('server-ambiguous', `there are the upstreams ${names.join(', ')}`);
  }

  function refuseManaged(upstream: string): void {
    if (plan().upstreams.some(({ name, managed }) => name === upstream && managed !== null))
      throw new HoldlineError('server-managed', `Holdline starts the servers of ${upstream} itself`);
  }

  function refuseLast(entry: ServerEntry, force: boolean): void {
    const others = book
      .rows()
      .filter(({ upstream, url, state }) => upstream === entry.upstream && url !== entry.spec.url && state !== 'gone');
    const takes = others.some(({ state }) => state === 'up' || state === 'suspect');
    if (!force && entry.listed && !entry.draining && !takes)
      throw new HoldlineError('server-last', `${entry.spec.url} is the last server of ${entry.upstream} that is up`);
  }

  function requestFor(entry: ServerEntry, pace: DrainPace): DrainRequest {
    return {
      ...pace,
      target: { filter: { upstream: entry.upstream, server: entry.spec.url }, ids: null, worker: null },
      what: `server ${entry.spec.url} of ${entry.upstream}`,
      cause: 'drain',
    };
  }

  async function begin(entry: ServerEntry, pace: DrainPace): Promise<ServerDrained> {
    const before = sweeps.get(entry);
    if (before?.drain != null) drains.cancel(before.drain);
    const sweep = { pace, drain: null as string | null, overMs: 0 };
    sweeps.set(entry, sweep);
    const drain = await drains.start(requestFor(entry, pace));
    sweep.drain = drain.id;
    return { server: rowOf(entry), drain };
  }

  function rowOf(entry: ServerEntry): ServerRow {
    const row = book.rows().find(({ upstream, url }) => upstream === entry.upstream && url === entry.spec.url);
    // One that held nothing is gone already; what it was is still an answer.
    return row ?? { ...goneRow, upstream: entry.upstream, url: entry.spec.url, sinceMs: entry.statusSinceMs };
  }

  return {
    rows: () => book.rows(),
    add({ upstream, url, weight, connectionsMax }) {
      const name = upstreamFor(upstream);
      refuseManaged(name);
      const read = parseServerUrl(url);
      if (!read.ok) throw new HoldlineError('server-not-usable', read.problem);
      if (read.value.startsWith('srv+'))
        throw new HoldlineError(
          'server-not-usable',
          `${read.value} is many servers that are looked up again and again; write it into the spec, and reload`,
        );
      if (plan().listen.some((listen) => isSelf(read.value, listen.address)))
        throw new HoldlineError('server-not-usable', `${read.value} is the edge itself`);
      const known = book.find(name, read.value);
      if (known?.listed === true)
        throw new HoldlineError('server-exists', `${read.value} is a server of ${name} already`);
      if (book.rows().filter((row) => row.upstream === name).length >= serversMax)
        throw new HoldlineError('server-not-usable', `${name} has ${serversMax} servers, and takes no more`);
      if (known !== undefined) cancelSweep(known);
      return rowOf(book.add(name, { url: read.value, weight, connectionsMax }));
    },
    async drain(name, { force, ...pace }) {
      const entry = find(name);
      refuseLast(entry, force);
      book.setDraining(entry, true);
      return begin(entry, pace);
    },
    undrain(name) {
      const entry = find(name);
      if (entry.leaving !== null)
        throw new HoldlineError('server-managed', `${entry.spec.url} leaves: ${entry.leaving}`);
      cancelSweep(entry);
      if (entry.listed) book.setDraining(entry, false);
      return rowOf(entry);
    },
    async remove(name, { force, ...pace }) {
      const entry = find(name);
      refuseManaged(entry.upstream);
      refuseLast(entry, force);
      book.remove(entry);
      return begin(entry, pace);
    },
    sweep(entries) {
      for (const entry of entries) void begin(entry, ownPace).catch(() => undefined);
    },
    async retire(upstream, url) {
      const entry = book.find(upstream, url);
      if (entry === undefined) return 'done';
      try {
        const { drain } = await begin(entry, ownPace);
        return (await drains.ended(drain.id)).state === 'cancelled' ? 'cancelled' : 'done';
      } catch {
        // Too many drains at once: it is swept later, and ends when it is empty.
        return 'done';
      }
    },
    kept: () => [...sweeps].map(([{ upstream, spec }, { pace, drain }]) => ({ upstream, url: spec.url, pace, drain })),
    restore(kept) {
      for (const { upstream, url, pace, drain } of kept) {
        const entry = book.find(upstream, url);
        if (entry !== undefined) sweeps.set(entry, { pace, drain, overMs: 0 });
      }
    },
    sweepAgain(nowMs) {
      for (const [entry, sweep] of sweeps) {
        const row = sweep.drain === null ? undefined : drains.get(sweep.drain);
        const cancelled = row?.state === 'cancelled';
        const stays = entry.listed && !entry.draining && entry.leaving === null;
        if (cancelled || stays) sweeps.delete(entry);
        if (cancelled || row?.state === 'running' || sweep.drain === null) continue;
        if (entry.connections === 0) {
          sweep.overMs = 0;
          if (!entry.listed) sweeps.delete(entry);
          continue;
        }
        // The counts are half a second old, and closing takes a moment.
        sweep.overMs ||= nowMs;
        if (nowMs - sweep.overMs >= settledAfterMs) void begin(entry, sweep.pace).catch(() => undefined);
      }
    },
  };

  function cancelSweep(entry: ServerEntry): void {
    const sweep = sweeps.get(entry);
    if (sweep?.drain != null) drains.cancel(sweep.drain);
    sweeps.delete(entry);
  }
}

/** Longer than a close frame is waited for on any line that works. */
const settledAfterMs = 8000;

const goneRow = {
  state: 'gone',
  reason: 'it was removed',
  origin: 'command',
  weight: 0,
  share: 0,
  connectionsMax: null,
  connections: 0,
  check: null,
  unsaved: null,
} as const;
