/** The plan for nginx: the measured figures, the sums redone, and what must hold for every workload. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareWithEdge } from '../../../src/plan/nginx/comparison.ts';
import type { Figure } from '../../../src/plan/nginx/figure.ts';
import { type LimitName, limitsOf } from '../../../src/plan/nginx/limits.ts';
import { completeMachine, type MachineFacts } from '../../../src/plan/nginx/machine.ts';
import { type NginxPlan, planNginx } from '../../../src/plan/nginx/plan.ts';
import { sizesFor } from '../../../src/plan/nginx/sizes.ts';
import { completeWorkload, type Workload } from '../../../src/plan/nginx/workload.ts';
import { redo, scale } from './arithmetic.ts';

const gib = 1024 ** 3;

function plan(workload: Partial<Workload>, machine: Partial<MachineFacts> = {}, target = '1.22.1'): NginxPlan {
  const { value } = planNginx({
    workload: completeWorkload(workload),
    machine: completeMachine({ cores: 1, memoryBytes: 8 * gib, ...machine }),
    target,
  });
  expect(value).not.toBeNull();
  return value!;
}

/** Every figure in a plan, wherever it is. */
function figures(value: unknown): Figure[] {
  if (value === null || typeof value !== 'object') return [];
  if ('arithmetic' in value) return [value as Figure];
  return Object.values(value).flatMap(figures);
}

describe('memory of one connection, as measured', () => {
  // kB of 1,000 bytes; user memory as a worker's growth per connection.
  test.each<[string, string, Partial<Workload>, number]>([
    ['1.22.1', 'plain', {}, 18.2],
    ['1.22.1', '2k buffer costs the same as 4k', { pinned: { proxyBufferBytes: 2_048 } }, 18.2],
    ['1.22.1', '8k, after large messages', { pinned: { proxyBufferBytes: 8_192 } }, 26.4],
    ['1.22.1', '16k', { pinned: { proxyBufferBytes: 16_384 } }, 42.7],
    ['1.22.1', '64k', { pinned: { proxyBufferBytes: 65_536 } }, 141.1],
    ['1.22.1', 'TLS, 16k ssl_buffer_size', { clientTls: true, pinned: { sslBufferBytes: 16_384 } }, 47.3],
    ['1.22.1', 'TLS, 4k ssl_buffer_size', { clientTls: true }, 37.5],
    ['1.22.1', 'a 2 kB cookie, head buffer raised', { cookieBytes: 2_000 }, 25.3],
    ['1.22.1', 'a 5 kB cookie', { cookieBytes: 5_000 }, 31.7],
    ['1.22.1', 'a 7 kB cookie', { cookieBytes: 7_000 }, 33.7],
    ['1.24.0', 'plain', {}, 18.2],
    ['1.28.0', 'plain', {}, 18.2],
    ['1.30.6', 'plain', {}, 19.9],
    ['1.31.4', 'plain', {}, 19.95],
    ['1.30.6', '16k', { pinned: { proxyBufferBytes: 16_384 } }, 44.5],
    // With OpenSSL 3.5 and 3.6.
    ['1.26.3', 'TLS, 16k ssl_buffer_size', { clientTls: true, pinned: { sslBufferBytes: 16_384 } }, 58.4],
    ['1.26.3', 'TLS, 4k ssl_buffer_size', { clientTls: true }, 47.4],
    ['1.26.3', 'TLS to the server', { serverTls: true }, 75.6],
    ['1.30.6', 'TLS, 16k ssl_buffer_size', { clientTls: true, pinned: { sslBufferBytes: 16_384 } }, 58.4],
    ['1.30.6', 'TLS, 4k ssl_buffer_size', { clientTls: true }, 47.3],
    ['1.30.6', 'TLS to the server', { serverTls: true }, 75.6],
    ['1.31.4', 'TLS, 4k ssl_buffer_size', { clientTls: true }, 47.4],
  ])('%s, %s', (target, _case, workload, kilobytes) => {
    const { userPerConnection } = plan(workload, {}, target).memory;
    expect(Math.abs(userPerConnection.value / 1000 / kilobytes - 1)).toBeLessThan(0.03);
  });

  test.each([
    ['plain', {}, 274],
    ['TLS with the default buffer', { clientTls: true, pinned: { sslBufferBytes: 16_384 } }, 565],
    ['TLS with 4k', { clientTls: true }, 467],
  ])('10,000 WebSockets, %s', (_case, workload, megabytes) => {
    const { connections } = plan({ connections: 10_000, ...workload }).memory;
    expect(Math.abs(connections.value / 1e6 / megabytes - 1)).toBeLessThan(0.005);
  });

  test.each([
    ['1.22.1', 65_535, 28.7],
    ['1.22.1', 1_048_576, 453],
    ['1.31.4', 1_048_576, 462],
  ])('a worker of %s with %d slots', (target, workerConnections, megabytes) => {
    const { perWorker } = plan({ connections: 1, pinned: { workerConnections } }, {}, target).memory;
    expect(Math.abs(perWorker.value / 1e6 / megabytes - 1)).toBeLessThan(0.05);
  });
});

test.each([
  [64, 2, 30],
  [65, 2, 31],
  [1_024, 2, 510],
  [512, 1, 255],
])('worker_connections %d with %d listening sockets refuses after %d', (workerConnections, listens, expected) => {
  expect(plan({ connections: 1, listens, pinned: { workerConnections } }).workers.refusesAfter.value).toBe(expected);
});

describe('what limits first', () => {
  test.each<[string, Partial<Workload>, Partial<MachineFacts>, LimitName]>([
    ['a small machine', {}, { memoryBytes: 256 * 1024 ** 2, cores: 4 }, 'memory'],
    ['a control group', {}, { memoryLimitBytes: 256 * 1024 ** 2, cores: 4 }, 'memory'],
    ['one server address', { messagesPerSecond: 0 }, {}, 'ports'],
    ['few descriptors', {}, { descriptorsSoft: 1_024, descriptorsHard: 4_096 }, 'descriptors'],
    ['many messages', { messagesPerSecond: 100 }, {}, 'processor'],
    ['worker_connections 1024', { pinned: { workerConnections: 1_024 } }, {}, 'worker_connections'],
  ])('%s', (_case, workload, machine, limitedBy) => {
    expect(plan(workload, machine).largest.asItIs.limitedBy).toBe(limitedBy);
  });

  test('unix sockets need no ports', () => {
    const quiet = { messagesPerSecond: 0, heartbeat: null };
    expect(plan({ ...quiet, servers: null }).largest.asItIs.connections).toBeGreaterThan(
      plan({ ...quiet, servers: 1 }).largest.asItIs.connections,
    );
  });

  test('the ports of the kernel’s default range, less those in TIME_WAIT', () => {
    const { largest } = plan({ messagesPerSecond: 0, closesPerSecond: 100, opensPerSecond: 100, heartbeat: null });
    expect(largest.asItIs).toEqual({ connections: 28_232 - 6_000, limitedBy: 'ports' });
  });
});

const workloads: fc.Arbitrary<Partial<Workload>> = fc.record(
  {
    connections: fc.integer({ min: 1, max: 2_000_000 }),
    messagesPerSecond: fc.constantFrom(0, 0.1, 1, 20),
    messageBytes: fc.constantFrom(0, 200, 5_000, 100_000),
    clientTls: fc.boolean(),
    serverTls: fc.boolean(),
    cookieBytes: fc.constantFrom(0, 700, 2_000, 6_000, 20_000),
    generations: fc.constantFrom(null, 1, 4),
    reloadsPerHour: fc.constantFrom(null, 1, 30),
    stalledShare: fc.constantFrom(0, 0.001, 0.1),
    servers: fc.constantFrom(null, 1, 3, 40),
    closesPerSecond: fc.constantFrom(null, 0, 50),
    heartbeat: fc.constantFrom(null, { everyMs: 25_000, timeoutMs: 10_000 }),
    drainPerSecond: fc.constantFrom(null, 5, 200),
    pinned: fc.record({ workerConnections: fc.constantFrom(64, 1_024, 65_536) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['connections'] },
);

const machines: fc.Arbitrary<Partial<MachineFacts>> = fc.record({
  cores: fc.constantFrom(0.5, 1, 2, 7.5, 40),
  memoryBytes: fc.constantFrom(64 * 1024 ** 2, gib, 8 * gib, 256 * gib),
  memoryLimitBytes: fc.constantFrom(null, 512 * 1024 ** 2),
  descriptorsHard: fc.constantFrom(1_024, 20_000, 1_048_576),
});

const targets = fc.constantFrom('1.18', '1.22.1', '1.25.3', '1.28.0', '1.30.0', '1.31.4');

describe('for every workload', () => {
  test('each sum gives the number beside it', () => {
    fc.assert(
      fc.property(workloads, machines, targets, (workload, machine, target) => {
        const made = plan(workload, machine, target);
        for (const figure of figures([made, compareWithEdge(made)])) {
          const redone = redo(figure);
          if (redone === null) continue;
          // Rates are shown with six decimals, so a sum over them may be off by what was cut away.
          const tolerance = Math.max(1e-3 * Math.abs(figure.value), 1.001);
          expect(Math.abs(redone.formula * scale(figure) - figure.value), figure.arithmetic).toBeLessThanOrEqual(
            tolerance,
          );
          expect(Math.abs(redone.shown - figure.value), figure.arithmetic).toBeLessThanOrEqual(tolerance);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('more connections never plan less memory', () => {
    fc.assert(
      fc.property(
        workloads,
        machines,
        targets,
        fc.integer({ min: 0, max: 100_000 }),
        (workload, machine, target, more) => {
          const small = plan(workload, machine, target).memory.total.value;
          const large = plan({ ...workload, connections: workload.connections! + more }, machine, target).memory.total
            .value;
          expect(large).toBeGreaterThanOrEqual(small);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a larger buffer never takes less memory', () => {
    const sizes = [512, 2_048, 4_096, 5_000, 8_192, 16_384, 65_536];
    fc.assert(
      fc.property(workloads, machines, targets, (workload, machine, target) => {
        const totals = sizes.map(
          (proxyBufferBytes) =>
            plan({ ...workload, pinned: { ...workload.pinned, proxyBufferBytes } }, machine, target).memory.total.value,
        );
        expect(totals).toEqual(totals.toSorted((a, b) => a - b));
      }),
      { numRuns: 10 },
    );
  });

  test('a plan that says it fits has every need covered, and one that does not has one that is not', () => {
    fc.assert(
      fc.property(workloads, machines, targets, (workload, machine, target) => {
        const made = plan(workload, machine, target);
        const covered = made.limits.every((limit) => limit.need <= limit.have);
        expect(made.verdict === 'fits').toBe(covered);
        expect(made.verdict === 'fits').toBe(made.workload.connections <= made.largest.asItIs.connections);
        expect(made.verdict !== 'does-not-fit').toBe(made.workload.connections <= made.largest.raised.connections);
        if (covered) {
          expect(made.memory.headroom.value).toBeGreaterThanOrEqual(0);
          expect(made.memory.total.value).toBeLessThanOrEqual(made.memory.usable.value);
        } else expect(made.changes.length).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  test('the largest number fits, and one more does not', () => {
    fc.assert(
      fc.property(workloads, machines, targets, (workload, machine, target) => {
        const made = plan(workload, machine, target);
        const exceeded = (connections: number) => {
          const task = { workload: { ...made.workload, connections }, machine: made.machine, version: made.version };
          return limitsOf(task, sizesFor(task))
            .filter((limit) => limit.need > limit.have)
            .map((limit) => limit.name);
        };
        const { connections, limitedBy } = made.largest.asItIs;
        if (connections > 0) expect(exceeded(connections)).toEqual([]);
        expect(exceeded(connections + 1)).toContain(limitedBy);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what cannot be planned', () => {
  test.each<[string, Partial<Workload>, Partial<MachineFacts>, string]>([
    ['no connections', { connections: 0 }, {}, 'plan-workload-impossible'],
    ['half a connection', { connections: 0.5 }, {}, 'plan-workload-impossible'],
    ['not a number', { connections: Number.NaN }, {}, 'plan-workload-impossible'],
    ['more than the planner takes', { connections: 1e9 }, {}, 'plan-workload-impossible'],
    ['a negative rate', { messagesPerSecond: -1 }, {}, 'plan-workload-impossible'],
    ['a hop with no time', { hops: [{ name: 'lb', idleTimeoutMs: 0 }] }, {}, 'plan-workload-impossible'],
    ['a machine without memory', {}, { memoryBytes: 0 }, 'plan-host-impossible'],
    ['a range that ends before it begins', {}, { portFirst: 60_000, portLast: 1_024 }, 'plan-contradiction'],
    ['idle timeout below the heartbeat', { idleTimeoutMs: 10_000 }, {}, 'plan-contradiction'],
    ['unix sockets with source addresses', { servers: null, sourceAddresses: 4 }, {}, 'plan-contradiction'],
    ['opens without closes', { opensPerSecond: 100, closesPerSecond: 1 }, {}, 'plan-contradiction'],
    ['ssl_buffer_size without TLS', { pinned: { sslBufferBytes: 4_096 } }, {}, 'plan-contradiction'],
  ])('%s', (_case, workload, machine, code) => {
    const { value, diagnostics } = planNginx({
      workload: completeWorkload(workload),
      machine: completeMachine(machine),
      target: '1.22.1',
    });
    expect(value).toBeNull();
    expect(diagnostics.map((each) => each.code)).toContain(code);
  });

  test.each(['1.17.9', '1.32', '2', 'latest', '', '1.22.1; } evil', '1.22.1.1'])('the target "%s"', (target) => {
    const { value, diagnostics } = planNginx({ workload: completeWorkload({}), machine: completeMachine({}), target });
    expect(value).toBeNull();
    expect(diagnostics.map((each) => each.code)).toEqual(['plan-version-unknown']);
  });
});

test('the changes say what makes it fit', () => {
  const machine = { memoryBytes: gib, cores: 8 };
  const bulk = { connections: 17_000, messageBytes: 100_000, messagesPerSecond: 0.01, servers: 10 };
  const over = plan(bulk, machine);
  expect(over.verdict).toBe('does-not-fit');
  const change = over.changes.find((each) => each.what === 'proxy_buffer_size 4k');
  expect(change?.because).toContain('and then it fits');
  expect(plan({ ...bulk, pinned: { proxyBufferBytes: 4_096 } }, machine).verdict).toBe('fits');
});
