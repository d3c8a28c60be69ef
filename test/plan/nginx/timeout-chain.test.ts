import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { knownHop, knownHops } from '../../../src/base/hop.ts';
import { completeMachine } from '../../../src/plan/nginx/machine.ts';
import { planNginx } from '../../../src/plan/nginx/plan.ts';
import { timeoutChain } from '../../../src/plan/nginx/timeout-chain.ts';
import { completeWorkload } from '../../../src/plan/nginx/workload.ts';

const browser = { name: 'browser', idleTimeoutMs: null };
const cloudflare = { name: 'cloudflare', idleTimeoutMs: 100_000 };
const alb = { name: 'aws-alb', idleTimeoutMs: 60_000 };

describe('the chain', () => {
  test.each([
    [25_000, [browser, cloudflare], 'cloudflare', 'holds', 49_000],
    [25_000, [cloudflare, alb], 'aws-alb', 'holds', 29_000],
    [45_000, [cloudflare, alb], 'aws-alb', 'tight', 29_000],
    [60_000, [cloudflare, alb], 'aws-alb', 'cuts', 29_000],
    [null, [cloudflare, alb], 'aws-alb', 'cuts', 29_000],
    [null, [browser], undefined, 'holds', null],
  ] as const)('%s ms over %j', (heartbeatMs, hops, weakest, verdict, heartbeatMsMax) => {
    const chain = timeoutChain(heartbeatMs, hops);
    expect({ weakest: chain.weakest?.name, verdict: chain.verdict, max: chain.heartbeatMsMax }).toEqual({
      weakest,
      verdict,
      max: heartbeatMsMax,
    });
  });

  test('the advised heartbeat always holds', () => {
    const hop = fc.record({ name: fc.constant('hop'), idleTimeoutMs: fc.option(fc.integer({ min: 3_000, max: 1e8 })) });
    fc.assert(
      fc.property(fc.array(hop, { minLength: 1, maxLength: 6 }), (hops) => {
        const { heartbeatMsMax } = timeoutChain(null, hops);
        if (heartbeatMsMax !== null) expect(timeoutChain(heartbeatMsMax, hops).verdict).toBe('holds');
      }),
    );
  });
});

test('nginx’s own timeout, as planned, is never the hop that cuts a heartbeat', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_600 }), fc.integer({ min: 0, max: 600 }), (every, timeout) => {
      const { value } = planNginx({
        workload: completeWorkload({ heartbeat: { everyMs: every * 1000, timeoutMs: timeout * 1000 } }),
        machine: completeMachine({}),
        target: '1.22.1',
      });
      expect(value!.chain.verdict).toBe('holds');
    }),
    { numRuns: 50 },
  );
});

test('a hop that cuts is named in the findings', () => {
  const { diagnostics } = planNginx({
    workload: completeWorkload({ heartbeat: { everyMs: 90_000, timeoutMs: 10_000 }, hops: [alb], connections: 100 }),
    machine: completeMachine({}),
    target: '1.22.1',
  });
  expect(diagnostics).toMatchObject([
    { code: 'plan-heartbeat-too-slow', severity: 'error', message: expect.stringContaining('aws-alb cuts after 1m') },
  ]);
});

test('known hops are found in either case, and their names are distinct', () => {
  expect(knownHop('Cloudflare')?.idleTimeoutMs).toBe(100_000);
  expect(knownHop('unheard-of')).toBeUndefined();
  expect(new Set(knownHops.map((hop) => hop.name)).size).toBe(knownHops.length);
});
