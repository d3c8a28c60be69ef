/**
 * Which server a handshake tries, and which ones after it when it cannot be reached. Servers without room are left out,
 * as are those that drain; those excluded for recent failures come late and those whose checks fail come last, because
 * a server that may be back is better than a refusal.
 */

import { boundedEjection } from '../health/ejection.ts';
import { ranked } from '../ranking.ts';
import { combine32, hash32 } from './hash.ts';
import { isExcluded } from './server-health.ts';
import { loadOf, type ServerState, type UpstreamState } from './server-state.ts';
import { isSuspect, tryEveryMs } from './short-lives.ts';

export interface BalanceContext {
  /** Monotonic. */
  readonly nowMs: number;
  /** 0 <= x < 1. */
  readonly random: () => number;
  /** For `hash`: what the request is hashed by; null when it has none, and then chance decides. */
  readonly hashKey: string | null;
}

/** The servers to try, in turn, each once; empty when none has room. */
export function order(state: UpstreamState, context: BalanceContext): ServerState[] {
  const withRoom = state.servers.filter((server) => server.takes !== 'none' && server.weight > 0 && hasRoom(server));
  // There is nothing to choose.
  if (withRoom.length < 2) return withRoom;
  const well = withRoom.filter((server) => server.takes === 'new');
  const failing = well.filter((server) => isExcluded(server.health, server.pending, context.nowMs));
  const out = bounded(failing, well, (server) => server.health.excludedUntilMs, context);
  const excluded = ranked([...out], (server) => server.health.excludedUntilMs);
  return [
    ...arrange(
      state.balance.kind,
      well.filter((server) => !out.has(server)),
      context,
    ),
    ...excluded,
    // When the checks of all servers fail, it may be the check that is wrong: then they are arranged as if there were
    // none.
    ...arrange(
      state.balance.kind,
      withRoom.filter((server) => server.takes === 'last'),
      context,
    ),
  ];
}

/**
 * Passive signs take no more than half of the servers out. Those beyond the bound keep their share, by chance: no less,
 * or the bound would be none; no more, though they hold the fewest connections and would attract everybody.
 */
function bounded(
  candidates: readonly ServerState[],
  all: readonly ServerState[],
  certainty: (server: ServerState) => number,
  { random }: BalanceContext,
): ReadonlySet<ServerState> {
  const ejected = boundedEjection(candidates, all.length, certainty);
  return new Set(candidates.filter((server) => ejected.has(server) || random() >= 1 / all.length));
}

function hasRoom(server: ServerState): boolean {
  return server.connectionsMax === null || loadOf(server) < server.connectionsMax;
}

type Kind = UpstreamState['balance']['kind'];

function arrange(kind: Kind, servers: readonly ServerState[], context: BalanceContext): ServerState[] {
  if (kind === 'round-robin') return roundRobin(servers);
  // Who brings no cookie goes where there is most room; sticky.ts puts the others' own servers first.
  if (kind === 'least-connections' || kind === 'sticky-cookie') return byLoad(servers, context);
  if (kind === 'random-two') return randomTwo(servers, context);
  return context.hashKey === null ? shuffled(servers, context) : rendezvous(servers, context.hashKey);
}

/**
 * Smooth weighted round-robin: each server gains its weight, the one with the most goes first and gives back the sum.
 * Weights 5, 1, 1 give a a b a c a a and not a a a a a b c. The others follow in the order of what they have saved up.
 */
function roundRobin(servers: readonly ServerState[]): ServerState[] {
  let total = 0;
  for (const server of servers) {
    server.currentWeight += server.weight;
    total += server.weight;
  }
  const sorted = ranked(servers, (server) => -server.currentWeight);
  const first = sorted[0];
  if (first !== undefined) first.currentWeight -= total;
  return sorted;
}

/**
 * The load it would have with one more, by weight; equal ones by chance, or every worker would begin with the same
 * server.
 */
function byLoad(servers: readonly ServerState[], context: BalanceContext): ServerState[] {
  const suspects = suspectsAmong(servers, context);
  return ranked(
    servers,
    (server) => rankByLoad(server, suspects),
    () => context.random(),
  );
}

/** Two by chance (weights count), the less loaded of them first; the rest follow by chance. */
function randomTwo(servers: readonly ServerState[], context: BalanceContext): ServerState[] {
  const mixed = shuffled(servers, context);
  const suspects = suspectsAmong(servers, context);
  const pair = ranked(
    mixed.slice(0, 2),
    (server) => rankByLoad(server, suspects),
    () => context.random(),
  );
  return [...pair, ...mixed.slice(2)];
}

/**
 * Rendezvous hashing with weights: every server draws a number from the key, and the best draw wins. When a server
 * goes, only its own keys move; when one comes, it takes its share from each of the others.
 */
function rendezvous(servers: readonly ServerState[], key: string): ServerState[] {
  const keyHash = hash32(key);
  const drawn = (server: ServerState) =>
    waitingTime((combine32(keyHash, server.hash) + 0.5) / 0x100000000, server.weight);
  // Equal draws of 32 bits may fall either way as long as they always fall the same way: no chance in it.
  return ranked(servers, drawn);
}

function shuffled(servers: readonly ServerState[], context: BalanceContext): ServerState[] {
  return ranked(
    servers,
    (server) => waitingTime(1 - context.random(), server.weight),
    () => context.random(),
  );
}

/**
 * The exponential distribution: who has weight w comes first with the chance w / sum of weights. `uniform` is above 0,
 * at most 1.
 */
function waitingTime(uniform: number, weight: number): number {
  return -Math.log(uniform) / weight;
}

/** Suspects rank behind everybody, but for one that it is time to try and those beyond the bound. */
function suspectsAmong(
  servers: readonly ServerState[],
  context: BalanceContext,
): ReadonlyMap<ServerState, 'last' | 'first'> {
  const suspects = servers.filter((server) => isSuspect(server.shortLives, context.nowMs));
  const ranks = new Map<ServerState, 'last' | 'first'>();
  // When all are suspect, none is.
  if (suspects.length === servers.length) return ranks;
  const ejected = boundedEjection(suspects, servers.length, (server) => server.shortLives.died);
  for (const server of suspects) {
    if (!ejected.has(server)) {
      ranks.set(server, context.random() < 1 / servers.length ? 'first' : 'last');
      continue;
    }
    const due = server.pending === 0 && context.nowMs - server.shortLives.lastOpenedMs >= tryEveryMs;
    // At few handshakes a second it is always due; the chance keeps it at no more than its share.
    ranks.set(server, due && context.random() < 1 / servers.length ? 'first' : 'last');
  }
  return ranks;
}

function rankByLoad(server: ServerState, suspects: ReadonlyMap<ServerState, 'last' | 'first'>): number {
  const suspect = suspects.get(server);
  if (suspect !== undefined) return suspect === 'first' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return (loadOf(server) + 1) / server.weight;
}
