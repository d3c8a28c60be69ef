/**
 * Connections and handshake rate by client address, in bounded memory. Addresses with a connection are never forgotten,
 * so their cap holds whatever else happens; there are never more of them than connections. Addresses without one are
 * kept for their rate, as many as fit; then the one whose bucket has refilled most is forgotten, of a few that were not
 * seen for longest.
 *
 * One table for each route, because the cap and the rate are the route's.
 */
import { addressBlock } from '../../base/address.ts';
import { type BucketRate, fullness, newBucket, type TokenBucket, take, waitMs } from './token-bucket.ts';

export interface AddressTable {
  /** By `addressBlock`. */
  readonly connected: Map<string, AddressEntry>;
  /** The one that was not seen for longest first. */
  readonly idle: Map<string, AddressEntry>;
  readonly idleMax: number;
}

interface AddressEntry {
  /** Reserved ones included. */
  connections: number;
  bucket: TokenBucket | null;
}

/**
 * Addresses without connections whose rate is remembered. About 200 bytes each, so 13 MB at the most; and who can send
 * from more addresses than this within the seconds that a bucket takes to refill is not held by a rate per address
 * anyway, but by the edge's.
 */
export const idleAddressesMax = 65_536;

/** How many of the oldest are looked at for the fullest bucket: a constant cost for each new address. */
const candidatesMax = 8;

export function newAddressTable(idleMax: number = idleAddressesMax): AddressTable {
  return { connected: new Map(), idle: new Map(), idleMax };
}

export function connectionsOf(table: AddressTable, address: string): number {
  return table.connected.get(addressBlock(address))?.connections ?? 0;
}

/** Milliseconds until this address may make a handshake; 0: now. Remembers nothing. */
export function addressWaitMs(table: AddressTable, address: string, rate: BucketRate, nowMs: number): number {
  const block = addressBlock(address);
  const bucket = (table.connected.get(block) ?? table.idle.get(block))?.bucket ?? null;
  return bucket === null ? waitMs(newBucket(rate, nowMs), rate, nowMs) : waitMs(bucket, rate, nowMs);
}

/** Takes one handshake from the address's rate and says whether it had one. */
export function takeHandshake(table: AddressTable, address: string, rate: BucketRate, nowMs: number): boolean {
  const block = addressBlock(address);
  const connected = table.connected.get(block);
  const entry = connected ?? table.idle.get(block) ?? { connections: 0, bucket: null };
  entry.bucket ??= newBucket(rate, nowMs);
  if (connected === undefined) remember(table, block, entry, rate, nowMs);
  return take(entry.bucket, rate, nowMs);
}

/**
 * Counts a connection of this address from the moment it is admitted: a cap holds exactly only when handshakes under
 * way count.
 */
export function addConnection(table: AddressTable, address: string): void {
  const block = addressBlock(address);
  const entry = table.connected.get(block) ?? table.idle.get(block) ?? { connections: 0, bucket: null };
  entry.connections += 1;
  table.idle.delete(block);
  table.connected.set(block, entry);
}

/**
 * Call once for each `addConnection`, whether the handshake failed or the connection ended. `rate`: null when the route
 * has none.
 */
export function removeConnection(table: AddressTable, address: string, rate: BucketRate | null, nowMs: number): void {
  const block = addressBlock(address);
  const entry = table.connected.get(block);
  if (entry === undefined) return;
  entry.connections -= 1;
  if (entry.connections > 0) return;
  table.connected.delete(block);
  if (rate !== null && entry.bucket !== null && fullness(entry.bucket, rate, nowMs) < 1)
    remember(table, block, entry, rate, nowMs);
}

/** Puts the address behind all others, and forgets one when there are too many. */
function remember(table: AddressTable, block: string, entry: AddressEntry, rate: BucketRate, nowMs: number): void {
  table.idle.delete(block);
  if (table.idle.size >= table.idleMax) forgetOne(table, rate, nowMs);
  table.idle.set(block, entry);
}

function forgetOne(table: AddressTable, rate: BucketRate, nowMs: number): void {
  let forgotten: string | null = null;
  let fullest = -1;
  let looked = 0;
  for (const [block, entry] of table.idle) {
    const full = entry.bucket === null ? 1 : fullness(entry.bucket, rate, nowMs);
    if (full > fullest) {
      fullest = full;
      forgotten = block;
    }
    looked++;
    if (looked === candidatesMax || fullest >= 1) break;
  }
  if (forgotten !== null) table.idle.delete(forgotten);
}
