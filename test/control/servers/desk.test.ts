/** What people ask of servers: what is refused, and what becomes of what was asked before. */
import { expect, test } from 'vitest';
import type { DrainDesk } from '../../../src/control/drain/desk.ts';
import type { DrainRequest, DrainRow } from '../../../src/control/drain/job.ts';
import { type ServerBook, serverBook } from '../../../src/control/servers/book.ts';
import { ownPace, serverDesk } from '../../../src/control/servers/desk.ts';
import { managedSpec, plan, upstream } from '../plans.ts';

const [a, b, shared] = ['http://10.0.0.1:1', 'http://10.0.0.2:1', 'http://10.0.0.3:1'];
const server = (url: string) => ({ url, weight: 1, connectionsMax: null });
const asked = plan({
  upstreams: [
    upstream({ name: 'app', servers: [server(a), server(b), server(shared)] }),
    upstream({ name: 'other', servers: [server(shared)] }),
    upstream({ name: 'own', managed: managedSpec('node a.js', '.', 1) }),
  ],
});
const plain = { ...ownPace, force: false } as const;

/** A desk with drains that never end by themselves. */
function desk() {
  const clocks = { nowMs: () => 0, monotonicMs: () => 0, random: () => 0.5, onEvent: () => undefined };
  const book = serverBook({ ...clocks, onList: () => undefined, checks: () => () => undefined });
  book.apply(asked);
  book.setManaged('own', [
    { url: 'http://127.0.0.1:2', weight: 1, connectionsMax: null, leaving: 'replaced by generation 2' },
    { url: 'http://127.0.0.1:3', weight: 1, connectionsMax: null, leaving: null },
  ]);
  const begun: DrainRequest[] = [];
  const cancelled: string[] = [];
  const drains = {
    start: async (request: DrainRequest) => {
      begun.push(request);
      return { id: `d${begun.length}`, state: 'running' } as DrainRow;
    },
    cancel: (id: string) => void cancelled.push(id),
  } as unknown as DrainDesk;
  return { book, begun, cancelled, desk: serverDesk({ plan: () => asked, book, drains }) };
}

const add = (url: string, name: string | null = 'app') => ({ ...server(url), upstream: name });

test.each([
  ['a path', add('http://10.0.0.9:1/chat'), 'server-not-usable'],
  ['no URL', add('10.0.0.9'), 'server-not-usable'],
  ['another scheme', add('ftp://10.0.0.9'), 'server-not-usable'],
  ['SRV records', add('srv+http://_ws._tcp.example.com'), 'server-not-usable'],
  ['the edge itself', add('http://127.0.0.1:8080'), 'server-not-usable'],
  ['one that is there', add('http://10.0.0.1:1/'), 'server-exists'],
  ['an unknown upstream', add('http://10.0.0.9:1', 'nobody'), 'upstream-unknown'],
  ['any of several upstreams', add('http://10.0.0.9:1', null), 'server-ambiguous'],
  ['a managed upstream', add('http://10.0.0.9:1', 'own'), 'server-managed'],
])('to add %s is refused', (_what, request, code) => {
  const listening = { ...asked, listen: [{ ...asked.listen[0]!, address: { host: '127.0.0.1', port: 8080 } }] };
  const { book } = desk();
  const at = serverDesk({ plan: () => listening, book, drains: {} as DrainDesk });
  expect(() => at.add(request)).toThrow(expect.objectContaining({ code }));
});

test('a URL of two upstreams needs the name of one', async () => {
  const { desk: at } = desk();
  await expect(at.drain({ upstream: null, url: shared }, plain)).rejects.toMatchObject({ code: 'server-ambiguous' });
  await expect(at.drain({ upstream: 'app', url: shared }, plain)).resolves.toMatchObject({
    server: { state: 'draining' },
  });
});

test('one that Holdline starts is not removed by hand, and one that leaves is not undrained', async () => {
  const { desk: at } = desk();
  const leaving = { upstream: 'own', url: 'http://127.0.0.1:2' };
  await expect(at.remove(leaving, plain)).rejects.toMatchObject({ code: 'server-managed' });
  expect(() => at.undrain(leaving)).toThrow(/leaves: replaced by generation 2/);
});

test('draining one that drains begins anew, at the new pace', async () => {
  const { desk: at, begun, cancelled } = desk();
  const name = { upstream: null, url: a };
  await at.drain(name, { ...plain, rate: { perSecond: 1 } });
  const again = await at.drain(name, { ...plain, rate: { perSecond: 50 } });
  expect(cancelled).toEqual(['d1']);
  expect(again.drain.id).toBe('d2');
  expect(begun.map(({ rate }) => rate)).toEqual([{ perSecond: 1 }, { perSecond: 50 }]);
});

test('the last one that takes clients is drained or removed by force only', async () => {
  const { desk: at } = desk();
  await at.drain({ upstream: 'app', url: b }, plain);
  await at.drain({ upstream: 'app', url: shared }, plain);
  const last = { upstream: 'app', url: a };
  await expect(at.drain(last, plain)).rejects.toMatchObject({ code: 'server-last' });
  await expect(at.remove(last, plain)).rejects.toMatchObject({ code: 'server-last' });
  await expect(at.drain(last, { ...plain, force: true })).resolves.toMatchObject({ server: { state: 'draining' } });
});

test('an upstream takes servers by command up to a number, and says so', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ upstream: 'app', url: `http://10.0.1.1:${i + 1}` }));
  const book = { rows: () => rows, find: () => undefined, add: () => ({}) } as unknown as ServerBook;
  const full = serverDesk({ plan: () => asked, book, drains: {} as DrainDesk });
  expect(() => full.add({ ...server('http://10.0.0.9:1'), upstream: 'app' })).toThrow(
    expect.objectContaining({ code: 'server-not-usable', message: 'app has 1000 servers, and takes no more' }),
  );
});
