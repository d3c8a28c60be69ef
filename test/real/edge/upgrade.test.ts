/**
 * The workers are exchanged for what stands on the disk, under live connections; what is broken there costs nobody one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UpgradeState } from '../../../src/control/handover/upgrade.ts';
import { converse, crowd } from './conversations.ts';
import { startTestEdge, type TestEdge, until } from './edge.ts';
import { copyPackage } from './package-copy.ts';

const copy = copyPackage();
const entry = 'dist/control/workers/main.js';

let edge: TestEdge;
let talk: ReturnType<typeof converse>;

beforeAll(async () => {
  edge = await startTestEdge({ workers: 2 }, copy.entry);
  talk = converse(await crowd(edge, 120), 50);
});
afterAll(async () => {
  talk.stop();
  await edge.close();
  copy.remove();
});

const setVersion = (version: string) =>
  copy.change('package.json', (text) => text.replace(/"version": "[^"]*"/, `"version": "${version}"`));

async function upgrade(request: Partial<{ dryRun: boolean; probationMs: number }> = {}): Promise<UpgradeState> {
  edge.supervisor.upgrade.start({ dryRun: false, probationMs: 1500, perSecond: null, ...request });
  return until(() => {
    const state = edge.supervisor.upgrade.state();
    return state.phase !== 'probation' && state.phase !== 'exchange' && state;
  });
}

const workers = () => edge.supervisor.workers();

describe('what stands on the disk is broken: nothing changes, and it is said why', () => {
  const state = 'dist/gateway/handover/state.js';
  const atTop = (line: string) => (text: string) => `${line}\n${text}`;
  test.each([
    ['a syntax error', entry, atTop('this is no code'), /SyntaxError/],
    ['a missing module', entry, atTop("import './nowhere.js';"), /Cannot find module/],
    ['it crashes at the start', entry, atTop("throw new Error('no luck');"), /no luck/],
    ['it crashes under load', entry, atTop("setTimeout(() => process.kill(process.pid, 'SIGSEGV'), 1200);"), /SIGSEGV/],
    ['it hangs', entry, atTop('setTimeout(() => { for (;;); }, 1200);'), /stood still/],
    [
      'another version of the state',
      state,
      (text: string) => text.replace('oldest: 1, newest: 1', 'oldest: 9, newest: 9'),
      /cannot read/,
    ],
  ])('%s', { retry: 0 }, async (_what, file, edit, reason) => {
    const before = workers().map(({ pid }) => pid);
    const restore = copy.change(file, edit);
    const outcome = await upgrade();
    restore();
    expect(outcome).toMatchObject({ phase: 'kept', exchanged: 0, moved: 0 });
    expect(outcome.problem).toMatch(reason);
    expect(workers().map(({ pid }) => pid)).toEqual(before);
    const { echoes } = talk;
    await until(() => talk.echoes > echoes + 500);
    expect(talk.wrong).toEqual([]);
  });
});

test('a dry run exchanges nobody', { retry: 0 }, async () => {
  const before = workers().map(({ pid }) => pid);
  const restore = setVersion('7.7.7');
  expect(await upgrade({ dryRun: true })).toMatchObject({ phase: 'would', to: '7.7.7', exchanged: 0 });
  restore();
  expect(workers().map(({ pid }) => pid)).toEqual(before);
});

test('a closed gate and caps that are full are for clients: the trial is not turned away', { retry: 0 }, async () => {
  const { supervisor, plan } = edge;
  supervisor.gates.set({ route: null, closed: true });
  supervisor.apply({ ...plan, limits: { ...plan.limits, connections: 8, connectionsPerWorker: 4 } });
  expect(await upgrade({ dryRun: true, probationMs: 200 })).toMatchObject({ phase: 'would', problem: null });
  supervisor.apply(plan);
  supervisor.gates.set({ route: null, closed: false });
});

test('to a new version and back again, three times, and nobody notices', { retry: 0 }, async () => {
  const own = workers()[0]!.version;
  for (const version of ['9.0.0', own, '9.0.1']) {
    const before = new Set(workers().map(({ pid }) => pid));
    setVersion(version);
    expect(await upgrade()).toMatchObject({ phase: 'done', to: version, exchanged: 2, stayed: {} });
    await until(() => workers().length === 2 && workers().every(({ pid }) => !before.has(pid)));
    expect(workers().map((worker) => worker.version)).toEqual([version, version]);
    await until(() => workers().reduce((sum, { connections }) => sum + connections, 0) === 120);
  }
  const { echoes } = talk;
  await until(() => talk.echoes > echoes + 500);
  expect(talk.wrong).toEqual([]);
  expect(edge.server.clients.size).toBe(120);
});

test('it is cancelled before the next worker', { retry: 0 }, async () => {
  edge.supervisor.upgrade.start({ dryRun: false, probationMs: 500, perSecond: null });
  edge.supervisor.upgrade.cancel();
  await until(() => edge.supervisor.upgrade.state().phase === 'cancelled');
  expect(edge.supervisor.upgrade.state().exchanged).toBe(0);
  expect(talk.wrong).toEqual([]);
});
