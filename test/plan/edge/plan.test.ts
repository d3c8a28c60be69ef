import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edgeConstants } from '../../../src/plan/edge/constants.ts';
import type { HostFacts } from '../../../src/plan/edge/model.ts';
import { planEdge } from '../../../src/plan/edge/plan.ts';
import type { Spec } from '../../../src/spec/model.ts';
import { specFromObject } from '../../../src/spec/read.ts';

const gib = 1024 ** 3;
const host: HostFacts = { cores: 2, memoryBytes: 4 * gib, descriptors: 65_536 };

function specWith(more: object = {}): Spec {
  const read = specFromObject({
    upstreams: { app: { servers: 'http://10.0.0.1:9000' } },
    routes: [{ upstream: 'app', origins: 'any' }],
    ...more,
  });
  expect(read.diagnostics).toEqual([]);
  return read.value!;
}

describe('planEdge', () => {
  test.each([
    ['one worker for each core', {}, host, { workers: 2, bound: 'descriptors', connectionsPerWorker: 32_736 }],
    ['memory first', {}, { ...host, memoryBytes: gib }, { workers: 2, bound: 'memory', connectionsPerWorker: 10_460 }],
    [
      'few descriptors',
      {},
      { ...host, descriptors: 1024 },
      { workers: 2, bound: 'descriptors', connectionsPerWorker: 480 },
    ],
    ['a small container', {}, { cores: 8, memoryBytes: gib / 2, descriptors: 65_536 }, { workers: 1, bound: 'memory' }],
    ['workers of the spec', { workers: 3 }, { ...host, cores: 4 }, { workers: 3 }],
    ['no more workers than connections', { limits: { connections: 1 } }, host, { workers: 1, connectionsPerWorker: 1 }],
    ['a limit, shared', { limits: { connections: 101 } }, host, { workers: 2, connectionsPerWorker: 50 }],
    ['a spec for less than the machine', { host: { cores: 1 } }, host, { workers: 1 }],
    ['unlimited descriptors', {}, { ...host, descriptors: Number.POSITIVE_INFINITY }, { workers: 2, bound: 'memory' }],
  ] as const)('%s', (_name, more, facts, expected) => {
    const { value, diagnostics } = planEdge(specWith(more), facts);
    expect(diagnostics).toEqual([]);
    expect(value.workers).toBe(expected.workers);
    if ('connectionsPerWorker' in expected)
      expect(value.limits.connectionsPerWorker).toBe(expected.connectionsPerWorker);
    if ('bound' in expected)
      expect(value.reasons.find((reason) => reason.name === 'connectionsPerWorker')?.because).toContain(expected.bound);
  });

  test('TLS at either end costs memory', () => {
    const small = { ...host, memoryBytes: gib };
    const plain = planEdge(specWith(), small).value.limits.connections;
    const tls = { listen: [{ address: '0.0.0.0:8443', tls: { cert: 'a', key: 'b' } }] };
    const one = planEdge(specWith(tls), small).value.limits.connections;
    const both = planEdge(specWith({ ...tls, upstreams: { app: { servers: 'https://h:1' } } }), small).value.limits
      .connections;
    expect(plain).toBeGreaterThan(one);
    expect(one).toBeGreaterThan(both);
  });

  test.each([
    [
      { limits: { connections: 1_000_000 } },
      host,
      'plan-connections-over-host',
      ['descriptors end first', 'LimitNOFILE=', '1000064'],
    ],
    [
      { workload: { connections: 50_000 } },
      { ...host, memoryBytes: gib },
      'plan-connections-over-host',
      ['memory ends first', 'give the host'],
    ],
    [{ workers: 9 }, host, 'plan-workers-over-cores', ['9 workers', '2 cores']],
    [{}, { ...host, memoryBytes: gib / 8 }, 'plan-host-too-small', ['128 MiB']],
    [{}, { ...host, descriptors: 64 }, 'plan-host-too-small', ['64 file descriptors', 'ulimit -n']],
  ] as const)('says what to change: %j', (more, facts, code, words) => {
    const { value, diagnostics } = planEdge(specWith(more), facts);
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    const text = `${diagnostics[0]!.message} ${diagnostics[0]!.help}`;
    for (const word of words) expect(text).toContain(word);
    expect(value.limits.connectionsPerWorker).toBeGreaterThan(0);
  });

  test('following the advice ends the complaint', () => {
    const spec = specWith({ workload: { connections: 60_000 } });
    const help = planEdge(spec, { ...host, descriptors: 1024 }).diagnostics[0]!.help!;
    const descriptors = Number(/to (\d+)/.exec(help)![1]);
    expect(planEdge(spec, { ...host, descriptors }).diagnostics).toEqual([]);
  });

  test('for any host: marks in order, sums within their bounds, every number with a reason', () => {
    const facts = fc.record({
      cores: fc.integer({ min: 1, max: 512 }),
      memoryBytes: fc.integer({ min: 0, max: 2 ** 42 }),
      descriptors: fc.integer({ min: 0, max: 2 ** 31 }),
    });
    const limit = fc.option(fc.integer({ min: 1, max: 10_000_000 }), { nil: null });
    const workers = fc.option(fc.integer({ min: 1, max: 256 }), { nil: null });
    const base = specWith();
    fc.assert(
      fc.property(facts, limit, workers, (given, connections, wanted) => {
        const { value, diagnostics } = planEdge(
          { ...base, workers: wanted, limits: { ...base.limits, connections } },
          given,
        );
        const { limits } = value;
        expect(limits.memoryLowBytes).toBeLessThan(limits.memoryHighBytes);
        expect(limits.descriptorsLow).toBeLessThan(limits.descriptorsHigh);
        expect(limits.connectionsPerWorker).toBeGreaterThanOrEqual(1);
        if (connections !== null && connections >= value.workers)
          expect(limits.connectionsPerWorker * value.workers).toBeLessThanOrEqual(connections);
        if (diagnostics.length === 0) {
          const used =
            limits.connectionsPerWorker * edgeConstants.descriptorsPerConnection + edgeConstants.descriptorsSpare;
          expect(used).toBeLessThanOrEqual(given.descriptors);
          expect(limits.memoryHighBytes * value.workers).toBeLessThanOrEqual(given.memoryBytes);
        }
        for (const reason of value.reasons) expect(reason.because).toMatch(/\w{3}/);
      }),
    );
  });

  test('more memory, descriptors or cores never hold fewer connections', () => {
    const base = specWith();
    const facts = fc.record({
      cores: fc.integer({ min: 1, max: 64 }),
      memoryBytes: fc.integer({ min: 0, max: 2 ** 36 }),
      descriptors: fc.integer({ min: 0, max: 2 ** 20 }),
    });
    fc.assert(
      fc.property(facts, fc.integer({ min: 1, max: 2 ** 34 }), (given, more) => {
        const before = planEdge(base, given).value.limits.connections;
        expect(
          planEdge(base, { ...given, memoryBytes: given.memoryBytes + more }).value.limits.connections,
        ).toBeGreaterThanOrEqual(before - edgeWorkerCost(given, more));
        expect(
          planEdge(base, { ...given, descriptors: given.descriptors + more }).value.limits.connections,
        ).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

/** Another worker takes its base from the others, so that a little more memory may cost as many connections as that. */
function edgeWorkerCost(host: HostFacts, more: number): number {
  const workers = (memoryBytes: number) => planEdge(specWith(), { ...host, memoryBytes }).value.workers;
  const added = workers(host.memoryBytes + more) - workers(host.memoryBytes);
  const perConnection = edgeConstants.userBytesPerConnection + edgeConstants.kernelBytesPerConnection;
  return Math.ceil((added * edgeConstants.workerBaseBytes) / perConnection) + 64;
}
