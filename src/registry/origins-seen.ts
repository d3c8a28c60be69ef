import { emptyRecord } from '../base/record.ts';

/** Origins that came to a route, for whoever writes its list: how often, and what the list says of them. */
export interface SeenOrigin {
  readonly origin: string;
  handshakes: number;
  /** How many of them the list refuses, or would refuse in report mode. */
  refused: number;
}

/** By route; the key `''` stands for handshakes without an Origin header. */
export type OriginsSeen = Record<string, Record<string, SeenOrigin>>;

/**
 * Anybody can send any origin, so the list must end. A team has a handful of its own; behind the first 200, only counts
 * of known ones still grow, and the rest is gathered under one name that no origin can have.
 */
export const originsMax = 200;
export const otherOrigins = '(others)';

export function noteOrigin(seen: OriginsSeen, route: string, origin: string | null, refused: boolean): void {
  seen[route] ??= emptyRecord();
  const ofRoute = seen[route];
  let key = origin === null ? '' : origin.slice(0, 320);
  if (ofRoute[key] === undefined && Object.keys(ofRoute).length >= originsMax) key = otherOrigins;
  const entry = ofRoute[key] ?? { origin: key, handshakes: 0, refused: 0 };
  entry.handshakes++;
  if (refused) entry.refused++;
  ofRoute[key] = entry;
}

/** Adds up what several workers have seen. */
export function mergeOrigins(all: readonly OriginsSeen[]): OriginsSeen {
  const merged: OriginsSeen = emptyRecord();
  for (const seen of all) {
    for (const [route, origins] of Object.entries(seen)) {
      merged[route] ??= emptyRecord();
      const ofRoute = merged[route];
      for (const [key, each] of Object.entries(origins)) {
        const entry = ofRoute[key] ?? { origin: each.origin, handshakes: 0, refused: 0 };
        entry.handshakes += each.handshakes;
        entry.refused += each.refused;
        ofRoute[key] = entry;
      }
    }
  }
  return merged;
}
