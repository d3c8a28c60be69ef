/** Who is connected through a supervised nginx, out of its log: the registry and the counts. */
import type { CloseCause } from '../../../base/close-cause.ts';
import { closeCauses } from '../../../base/close-cause.ts';
import { emptyRecord } from '../../../base/record.ts';
import type { HandshakeRefusal } from '../../../gateway/contract.ts';
import { intern } from '../../../gateway/intern.ts';
import type { TcpTraffic } from '../../../host/tcp-traffic.ts';
import type { EndLine, OpeningLine } from '../../../nginx/run/engine/lines.ts';
import { otherEnd } from '../../../nginx/run/engine/sockets.ts';
import type { EdgePlan } from '../../../plan/edge/model.ts';
import { type EndedRecord, endedOf } from '../../../registry/history/ended.ts';
import { noteOrigin, type OriginsSeen } from '../../../registry/origins-seen.ts';
import type { ConnectionRecord } from '../../../registry/record.ts';
import { Registry } from '../../../registry/registry.ts';
import { newRouteTotals, newTotals, observe, type RouteTotals, type Totals } from '../../../registry/totals.ts';
import { refusalOf } from './outcomes.ts';

export interface Followed extends ConnectionRecord {
  /** Process id of the worker that holds it. */
  readonly worker: number;
  /** Its socket's other end, as `otherEnd` says it; null for a Unix socket. */
  readonly socket: string | null;
  readonly key: string;
  server: string;
  subprotocol: string | null;
  compressed: boolean;
  /** Counted as upgraded; before that it may be a handshake that its server still thinks about. */
  counted: boolean;
}

export interface ConnectionTableOptions {
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly plan: () => EdgePlan;
  readonly onEnd: (ended: EndedRecord, closedAtMs: number) => void;
  readonly onRefused: (refusal: HandshakeRefusal, atMs: number) => void;
}

/** After this a handshake has been answered, or its server is one of the slow ones. */
const answeredMs = 2000;

export class ConnectionTable {
  readonly registry = new Registry();
  readonly totals: Totals = newTotals();
  readonly origins: OriginsSeen = emptyRecord();
  readonly #byKey = new Map<string, Followed>();
  readonly #options: ConnectionTableOptions;

  constructor(options: ConnectionTableOptions) {
    this.#options = options;
  }

  all(): IterableIterator<Followed> {
    return this.#byKey.values();
  }

  open(line: OpeningLine): void {
    // The numbers begin anew with each master: what had this one before is gone.
    const before = this.#byKey.get(line.key);
    if (before !== undefined) this.#end(before, 'worker-crashed', line.atMs);
    const { plan, nowMs, monotonicMs } = this.#options;
    const route = plan().routes.find(({ name }) => name === line.route);
    const servers = plan().upstreams.find(({ name }) => name === route?.upstream)?.servers ?? [];
    const record: Followed = {
      id: `${line.atMs.toString(36)}-${line.key}`,
      key: line.key,
      worker: line.worker,
      socket: line.peerPort === 0 ? null : otherEnd(line.peer, line.peerPort),
      counted: false,
      openedAtMs: line.atMs,
      clientAddress: line.client,
      clientPort: line.port,
      peerAddress: intern(line.peer),
      tls: line.tls,
      route: intern(line.route),
      upstream: route?.upstream ?? '',
      server: servers.length === 1 ? servers[0]!.url : '',
      host: intern(line.host),
      path: intern(line.path),
      origin: intern(line.origin),
      userAgent: intern(line.agent),
      subprotocol: null,
      compressed: false,
      tags: {},
      state: 'open',
      clientBytes: 0,
      clientMessages: 0,
      serverBytes: 0,
      serverMessages: 0,
      lastDataMs: monotonicMs() - Math.max(0, nowMs() - line.atMs),
      rttMs: null,
      bufferedBytes: 0,
    };
    noteOrigin(this.origins, line.route, line.origin, false);
    this.#byKey.set(line.key, record);
    this.registry.add(record);
    this.#route(record.route).open++;
    this.#countServer(record.server, 1);
  }

  close(line: EndLine, cause: CloseCause): void {
    if (line.outcome === null) return;
    const record = this.#byKey.get(line.key);
    if (line.status !== 101) {
      if (record !== undefined) this.#remove(record);
      const refusal = refusalOf(line);
      const { handshakes } = this.#route(refusal.route ?? '');
      handshakes[refusal.outcome] = (handshakes[refusal.outcome] ?? 0) + 1;
      if (refusal.outcome === 'origin-refused') noteOrigin(this.origins, line.route, line.origin, true);
      this.#options.onRefused(refusal, line.atMs);
      return;
    }
    // Its beginning was lost; the end alone is no connection that anybody was told of.
    if (record === undefined) return;
    this.#countServer(record.server, -1);
    if (line.server !== null) record.server = this.#urlOf(record.upstream, line.server);
    this.#countServer(record.server, 1);
    record.subprotocol = line.subprotocol;
    record.compressed = line.compressed;
    this.#countBytes(record, line.toServerBytes, line.toClientBytes);
    const totals = this.#route(record.route);
    if (line.handshakeMs !== null) observe(totals.handshakeSeconds, line.handshakeMs / 1000);
    observe(totals.lifetimeSeconds, line.lifeMs / 1000);
    this.#end(record, cause, line.atMs);
  }

  /** What the kernel counts of each socket. */
  measure(traffic: ReadonlyMap<string, TcpTraffic>): void {
    const monotonicMs = this.#options.monotonicMs();
    for (const record of this.#byKey.values()) {
      const seen = record.socket === null ? undefined : traffic.get(record.socket);
      if (seen === undefined) continue;
      this.#countBytes(record, seen.receivedBytes, seen.sentBytes);
      record.lastDataMs = monotonicMs - seen.idleMs;
      record.rttMs = seen.rttMs;
    }
  }

  /** Ends those that are gone without a line: their worker was killed. */
  lose(which: (record: Followed) => boolean, atMs: number): number {
    const lost = [...this.#byKey.values()].filter(which);
    for (const record of lost) this.#end(record, 'worker-crashed', atMs);
    return lost.length;
  }

  tick(): void {
    const before = this.#options.nowMs() - answeredMs;
    for (const record of this.#byKey.values()) {
      // In the order of their beginnings, so those behind are younger.
      if (record.openedAtMs > before) break;
      this.#count(record);
    }
  }

  #end(record: Followed, cause: CloseCause, atMs: number): void {
    this.#count(record);
    this.#remove(record);
    const { closes } = this.#route(record.route);
    closes[cause] = (closes[cause] ?? 0) + 1;
    const silentMs = cause === 'idle-timeout' ? Math.max(0, this.#options.monotonicMs() - record.lastDataMs) : 0;
    const end = {
      by: closeCauses[cause].by,
      cause,
      code: 1006,
      reason: '',
      begunAtMs: atMs,
      silentMs,
      closedAtMs: atMs,
    };
    this.#options.onEnd(endedOf(record, end), atMs);
  }

  /**
   * The counts of a route only grow, though the kernel counts TLS and handshakes and nginx's own last word may be
   * smaller.
   */
  #countBytes(record: Followed, client: number, server: number): void {
    const totals = this.#route(record.route);
    totals.clientBytes += Math.max(0, client - record.clientBytes);
    totals.serverBytes += Math.max(0, server - record.serverBytes);
    record.clientBytes = client;
    record.serverBytes = server;
  }

  #count(record: Followed): void {
    if (record.counted) return;
    record.counted = true;
    const { handshakes } = this.#route(record.route);
    handshakes.upgraded = (handshakes.upgraded ?? 0) + 1;
  }

  #remove(record: Followed): void {
    this.#byKey.delete(record.key);
    this.registry.remove(record.id);
    this.#route(record.route).open--;
    this.#countServer(record.server, -1);
  }

  #countServer(server: string, by: number): void {
    if (server === '') return;
    const { openByServer } = this.totals;
    openByServer[server] = (openByServer[server] ?? 0) + by;
    if (openByServer[server] === 0) delete openByServer[server];
  }

  #route(name: string): RouteTotals {
    this.totals.routes[name] ??= newRouteTotals();
    return this.totals.routes[name];
  }

  /** As the spec writes it; nginx writes the address that its name stood for. */
  #urlOf(upstream: string, address: string): string {
    const servers = this.#options.plan().upstreams.find(({ name }) => name === upstream)?.servers ?? [];
    return servers.find(({ url }) => url === address || url.endsWith(`//${address}`))?.url ?? address;
  }
}
