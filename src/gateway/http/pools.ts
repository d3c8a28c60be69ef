import { buildConnector, Pool } from 'undici';
import type { ServerAddress } from '../handshake/server-wire.ts';

/** As for handshakes: one lost SYN may be repeated, and there is time left for the next server. */
const connectTimeoutMs = 3000;
/**
 * How long a connection to a server is kept for the next request, unless the server says how long it keeps it: half of
 * what nginx and most frameworks behind it take, so that it is rarely the server that closes first.
 */
const keepAliveMs = 30_000;
/** As node:http and nginx take it from clients; an answer whose head is larger is 502. */
const headBytesMax = 16_384;
/** A server that is not in the plan any more, or that nobody asks, leaves nothing behind after this. */
const forgetAfterMs = 120_000;

interface Entry {
  readonly pool: Pool;
  usedMs: number;
}

/**
 * The connections to servers for plain HTTP, one pool for each server. undici frames bodies by itself, reads answers
 * strictly, takes a connection out of use unless its answer ended exactly where its framing said, and looks at an idle
 * one for bytes that nobody asked for before it is used again.
 */
export class ServerPools {
  readonly #pools = new Map<string, Entry>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get(address: ServerAddress): Pool {
    const trust = address.verifyTls ? (address.authorities?.ca ?? 'public') : 'unchecked';
    const key = `${address.url} ${address.servername ?? ''} ${trust}`;
    const nowMs = this.#nowMs();
    let entry = this.#pools.get(key);
    if (entry === undefined) {
      this.#forgetIdle(nowMs);
      entry = { pool: newPool(address), usedMs: nowMs };
      this.#pools.set(key, entry);
    }
    entry.usedMs = nowMs;
    return entry.pool;
  }

  close(): void {
    for (const { pool } of this.#pools.values()) void pool.destroy();
    this.#pools.clear();
  }

  #forgetIdle(nowMs: number): void {
    for (const [key, { pool, usedMs }] of this.#pools) {
      if (nowMs - usedMs < forgetAfterMs || pool.stats.size > 0) continue;
      this.#pools.delete(key);
      void pool.close();
    }
  }
}

/**
 * What undici wants as the request's server name; the connector goes by the server's own. It has to be the same for
 * all, or connections are not kept.
 */
export const constantServername = 'server';

function newPool(address: ServerAddress): Pool {
  const connect = buildConnector({
    rejectUnauthorized: address.verifyTls,
    ...(address.socketPath === null ? {} : { socketPath: address.socketPath }),
    ...(address.authorities === null ? {} : { ca: address.authorities.ca }),
    timeout: connectTimeoutMs,
    allowH2: false,
  });
  const servername = address.servername === null ? {} : { servername: address.servername };
  return new Pool(address.socketPath === null ? new URL(address.url).origin : address.origin, {
    // How many there may be is the admission's to say.
    connections: null,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: headBytesMax,
    strictContentLength: true,
    connect: ({ servername: _clients, ...options }, callback) => connect({ ...options, ...servername }, callback),
  });
}
