/**
 * Names of servers as the addresses behind them: each is a server of its own, found anew on a schedule, so that a
 * service with many pods is many servers. What a lookup no longer gives takes no new connections; those that are open
 * stay.
 */
import dns from 'node:dns';
import net from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { socketPathOf } from '../../base/unix-socket.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { ServerSpec, UpstreamSpec } from '../../plan/edge/plan.ts';
import type { EdgeEventSink } from '../log/notices.ts';

export interface NamedServers {
  /** Begins to follow the names of a plan; those of the plan before are forgotten. */
  apply(plan: EdgePlan): void;
  /** When every name has been looked up once, or a moment later: an edge that waits for a resolver serves nobody. */
  started(): Promise<void>;
  /** The plan with addresses in place of the names that have been found at least once. */
  resolved(plan: EdgePlan): EdgePlan;
  close(): void;
  /** What each upstream's names are. */
  kept(): KeptAddresses[];
  /** Before the first plan: what another supervisor has found. */
  restore(kept: readonly KeptAddresses[]): void;
}

export interface KeptAddresses {
  readonly upstream: string;
  /** As the spec has them. */
  readonly written: readonly ServerSpec[];
  readonly servers: readonly ServerSpec[];
}

export interface NamedServersOptions {
  /** The addresses of some name are others than before. */
  readonly onChange: () => void;
  readonly onEvent: EdgeEventSink;
}

/** Resolvers answer within milliseconds, or after their own 5 seconds; who is not found by then is dialled by name. */
const firstAnswerMs = 3000;
/** A record set of more than this would not fit into an answer of DNS; nobody balances over so many by name. */
const addressesMax = 256;

interface Followed {
  readonly upstream: UpstreamSpec;
  servers: readonly ServerSpec[] | null;
  failing: boolean;
  busy: boolean;
  readonly timer: NodeJS.Timeout;
}

export function startNamedServers(options: NamedServersOptions): NamedServers {
  const followed = new Map<string, Followed>();
  let first: Promise<unknown> = Promise.resolve();
  let known: readonly KeptAddresses[] = [];

  async function look(entry: Followed): Promise<void> {
    if (entry.busy) return;
    entry.busy = true;
    try {
      const lists = await Promise.all(entry.upstream.servers.map(addressesOf));
      if (followed.get(entry.upstream.name) !== entry) return;
      take(entry, lists.flat().slice(0, addressesMax));
      entry.failing = false;
    } catch (error) {
      // Stale addresses are better than none: one that is gone is passed over when it is dialled.
      if (!entry.failing && followed.get(entry.upstream.name) === entry)
        options.onEvent({ kind: 'name-unresolved', upstream: entry.upstream.name, message: (error as Error).message });
      entry.failing = true;
    } finally {
      entry.busy = false;
    }
  }

  function take(entry: Followed, servers: readonly ServerSpec[]): void {
    const before = entry.servers;
    if (isDeepStrictEqual(before, servers)) return;
    entry.servers = servers;
    options.onChange();
    if (before === null) return;
    const urls = (list: readonly ServerSpec[]) => list.map(({ url }) => url);
    const joined = urls(servers).filter((url) => !urls(before).includes(url));
    const left = urls(before).filter((url) => !urls(servers).includes(url));
    if (joined.length + left.length > 0)
      options.onEvent({ kind: 'addresses-changed', upstream: entry.upstream.name, joined, left });
  }

  return {
    apply(plan) {
      const wanted = new Map(plan.upstreams.filter(followsNames).map((upstream) => [upstream.name, upstream]));
      for (const [name, entry] of followed) {
        if (isDeepStrictEqual(entry.upstream, wanted.get(name))) wanted.delete(name);
        else {
          clearInterval(entry.timer);
          followed.delete(name);
        }
      }
      const begun = [...wanted.values()].map((upstream) => {
        const timer = setInterval(() => void look(entry), upstream.resolveEveryMs!);
        const before = known.find(
          (each) => each.upstream === upstream.name && isDeepStrictEqual(each.written, upstream.servers),
        );
        const entry: Followed = { upstream, servers: before?.servers ?? null, failing: false, busy: false, timer };
        followed.set(upstream.name, entry);
        return look(entry);
      });
      first = Promise.all(begun);
    },
    started: () =>
      Promise.race([
        first.then(() => undefined),
        new Promise<void>((resolve) => setTimeout(resolve, firstAnswerMs).unref()),
      ]),
    resolved: (plan) => ({
      ...plan,
      upstreams: plan.upstreams.map((upstream) => {
        const entry = followed.get(upstream.name);
        if (entry === undefined || entry.servers === null) return upstream;
        return isDeepStrictEqual(entry.upstream.servers, upstream.servers)
          ? { ...upstream, servers: entry.servers }
          : upstream;
      }),
    }),
    kept: () =>
      [...followed.values()].flatMap(({ upstream, servers }) =>
        servers === null ? [] : [{ upstream: upstream.name, written: upstream.servers, servers }],
      ),
    restore(kept) {
      known = kept;
    },
    close() {
      for (const { timer } of followed.values()) clearInterval(timer);
      followed.clear();
    },
  };
}

/** Whether any of an upstream's servers is a name that is to be looked up. */
export function followsNames(upstream: UpstreamSpec): boolean {
  return upstream.managed === null && upstream.resolveEveryMs !== null && upstream.servers.some(isName);
}

/** localhost is one machine whichever of its addresses is taken, and the system tries them all. */
function isName({ url }: ServerSpec): boolean {
  if (socketPathOf(url) !== null) return false;
  if (url.startsWith('srv+')) return true;
  const host = hostOf(url);
  return host !== 'localhost' && !host.endsWith('.localhost') && net.isIP(host) === 0;
}

async function addressesOf(server: ServerSpec): Promise<ServerSpec[]> {
  if (!isName(server)) return [server];
  const { protocol, hostname, port } = new URL(server.url);
  if (!protocol.startsWith('srv+')) return found(server, protocol, { name: hostname, port }, server.weight);
  const records = await dns.promises.resolveSrv(hostname);
  // RFC 2782: a higher number is a spare, for when the ones before are gone.
  const best = Math.min(...records.map(({ priority }) => priority));
  const lists = await Promise.all(
    records
      .filter(({ priority }) => priority === best)
      .map((record) =>
        found(server, protocol.slice(4), { name: record.name, port: String(record.port) }, Math.max(1, record.weight)),
      ),
  );
  return lists.flat();
}

/** One server for each address of a name. */
async function found(
  server: ServerSpec,
  protocol: string,
  at: { readonly name: string; readonly port: string },
  weight: number,
): Promise<ServerSpec[]> {
  const all = await lookup(at.name);
  // A machine with both kinds of address would be two servers; the system puts the kind that it would take first.
  const family = all[0]?.family;
  return all
    .filter((address) => address.family === family)
    .map(({ address }) => {
      const host = address.includes(':') ? `[${address}]` : address;
      const url = new URL(`${protocol}//${host}${at.port === '' ? '' : `:${at.port}`}`).origin;
      return { url, name: at.name, weight, connectionsMax: server.connectionsMax };
    })
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}

/** The system's own lookup, /etc/hosts and search domains included. */
function lookup(name: string): Promise<dns.LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dns.lookup(name, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}
