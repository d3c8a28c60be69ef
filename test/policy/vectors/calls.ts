/**
 * What of the policy has to give the same answer in JavaScript and in Lua, by name. Arguments are plain data, since
 * they come from a file or from chance; what has a state gets a list of steps, and answers with what each of them gave.
 * This file itself is compiled to Lua, too.
 */
import {
  addressBlock,
  cidrHolds,
  formatAddress,
  isLoopbackHost,
  isOwnNetwork,
  parseAddress,
  parseCidr,
} from '../../../src/base/address.ts';
import {
  addConnection,
  addressWaitMs,
  connectionsOf,
  newAddressTable,
  removeConnection,
  takeHandshake,
} from '../../../src/policy/admission/address-table.ts';
import {
  type AdmissionLimits,
  type AdmissionSnapshot,
  decideAdmission,
} from '../../../src/policy/admission/admission.ts';
import { type BucketRate, fullness, newBucket, take, waitMs } from '../../../src/policy/admission/token-bucket.ts';
import { order } from '../../../src/policy/balance/balance.ts';
import { evenTransfers, leavingTransfers, type WorkerLoad } from '../../../src/policy/balance/even.ts';
import { combine32, hash32 } from '../../../src/policy/balance/hash.ts';
import { hashKeyOf } from '../../../src/policy/balance/hash-key.ts';
import {
  connectionEnded,
  type DialResult,
  dialEnded,
  dialStarted,
  heldServer,
  type ListedServer,
  newUpstreamState,
  openServers,
  passiveSignOf,
  setPeerConnections,
  setServers,
} from '../../../src/policy/balance/server-state.ts';
import { boundedEjection } from '../../../src/policy/health/ejection.ts';
import { warmShare } from '../../../src/policy/health/slow-start.ts';
import { type ServerSigns, statusOf } from '../../../src/policy/health/status.ts';
import { decideOrigin, type OriginMatcher } from '../../../src/policy/origins/origin.ts';
import { hostOfHeader } from '../../../src/policy/routes/host-name.ts';
import type { BalanceSpec, HashKeySpec } from '../../../src/spec/model/upstream.ts';

export interface Calls {
  readonly address: (given: { readonly text: string; readonly block: string }) => unknown;
  readonly host: (given: { readonly header: string }) => unknown;
  readonly origin: (given: { readonly matcher: OriginMatcher; readonly headers: readonly string[] }) => unknown;
  readonly admission: (given: {
    readonly snapshot: AdmissionSnapshot;
    readonly limits: AdmissionLimits;
    readonly random: number;
  }) => unknown;
  readonly bucket: (given: { readonly rate: BucketRate; readonly steps: readonly BucketStep[] }) => unknown;
  readonly addresses: (given: {
    readonly rate: BucketRate;
    readonly idleMax: number;
    readonly steps: readonly AddressStep[];
  }) => unknown;
  readonly hash: (given: { readonly text: string; readonly other: string }) => unknown;
  readonly hashKey: (given: {
    readonly key: HashKeySpec;
    readonly clientAddress: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
  }) => unknown;
  readonly balance: (given: {
    readonly balance: BalanceSpec;
    readonly servers: readonly ListedServer[];
    readonly randoms: readonly number[];
    readonly steps: readonly BalanceStep[];
  }) => unknown;
  readonly even: (given: { readonly loads: readonly WorkerLoad[] }) => unknown;
  readonly leaving: (given: { readonly leaving: WorkerLoad; readonly others: readonly WorkerLoad[] }) => unknown;
  readonly ejection: (given: { readonly certainties: readonly number[]; readonly servers: number }) => unknown;
  readonly warm: (given: { readonly sinceMs: number; readonly slowStartMs: number }) => unknown;
  readonly status: (given: { readonly signs: ServerSigns }) => unknown;
}

export interface BucketStep {
  readonly atMs: number;
  readonly do: 'take' | 'wait' | 'fullness';
}

export interface AddressStep {
  readonly atMs: number;
  readonly address: string;
  readonly do: 'take' | 'wait' | 'open' | 'close';
}

export type BalanceStep =
  | { readonly do: 'order'; readonly nowMs: number; readonly hashKey: string }
  | { readonly do: 'dial'; readonly nowMs: number; readonly url: string }
  | { readonly do: 'dialled'; readonly nowMs: number; readonly url: string; readonly result: DialResult }
  | {
      readonly do: 'ended';
      readonly nowMs: number;
      readonly url: string;
      readonly livedMs: number;
      readonly by: 'server' | 'client';
    }
  | { readonly do: 'peers'; readonly nowMs: number; readonly connections: Readonly<Record<string, number>> }
  | { readonly do: 'servers'; readonly nowMs: number; readonly servers: readonly ListedServer[] };

export const calls: Calls = {
  address: ({ text, block }) => {
    const address = parseAddress(text);
    const cidr = parseCidr(block);
    return {
      read: address === null ? 'none' : formatAddress(address),
      counted: addressBlock(text),
      held: address !== null && cidr !== null && cidrHolds(cidr, address),
      loopback: isLoopbackHost(text),
      own: isOwnNetwork(text),
    };
  },
  host: ({ header }) => hostOfHeader(header) ?? 'none',
  origin: ({ matcher, headers }) => decideOrigin(matcher, headers),
  admission: ({ snapshot, limits, random }) => decideAdmission(snapshot, limits, random),
  bucket: ({ rate, steps }) => {
    const bucket = newBucket(rate, steps[0]!.atMs);
    const act = { take, wait: waitMs, fullness };
    return steps.map((step) => act[step.do](bucket, rate, step.atMs));
  },
  addresses: ({ rate, idleMax, steps }) => {
    const table = newAddressTable(idleMax);
    return steps.map(({ address, atMs, ...step }) => {
      if (step.do === 'take') return takeHandshake(table, address, rate, atMs);
      if (step.do === 'wait') return addressWaitMs(table, address, rate, atMs);
      if (step.do === 'open') addConnection(table, address);
      else removeConnection(table, address, rate, atMs);
      return connectionsOf(table, address);
    });
  },
  hash: ({ text, other }) => [hash32(text), combine32(hash32(text), hash32(other))],
  hashKey: ({ key, clientAddress, target, headers }) =>
    hashKeyOf(key, { clientAddress, target, header: (name: string) => headers[name] }) ?? 'none',
  balance: ({ balance, servers, randoms, steps }) => {
    const state = newUpstreamState(balance, servers);
    let drawn = 0;
    const random = () => randoms[drawn++ % randoms.length]!;
    return steps.map((step) => {
      if (step.do === 'order') {
        const hashKey = step.hashKey === '' ? null : step.hashKey;
        return order(state, { nowMs: step.nowMs, hashKey, random: () => random() }).map(({ url }) => url);
      }
      if (step.do === 'peers') setPeerConnections(state, step.connections);
      else if (step.do === 'servers') setServers(state, step.servers);
      else if (step.do === 'dial') dialStarted(heldServer(state, step.url));
      else if (step.do === 'dialled') dialEnded(heldServer(state, step.url), step.result, step.nowMs);
      else connectionEnded(heldServer(state, step.url), { livedMs: step.livedMs, by: step.by }, step.nowMs);
      return openServers(state).map((server) => [
        server.url,
        `${server.connections}`,
        `${server.pending}`,
        passiveSignOf(server, step.nowMs) ?? 'well',
      ]);
    });
  },
  even: ({ loads }) => evenTransfers(loads),
  leaving: ({ leaving, others }) => leavingTransfers(leaving, others),
  ejection: ({ certainties, servers }) => {
    const candidates = certainties.map((certainty, index) => ({ certainty, index }));
    const ejected = boundedEjection(candidates, servers, ({ certainty }) => certainty);
    return candidates.filter((candidate) => ejected.has(candidate)).map(({ index }) => index);
  },
  warm: ({ sinceMs, slowStartMs }) => warmShare(sinceMs, slowStartMs),
  status: ({ signs }) => statusOf(signs),
};

/** The answer to one call as one line of text, the same for equal answers in both languages. */
export function answer(name: keyof Calls, given: never): string {
  return told(calls[name](given));
}

/**
 * Numbers to a millionth, since the logarithms of two libraries may differ in the last bit. What is null is left out:
 * Lua does not keep it.
 */
function told(value: unknown): string {
  if (typeof value === 'number') return toldNumber(value);
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value !== 'object' || value === null) return `${value === undefined ? null : value}`;
  if (Array.isArray(value)) return value.length === 0 ? '{}' : `[${value.map((each) => told(each)).join(' ')}]`;
  const record = value as Record<string, unknown>;
  const names = Object.keys(record)
    .filter((name) => record[name] !== null && record[name] !== undefined)
    .sort();
  return `{${names.map((name) => `${name}:${told(record[name])}`).join(' ')}}`;
}

function toldNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'infinite';
  if (value === Math.floor(value)) return `${value}`;
  return `${Math.round(value * 1_000_000)}e-6`;
}
