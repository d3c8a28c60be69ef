import { type BalanceContext, order } from '../../../src/policy/balance/balance.ts';
import {
  type DialResult,
  dialEnded,
  dialStarted,
  type UpstreamState,
} from '../../../src/policy/balance/server-state.ts';
import type { ServerSpec } from '../../../src/spec/model/upstream.ts';

export const server = (url: string, more: Partial<ServerSpec> = {}): ServerSpec => ({
  url,
  weight: 1,
  connectionsMax: null,
  ...more,
});
export const servers = (...names: string[]) => names.map((name) => server(name));

/** A small generator with a fixed seed, so that a failure comes again. */
export function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

export const random = seeded();

export function urls(state: UpstreamState, context: Partial<BalanceContext> = {}): string[] {
  return order(state, { nowMs: 0, random, hashKey: null, ...context }).map((each) => each.url);
}

export function find(state: UpstreamState, url: string) {
  return state.servers.find((each) => each.url === url)!;
}

export function dial(state: UpstreamState, url: string, result: DialResult, nowMs: number): void {
  dialStarted(find(state, url));
  dialEnded(find(state, url), result, nowMs);
}
