/**
 * Servers that Holdline starts, as real processes, with a clock that can be set forward and a drain that is only noted.
 */
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import { type ManagedUpstreams, managedUpstreams } from '../../../src/control/managed/upstreams.ts';
import { localChildren } from '../../../src/control/processes/local.ts';
import { checkOnce } from '../../../src/control/servers/checker.ts';
import type { ManagedServer } from '../../../src/control/servers/entry.ts';
import type { ManagedSpec } from '../../../src/plan/edge/plan.ts';
import { type CheckState, newCheckState, takeCheck } from '../../../src/policy/health/check.ts';
import { hungAfterMs } from '../../../src/policy/health/hung.ts';
import { plan, upstream } from '../plans.ts';
import { type AppDirectory, appDirectory, type Mode } from './fixture.ts';

const health = { check: 'http', path: '/healthz', everyMs: 1000, timeoutMs: 1000, fall: 2, rise: 1 } as const;

interface Bench {
  readonly app: AppDirectory;
  readonly managed: ManagedUpstreams;
  readonly events: EdgeEvent[];
  readonly drained: string[];
  /** What the book of servers has found. */
  readonly checks: Map<string, CheckState>;
  /** What the book of servers was told last. */
  servers(): readonly ManagedServer[];
  apply(spec: ManagedSpec): void;
  /** Lets time pass, and says what each server holds. */
  later(ms: number, open?: Readonly<Record<string, number>>): void;
}

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function bench(
  mode: Mode,
  specOf: (app: AppDirectory) => ManagedSpec,
  drain = async (): Promise<'done' | 'cancelled'> => 'done',
): Bench {
  const app = appDirectory(mode);
  const events: EdgeEvent[] = [];
  const drained: string[] = [];
  const checks = new Map<string, CheckState>();
  let last: readonly ManagedServer[] = [];
  let aheadMs = 0;
  const managed = managedUpstreams({
    directory: app.directory,
    children: localChildren(),
    env: process.env,
    nowMs: Date.now,
    monotonicMs: () => performance.now() + aheadMs,
    onEvent: (event) => events.push(event),
    onServers: (_, servers) => {
      last = servers;
    },
    checkOf: (_, url) => checks.get(url) ?? null,
    drain: (_, url) => {
      drained.push(url);
      return drain();
    },
  });
  const apply = (spec: ManagedSpec) =>
    managed.apply(plan({ upstreams: [upstream({ name: 'app', managed: spec, health })] }));
  apply(specOf(app));
  closers.push(async () => {
    await managed.close();
    app.remove();
  });
  return {
    app,
    managed,
    events,
    drained,
    checks,
    servers: () => last,
    apply,
    later(ms, open = {}) {
      aheadMs += ms;
      managed.tick(open);
    },
  };
}

async function until<Value>(ask: () => Value | null | undefined | false): Promise<Value> {
  for (;;) {
    const answer = ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const eventOf = <Kind extends EdgeEvent['kind']>(events: readonly EdgeEvent[], kind: Kind) =>
  events.find((event): event is Extract<EdgeEvent, { kind: Kind }> => event.kind === kind);

test('ready when its health check says so, and not when its port is open', async () => {
  const { app, managed, servers } = bench({ well: false }, (each) => each.managed({}));
  await until(() => managed.instances()[0]?.reason.includes('health check: answered 503'));
  expect(managed.instances()[0]).toMatchObject({ state: 'starting', url: null, generation: 1 });
  expect(servers()).toEqual([]);
  app.set({});
  await managed.started();
  expect(managed.instances()[0]).toMatchObject({ state: 'running', reason: '' });
  expect(servers()).toHaveLength(1);
});

test('a rolling restart: the new ones first, then the old ones, one after the other', async () => {
  let release: (() => void) | null = null;
  const { managed, events, drained, servers, later } = bench(
    {},
    (app) => app.managed({ min: 2 }),
    () =>
      new Promise((resolve) => {
        release = () => resolve('done');
      }),
  );
  await managed.started();
  const old = servers().map(({ url }) => url);
  expect(managed.restart('app', 'by command').restart).toMatchObject({
    generation: 2,
    stage: 'starting',
    instances: 2,
  });
  // Asked for again while it is under way: another one follows.
  expect(managed.restart('app', 'by command').restart).toMatchObject({ generation: 2, again: true });
  await until(() => servers().length === 4);
  expect(servers().map(({ url, leaving }) => [old.includes(url), leaving])).toEqual([
    [false, null],
    [false, null],
    [true, 'replaced by generation 2'],
    [true, 'replaced by generation 2'],
  ]);
  await until(() => release !== null);
  expect(drained).toEqual([old[0]]);
  const open = Object.fromEntries(old.map((url) => [url, 1]));
  later(10_000, open);
  expect(managed.instances().filter(({ state }) => state === 'leaving')).toHaveLength(2);
  release!();
  release = null;
  later(0, { ...open, [old[0]!]: 0 });
  await until(() => release !== null);
  expect(drained).toEqual(old);
  release!();
  later(0);
  await until(() => eventOf(events, 'restart-ended'));
  expect(eventOf(events, 'restart-ended')).toMatchObject({ generation: 2, exchanged: 2, problem: null });
  expect(managed.states()[0]!.restart).toMatchObject({ generation: 3, stage: 'starting' });
});

test('a program that does not come up changes nothing, and the next restart is another try', async () => {
  const { app, managed, events, servers } = bench({}, (each) => each.managed({}));
  await managed.started();
  const [before] = managed.instances();
  app.set({ dies: true });
  managed.restart('app', 'by command');
  const ended = await until(() => eventOf(events, 'restart-ended'));
  expect(ended.problem).toContain('this version does not start');
  expect(managed.instances().filter(({ state }) => state === 'running')).toEqual([before]);
  expect(servers()).toEqual([expect.objectContaining({ url: before!.url, leaving: null })]);
  app.set({});
  managed.restart('app', 'by command');
  await until(() => servers().some(({ leaving }) => leaving === 'replaced by generation 3'));
});

test('a cancelled drain ends the restart where it is; who was replaced ends when it is empty', async () => {
  const cancelled = async () => 'cancelled' as const;
  const { managed, events, servers, later } = bench({}, (app) => app.managed({}), cancelled);
  await managed.started();
  const old = servers()[0]!.url;
  managed.restart('app', 'by command');
  expect((await until(() => eventOf(events, 'restart-ended'))).problem).toBe('its drain was cancelled');
  later(60_000, { [old]: 3 });
  expect(managed.instances().find(({ url }) => url === old)?.state).toBe('leaving');
  later(0, { [old]: 0 });
  await until(() => !servers().some(({ url }) => url === old));
});

test('the file of restartOn: changed, gone for a moment, behind a link that is turned, and not there', async () => {
  const { app, managed, events } = bench({}, (each) => {
    each.write('release-1', '1');
    each.write('release-2', '22');
    symlinkSync('release-1', path.join(each.directory, 'current'));
    return each.managed({}, ['current', 'missing']);
  });
  await managed.started();
  const at = (file: string) => path.join(app.directory, file);
  expect(await until(() => eventOf(events, 'watched-file-missing'))).toMatchObject({ file: at('missing') });
  rmSync(at('current'));
  symlinkSync('release-2', at('current-new'));
  renameSync(at('current-new'), at('current'));
  expect((await until(() => eventOf(events, 'restart-started'))).why).toBe(`${at('current')} changed`);
});

test('a new command in the spec is a rolling restart, too', async () => {
  const { app, managed, events, apply, servers } = bench({}, (each) => each.managed({}));
  await managed.started();
  apply({ ...app.managed({}), command: `${app.managed({}).command} again` });
  expect((await until(() => eventOf(events, 'restart-started'))).why).toBe('its command changed');
  await until(() => servers().length === 2 && servers()[1]!.leaving !== null);
});

test('scaled up by connections, and down again late: the emptiest leaves', async () => {
  const { managed, events, drained, servers, later } = bench({}, (app) =>
    app.managed({ min: 1, max: 3, connectionsEach: 10 }),
  );
  await managed.started();
  const first = servers()[0]!.url;
  later(0, { [first]: 15 });
  await until(() => servers().length === 2);
  expect(eventOf(events, 'scaled')).toMatchObject({ from: 1, to: 2, reason: '15 connections, 10 each' });
  const second = servers()[1]!.url;
  later(120_000, { [first]: 2, [second]: 5 });
  later(599_000, { [first]: 2, [second]: 5 });
  expect(drained).toEqual([]);
  later(2000, { [first]: 2, [second]: 5 });
  expect(drained).toEqual([first]);
  expect(servers().find(({ url }) => url === first)?.leaving).toBe('one less is wanted');
  expect(managed.states()[0]).toMatchObject({ wanted: 1, scalings: { up: 1, down: 1 } });
});

test('scaled by what the server tells of its event loop; an answer that says nothing is said once', async () => {
  const { app, managed, events, later } = bench({ load: 'soon' }, (each) =>
    each.managed({ min: 1, max: 2, delayMs: 100, load: '/load' }),
  );
  await managed.started();
  later(0);
  const unknown = await until(() => {
    later(0);
    return eventOf(events, 'load-unknown');
  });
  expect(unknown.message).toMatch(/\/load did not answer \{ "cpu": 0\.5, "eventLoopDelayMs": 12 \}$/);
  app.set({ load: { eventLoopDelayMs: 250 } });
  await until(() => {
    later(6000);
    return eventOf(events, 'scaled');
  });
  expect(eventOf(events, 'scaled')).toMatchObject({ to: 2, reason: 'event loop behind by 250 ms, over 100 ms' });
  expect(events.filter(({ kind }) => kind === 'load-unknown')).toHaveLength(1);
});

test('who is no managed upstream cannot be restarted', () => {
  const { managed, app } = bench({}, (each) => each.managed({}));
  managed.apply(
    plan({ upstreams: [upstream({ name: 'app', managed: app.managed({}) }), upstream({ name: 'other' })] }),
  );
  expect(() => managed.restart('other', '')).toThrow(expect.objectContaining({ code: 'upstream-not-managed' }));
  expect(() => managed.restart('none', '')).toThrow(expect.objectContaining({ code: 'upstream-unknown' }));
});

// A stopped process takes no SIGTERM: it is given its three seconds, and so is the other one at the end.
test('an instance that was stopped is ended and started again, and no other one before it is back', {
  timeout: 60_000,
}, async () => {
  const { managed, checks, events, servers, later } = bench({}, (app) => app.managed({ min: 2 }));
  await managed.started();
  const pids = managed.instances().map(({ pid }) => pid!);
  const urls = servers().map(({ url }) => url);
  const patience = { ...health, timeoutMs: 200 };
  const ask = (url: string) => checkOnce({ url, health: patience, name: null, verifyTls: true, ca: null });
  const askAll = async (atMs: number) => {
    for (const url of urls) takeCheck(checks.get(url)!, await ask(url), health, atMs);
    later(0);
  };
  for (const url of urls) checks.set(url, newCheckState(0));
  await askAll(0);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  for (const atMs of [1000, 2000, 1999 + hungAfterMs]) await askAll(atMs);
  expect(managed.instances().map(({ reason }) => reason)).toEqual(['', '']);
  await askAll(2000 + hungAfterMs);
  const why = 'no healthy answer for 30 s: no answer within 200 ms';
  expect(managed.instances().map(({ reason }) => reason)).toEqual([`it waits for its end: ${why}`, '']);
  await until(() => managed.instances()[0]!.restarts === 1);
  later(0);
  await until(() => managed.instances()[0]!.url !== null);
  expect(managed.instances().map(({ pid }) => pid === pids[1])).toEqual([false, true]);
  expect(managed.instances()[0]).toMatchObject({ url: urls[0], reason: '', state: 'running' });
  const ended = () => events.flatMap((event) => (event.kind === 'instance-ended' ? [event.how] : []));
  expect(ended()).toEqual([`signal SIGKILL, sent by Holdline: ${why}`]);
  checks.set(urls[0]!, newCheckState(0));
  // While all of them are exchanged anyway, nobody ends one of them.
  managed.restart('app', 'by command');
  later(0);
  expect(managed.instances().find(({ pid }) => pid === pids[1])).toMatchObject({ reason: '' });
});
