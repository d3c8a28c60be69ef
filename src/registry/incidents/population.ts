import { browserOf, networkOf } from '../client.ts';
import type { Ended } from './incident.ts';

/** What connections may have in common, by the words of the filter. */
export const attributes = {
  server: (ended: Ended) => ended.server,
  /** Only where a proxy stands in front: then the socket's address is not the client's. */
  proxy: (ended: Ended) => (ended.peerAddress === ended.clientAddress ? null : ended.peerAddress),
  network: (ended: Ended) => networkOf(ended.clientAddress),
  browser: (ended: Ended) => browserOf(ended.userAgent),
} as const satisfies Record<string, (ended: Ended) => string | null>;

export type Attribute = keyof typeof attributes;

/** How many connections that were open before the burst still are, by each attribute's values. */
export type Survivors = Readonly<Record<Attribute, Readonly<Record<string, number>>>>;

export const noSurvivors: Survivors = { server: {}, proxy: {}, network: {}, browser: {} };

export interface Suspect {
  readonly value: string;
  readonly count: number;
  /** Of those that ended, 0 to 1. */
  readonly share: number;
  /** Of its own connections that ended, 0 to 1. */
  readonly lost: number;
  /** Of all others' connections that ended, 0 to 1; null when there were no others. */
  readonly lostOfOthers: number | null;
}
