import { describe, expect, test } from 'vitest';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import { countsAreOldMs, serverBook } from '../../../src/control/servers/book.ts';
import type { CheckerOptions } from '../../../src/control/servers/checker.ts';
import { overlayFindings } from '../../../src/control/servers/overlay.ts';
import type { ListedServer } from '../../../src/policy/balance/server-state.ts';
import { hungForMs } from '../../../src/policy/health/hung.ts';
import { plan, upstream } from '../plans.ts';

const server = (url: string) => ({ url, weight: 1, connectionsMax: null });
const health = { check: 'http', path: '/', everyMs: 1000, timeoutMs: 500, fall: 2, rise: 2 } as const;
const withServers = (urls: readonly string[], more = {}) =>
  plan({ upstreams: [upstream({ name: 'app', servers: urls.map(server), ...more })] });

function book(first = withServers(['http://a', 'http://b'])) {
  let ms = 0;
  const events: EdgeEvent[] = [];
  const told: ListedServer[][] = [];
  const checkers = new Map<string, CheckerOptions>();
  const kept = serverBook({
    nowMs: () => ms,
    monotonicMs: () => ms,
    random: () => 0.5,
    onEvent: (event) => events.push(event),
    onList: (_upstream, list) => told.push([...list]),
    checks: (options) => {
      checkers.set(options.url, options);
      return () => checkers.delete(options.url);
    },
  });
  kept.apply(first);
  return {
    book: kept,
    events,
    checkers,
    told,
    at: (now: number) => {
      ms = now;
    },
    tick: (openByServer: Record<string, number> = {}, passive = {}) => kept.tick({ openByServer, passive }),
    states: () => Object.fromEntries(kept.rows().map((row) => [row.url, row.state])),
    last: () => told.at(-1)?.map(({ url, takes, weight }) => `${url} ${takes} ${weight}`),
  };
}

describe('health', () => {
  test('down once, back once, and slowly', () => {
    const { checkers, events, states, last, at, tick } = book(
      withServers(['http://a', 'http://b'], { health, slowStartMs: 10_000 }),
    );
    const check = (ok: boolean) =>
      checkers.get('http://a')!.onResult({ ok, detail: ok ? 'answered 200' : 'answered 503' });
    for (let times = 0; times < 5; times++) check(false);
    expect(states()).toEqual({ 'http://a': 'down', 'http://b': 'up' });
    expect(last()).toEqual(['http://a last 1', 'http://b new 1']);
    for (let times = 0; times < 5; times++) check(true);
    expect(last()).toEqual(['http://a new 0.1', 'http://b new 1']);
    expect(events.filter((event) => event.kind === 'server-state')).toMatchObject([
      { server: 'http://a', state: 'down', reason: 'answered 503' },
      { server: 'http://a', state: 'up', was: 'down' },
    ]);
    at(5000);
    tick();
    expect(last()).toEqual(['http://a new 0.55', 'http://b new 1']);
    at(10_000);
    tick();
    expect(last()).toEqual(['http://a new 1', 'http://b new 1']);
  });

  test('what workers notice is a state, with its reason, and no change of the list', () => {
    const { tick, states, book: kept, told } = book();
    const before = told.length;
    tick({}, { 'http://b': 'drops' });
    expect(states()).toEqual({ 'http://a': 'up', 'http://b': 'suspect' });
    expect(kept.rows()[1]?.reason).toMatch(/within a second/);
    tick();
    expect(states()).toEqual({ 'http://a': 'up', 'http://b': 'up' });
    expect(told).toHaveLength(before);
  });
});

describe('changes', () => {
  test('one that is removed is shown while it holds connections, and remembered as removed after a reload', () => {
    const { book: kept, tick, states, last, at } = book();
    tick({ 'http://a': 3 });
    kept.remove(kept.find('app', 'http://a')!);
    expect(last()).toEqual(['http://b new 1']);
    expect(states()['http://a']).toBe('gone');
    kept.apply(withServers(['http://a', 'http://b', 'http://c']));
    expect(states()).toEqual({ 'http://a': 'gone', 'http://b': 'up', 'http://c': 'up' });
    expect(kept.rows()[0]).toMatchObject({ connections: 3, unsaved: 'removed' });
    expect(overlayFindings(kept.rows(), withServers(['http://a']))).toMatchObject([{ code: 'reload-keeps-removal' }]);
    // The spec follows at last.
    kept.apply(withServers(['http://b', 'http://c']));
    tick({ 'http://a': 1 });
    expect(states()['http://a']).toBe('gone');
    at(countsAreOldMs);
    tick();
    expect(states()).toEqual({ 'http://b': 'up', 'http://c': 'up' });
  });

  test('one that is removed before anybody has counted what it holds is shown when that is known', () => {
    const { book: kept, tick, states, at } = book();
    kept.remove(kept.find('app', 'http://a')!);
    tick();
    expect(states()['http://a']).toBe('gone');
    at(countsAreOldMs);
    tick({ 'http://a': 30 });
    expect(kept.rows()[0]).toMatchObject({ state: 'gone', connections: 30 });
  });

  test('one that is added by command stays over a reload, becomes the spec’s, and leaves with its upstream', () => {
    const { book: kept, states } = book();
    kept.add('app', server('http://c'));
    expect(kept.rows()[2]).toMatchObject({ origin: 'command', unsaved: 'added' });
    kept.apply(withServers(['http://a']));
    expect(states()).toMatchObject({ 'http://a': 'up', 'http://c': 'up' });
    kept.apply(withServers(['http://a', 'http://c']));
    expect(kept.find('app', 'http://c')?.origin).toBe('spec');
    kept.add('app', server('http://d'));
    const without = plan({ upstreams: [upstream({ name: 'other', servers: [server('http://z')] })], routes: [] });
    expect(overlayFindings(kept.rows(), without)).toMatchObject([{ code: 'reload-undoes-addition' }]);
    expect(kept.apply(without).map((entry) => entry.spec.url)).toEqual(['http://a', 'http://c', 'http://d']);
  });

  test('one that drains takes nothing, over a reload too, until it is undrained', () => {
    const { book: kept, last } = book();
    kept.setDraining(kept.find('app', 'http://a')!, true);
    expect(last()).toEqual(['http://a none 1', 'http://b new 1']);
    kept.apply(withServers(['http://a', 'http://b', 'http://c']));
    expect(last()).toEqual(['http://a none 1', 'http://b new 1', 'http://c new 1']);
    kept.setDraining(kept.find('app', 'http://a')!, false);
    expect(last()?.[0]).toBe('http://a new 1');
  });

  test('a reload that takes one away says which, and checks end with their server', () => {
    const { book: kept, checkers } = book(withServers(['http://a', 'http://b'], { health }));
    expect([...checkers.keys()]).toEqual(['http://a', 'http://b']);
    expect(kept.apply(withServers(['http://b'], { health })).map((entry) => entry.spec.url)).toEqual(['http://a']);
    expect([...checkers.keys()]).toEqual(['http://b']);
    kept.apply(withServers(['http://b']));
    expect(checkers.size).toBe(0);
  });
});

describe('another supervisor goes on', () => {
  test.each([
    ['hung before it', { well: false, passed: true }, 30_000],
    ['hangs since', { well: true, passed: true }, 30_000],
    ['has never passed, so its check may be a wrong one', { well: false, passed: false }, null],
  ])('a server that %s', (_what, { well, passed }, expected) => {
    const spec = withServers(['http://a'], { health });
    const before = book(spec);
    const checkBefore = (ok: boolean) => before.checkers.get('http://a')!.onResult({ ok, detail: '' });
    if (passed) checkBefore(true);
    if (!well) for (let times = 0; times < 2; times++) checkBefore(false);
    const { book: after, checkers, at } = book(spec);
    at(50_000);
    after.restore(before.book.kept());
    expect(after.rows()[0]?.state).toBe(well ? 'up' : 'down');
    const fails = () => checkers.get('http://a')!.onResult({ ok: false, detail: '' });
    for (let times = 0; times < 2; times++) fails();
    at(79_000);
    fails();
    const check = after.find('app', 'http://a')!.check!;
    expect(hungForMs(check)).toBeNull();
    at(80_000);
    fails();
    expect(hungForMs(check)).toBe(expected);
  });
});
