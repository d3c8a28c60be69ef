/**
 * What one worker knows of an upstream's servers: plain data, changed in place, since a handshake touches several
 * numbers and nobody else may see them between. The gateway reports what happens; balance.ts reads.
 */
import type { CloseParty } from '../../base/close-cause.ts';
import type { BalanceSpec, ServerSpec } from '../../spec/model/upstream.ts';
import type { PassiveSign } from '../health/status.ts';
import { hash32 } from './hash.ts';
import { newServerHealth, type ServerHealth, serverAnswered, serverFailed } from './server-health.ts';
import { connectionDied, connectionOpened, isSuspect, newShortLives, type ShortLives } from './short-lives.ts';

export interface UpstreamState {
  balance: BalanceSpec;
  servers: ServerState[];
  /**
   * Off the list, and still with connections or dials of theirs: they are counted, and found again if they come back.
   */
  leaving: ServerState[];
  /** Connections of the other workers by server URL, as last reported: for servers that join or return, too. */
  peers: Readonly<Record<string, number>>;
}

/** `new`: new connections. `last`: only when nobody else takes any, since its checks fail. `none`: it drains. */
export type Takes = 'new' | 'last' | 'none';

/** A server as whoever keeps the list describes it. */
export interface ListedServer extends ServerSpec {
  /** Default: `new`. */
  readonly takes?: Takes;
}

export interface ServerState {
  readonly url: string;
  /** The name that the address was found by; null when the URL says all. */
  name: string | null;
  takes: Takes;
  /** 0 takes no new connections. */
  weight: number;
  connectionsMax: number | null;
  /** Open in this worker. */
  connections: number;
  /**
   * Dialled by this worker and not answered yet. They count as load, so that a burst does not all choose the same
   * server.
   */
  pending: number;
  /**
   * Plain requests that this worker has put to it and whose answers are still coming: long polls and streams among
   * them.
   */
  requests: number;
  /** Open in the other workers, as last reported. */
  peerConnections: number;
  /** Smooth weighted round-robin's running number. */
  currentWeight: number;
  readonly hash: number;
  readonly health: ServerHealth;
  readonly shortLives: ShortLives;
}

export function newUpstreamState(balance: BalanceSpec, servers: readonly ListedServer[]): UpstreamState {
  const state: UpstreamState = { balance, servers: [], leaving: [], peers: {} };
  setServers(state, servers);
  return state;
}

/**
 * Takes over a new list. A URL that stays, or comes back while it still holds connections, keeps its counts and its
 * health; of a URL that comes twice the first entry counts.
 */
export function setServers(state: UpstreamState, servers: readonly ListedServer[]): void {
  const known = new Map([...state.leaving, ...state.servers].map((server) => [server.url, server]));
  const next = new Map<string, ServerState>();
  for (const spec of servers) {
    if (next.has(spec.url)) continue;
    const server = known.get(spec.url) ?? newServerState(spec);
    server.name = spec.name ?? null;
    server.takes = spec.takes ?? 'new';
    server.weight = spec.weight;
    server.connectionsMax = spec.connectionsMax;
    server.peerConnections = peersOf(state, server);
    next.set(spec.url, server);
  }
  state.servers = [...next.values()];
  state.leaving = [...known.values()].filter((server) => !next.has(server.url) && isHeld(server));
}

/**
 * The server of this URL, on the list or off it; one that nobody knew is off it, and is forgotten when it holds
 * nothing.
 */
export function heldServer(state: UpstreamState, url: string): ServerState {
  const known = [...state.servers, ...state.leaving].find((server) => server.url === url);
  if (known !== undefined) return known;
  const server: ServerState = { ...newServerState({ url, weight: 0, connectionsMax: null }), takes: 'none' };
  state.leaving.push(server);
  return server;
}

/**
 * Connections of this worker by server, those that are off the list included. Forgets the ones that nothing is left of.
 */
export function openServers(state: UpstreamState): readonly ServerState[] {
  state.leaving = state.leaving.filter((server) => isHeld(server));
  return [...state.servers, ...state.leaving];
}

function isHeld(server: ServerState): boolean {
  return server.connections + server.pending > 0;
}

/** What speaks against the server in this worker's eyes, without having asked it; null when nothing does. */
export function passiveSignOf(server: ServerState, nowMs: number): PassiveSign | null {
  if (server.health.exclusions > 0) return 'unreachable';
  return isSuspect(server.shortLives, nowMs) ? 'drops' : null;
}

/** Connections of the other workers by server URL; a server that is not named has none. */
export function setPeerConnections(state: UpstreamState, connectionsByServer: Readonly<Record<string, number>>): void {
  state.peers = connectionsByServer;
  for (const server of state.servers) server.peerConnections = peersOf(state, server);
}

function peersOf({ peers }: UpstreamState, { url }: ServerState): number {
  // A URL has a colon, so it is never the name of something that every object has.
  return peers[url] ?? 0;
}

/** Connections of the whole edge, as far as this worker knows, and the dials that may become some. */
export function loadOf(server: ServerState): number {
  return server.connections + server.pending + server.requests + server.peerConnections;
}

/** Call when a server is about to be dialled; every call must be followed by one of `dialEnded`. */
export function dialStarted(server: ServerState): void {
  server.pending += 1;
}

/**
 * `opened`: it answered 101. `answered`: it answered something else, so it is reachable. `failed`: it could not be
 * reached, or broke off or stayed silent before its answer. `abandoned`: the client left first, which says nothing.
 */
export type DialResult = 'opened' | 'answered' | 'failed' | 'abandoned';

export function dialEnded(server: ServerState, result: DialResult, nowMs: number): void {
  server.pending = Math.max(0, server.pending - 1);
  if (result === 'failed') serverFailed(server.health, nowMs);
  if (result === 'opened' || result === 'answered') serverAnswered(server.health);
  if (result === 'opened') {
    server.connections += 1;
    connectionOpened(server.shortLives, nowMs);
  }
}

/** Call when the answer to a plain request has begun, and `requestEnded` once when it is through or broken off. */
export function requestStarted(server: ServerState): void {
  server.requests += 1;
}

export function requestEnded(server: ServerState): void {
  server.requests = Math.max(0, server.requests - 1);
}

export interface EndedConnection {
  readonly livedMs: number;
  readonly by: CloseParty;
}

/** Call once for every connection that was opened. Its end never excludes the server; an early one makes it suspect. */
export function connectionEnded(server: ServerState, ended: EndedConnection, nowMs: number): void {
  server.connections = Math.max(0, server.connections - 1);
  if (ended.by === 'server') connectionDied(server.shortLives, ended.livedMs, nowMs);
}

function newServerState(spec: ListedServer): ServerState {
  return {
    url: spec.url,
    name: spec.name ?? null,
    takes: 'new',
    weight: spec.weight,
    connectionsMax: spec.connectionsMax,
    connections: 0,
    pending: 0,
    requests: 0,
    peerConnections: 0,
    currentWeight: 0,
    hash: hash32(spec.url),
    health: newServerHealth(),
    shortLives: newShortLives(),
  };
}
