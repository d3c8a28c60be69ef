import { describe, expect, test } from 'vitest';
import { handshakeOutcomes } from '../../../src/base/handshake-outcome.ts';
import {
  addConnection,
  addressWaitMs,
  connectionsOf,
  newAddressTable,
  takeHandshake,
} from '../../../src/policy/admission/address-table.ts';
import {
  type AdmissionLimits,
  type AdmissionSnapshot,
  decideAdmission,
} from '../../../src/policy/admission/admission.ts';
import { nextOverload, notOverloaded } from '../../../src/policy/admission/overload.ts';
import { type AdmissionRefusal, retryAfterSeconds, retrySpreads } from '../../../src/policy/admission/retry-after.ts';

const calm: AdmissionSnapshot = {
  gateClosed: false,
  overload: notOverloaded,
  edgeConnections: 9,
  workerConnections: 9,
  routeConnections: 9,
  addressConnections: 9,
  edgeWaitMs: 0,
  addressWaitMs: 0,
};
const limits: AdmissionLimits = {
  edgeConnections: 10,
  workerConnections: 10,
  routeConnections: 10,
  addressConnections: 10,
};
const unlimited: AdmissionLimits = {
  edgeConnections: null,
  workerConnections: null,
  routeConnections: null,
  addressConnections: null,
};

describe('one decision', () => {
  test.each<[string, Partial<AdmissionSnapshot>, AdmissionRefusal, 429 | 503, number]>([
    ['the gate', { gateClosed: true }, 'gate-closed', 503, 5],
    ['memory', { overload: { memory: true, descriptors: false } }, 'overload', 503, 15],
    ['descriptors', { overload: { memory: false, descriptors: true } }, 'overload', 503, 15],
    ['the edge is full', { edgeConnections: 10 }, 'connection-limit', 503, 10],
    ['the worker is full', { workerConnections: 10 }, 'connection-limit', 503, 10],
    ['the route is full', { routeConnections: 10 }, 'connection-limit', 503, 10],
    ['the route is over full after a reload', { routeConnections: 99 }, 'connection-limit', 503, 10],
    ['the address is full', { addressConnections: 10 }, 'address-limit', 429, 10],
    ['the edge’s rate', { edgeWaitMs: 50 }, 'rate-limit', 503, 1],
    ['the address’s rate', { addressWaitMs: 50 }, 'rate-limit', 429, 1],
    ['a long wait', { addressWaitMs: 20_001 }, 'rate-limit', 429, 21],
    ['an endless wait', { addressWaitMs: Number.POSITIVE_INFINITY }, 'rate-limit', 429, 3600],
    ['the gate before all', { gateClosed: true, addressConnections: 10, edgeWaitMs: 9 }, 'gate-closed', 503, 5],
    ['the address before the rush', { addressWaitMs: 50, edgeWaitMs: 9, routeConnections: 10 }, 'rate-limit', 429, 1],
  ])('%s', (_what, change, outcome, status, earliest) => {
    const decision = decideAdmission({ ...calm, ...change }, limits, 0);
    expect(decision).toMatchObject({ admitted: false, outcome, status, retryAfterSeconds: earliest });
    const last = decideAdmission({ ...calm, ...change }, limits, 0.999_999);
    expect(last).toMatchObject({ retryAfterSeconds: earliest + retrySpreads[outcome].overSeconds });
    expect(handshakeOutcomes).toContain(outcome);
  });

  test('calm, and no limits', () => {
    expect(decideAdmission(calm, limits, 0)).toEqual({ admitted: true });
    const many = {
      ...calm,
      edgeConnections: 1e9,
      workerConnections: 1e9,
      routeConnections: 1e9,
      addressConnections: 1e9,
    };
    expect(decideAdmission(many, unlimited, 0)).toEqual({ admitted: true });
  });
});

test('a crowd that is refused together does not come back together', () => {
  for (const refusal of Object.keys(retrySpreads) as AdmissionRefusal[]) {
    const seconds = Array.from({ length: 1000 }, (_, index) => retryAfterSeconds(refusal, 0, index / 1000));
    const counts = new Map<number, number>();
    for (const each of seconds) counts.set(each, (counts.get(each) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(80);
    expect(seconds.every((each) => Number.isInteger(each) && each >= 1)).toBe(true);
  }
});

test.each<[what: string, caps: Partial<AdmissionLimits>, open: number, outcome: AdmissionRefusal]>([
  ['route', { routeConnections: 900, addressConnections: 20 }, 900, 'connection-limit'],
  ['address', { routeConnections: 5000, addressConnections: 20 }, 1000, 'address-limit'],
])('20,000 handshakes from 50 addresses: the cap of the %s holds exactly', (_what, caps, expected, outcome) => {
  const table = newAddressTable();
  const rate = { perSecond: 20, burst: 400 };
  let open = 0;
  let refused = 0;
  for (let index = 0; index < 20_000; index++) {
    const address = `10.0.0.${index % 50}`;
    const nowMs = index / 20;
    const snapshot = {
      ...calm,
      routeConnections: open,
      addressConnections: connectionsOf(table, address),
      addressWaitMs: addressWaitMs(table, address, rate, nowMs),
    };
    const decision = decideAdmission(snapshot, { ...unlimited, ...caps }, 0.5);
    if (!decision.admitted) {
      if (decision.outcome === outcome) refused++;
      continue;
    }
    expect(takeHandshake(table, address, rate, nowMs)).toBe(true);
    addConnection(table, address);
    open++;
  }
  expect([open, refused]).toEqual([expected, 20_000 - expected]);
  const counts = Array.from({ length: 50 }, (_, index) => connectionsOf(table, `10.0.0.${index}`));
  expect(new Set(counts)).toEqual(new Set([expected / 50]));
});

describe('watermarks', () => {
  const marks = { memoryHighBytes: 100, memoryLowBytes: 80, descriptorsHigh: 1000, descriptorsLow: 900 };

  test('close above the high mark and open below the low one', () => {
    const seen = [50, 99, 100, 101, 95, 80, 79, 95, 100, 101];
    let state = notOverloaded;
    const closed = seen.map((memoryBytes) => {
      state = nextOverload(state, { memoryBytes, descriptors: 0 }, marks);
      return state.memory;
    });
    expect(closed).toEqual([false, false, false, true, true, true, false, false, false, true]);
  });

  test('each by itself', () => {
    expect(nextOverload(notOverloaded, { memoryBytes: 101, descriptors: 10 }, marks)).toEqual({
      memory: true,
      descriptors: false,
    });
    expect(nextOverload(notOverloaded, { memoryBytes: 1, descriptors: 1001 }, marks)).toEqual({
      memory: false,
      descriptors: true,
    });
    expect(nextOverload({ memory: true, descriptors: true }, { memoryBytes: 90, descriptors: 899 }, marks)).toEqual({
      memory: true,
      descriptors: false,
    });
  });
});
