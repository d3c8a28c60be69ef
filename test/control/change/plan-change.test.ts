import { expect, test } from 'vitest';
import { planChange } from '../../../src/control/change/plan-change.ts';
import { plan, route } from '../plans.ts';

const before = plan();

test('the same plan again, its reasons aside, changes nothing', () => {
  const after = plan({ reasons: [{ name: 'workers', value: 2, because: 'of the cores' }] });
  expect(planChange(before, after)).toEqual({ changed: [], diagnostics: [] });
});

test('what can change is named', () => {
  expect(
    planChange(before, plan({ routes: [route({ idleTimeoutMs: 5 })], upstreams: [], hooks: '/hooks.ts' })),
  ).toEqual({
    changed: ['upstreams app', 'routes all', 'hooks'],
    diagnostics: [],
  });
});

test.each([
  ['listeners 127.0.0.1:0', 'listen', 'error', plan({ listen: [] })],
  ['limits.head', 'limits.head', 'warning', plan({ limits: { ...plan().limits, headBytesMax: 32_768 } })],
  ['control', 'control', 'warning', plan({ control: { address: { host: '127.0.0.1', port: 1 }, token: null } })],
])('%s is fixed', (changed, path, severity, after) => {
  expect(planChange(before, after)).toMatchObject({
    changed: [changed],
    diagnostics: [{ code: 'reload-needs-restart', severity, where: { path } }],
  });
});

test('another number of workers needs no restart', () => {
  expect(planChange(plan(), plan({ workers: 7 }))).toEqual({ changed: ['workers'], diagnostics: [] });
});
