/** Servers that Holdline starts, exchanged and scaled under live connections. */
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { MoveSpec } from '../../../src/plan/edge/plan.ts';
import { type AppDirectory, appDirectory } from '../../control/managed/fixture.ts';
import { route, upstream } from '../../control/plans.ts';
import { startTestEdge, type TestEdge, until } from './edge.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const drain = { rate: { perSecond: 100 }, order: 'oldest', code: 1012, reason: '' } as const;

async function edgeWith(app: AppDirectory, managed: ReturnType<AppDirectory['managed']>, move: MoveSpec | null) {
  closers.push(() => app.remove());
  const edge = await startTestEdge({
    upstreams: [upstream({ name: 'app', managed })],
    routes: [route({ drain, move })],
  });
  closers.push(() => edge.close());
  return edge;
}

const move: MoveSpec = { replay: null };

/**
 * A client that comes back as long as it is wanted, and knows which versions greeted it and how often it was closed.
 */
interface Visitor {
  readonly versions: string[];
  readonly closes: number[];
  readonly refused: string[];
}

function visit(edge: TestEdge): Visitor {
  const visitor: Visitor = { versions: [], closes: [], refused: [] };
  let wanted = true;
  let socket: WebSocket;
  const open = () => {
    socket = new WebSocket(edge.url);
    socket.on('message', (data) => visitor.versions.push(String(data)));
    socket.on('error', (error) => visitor.refused.push(error.message));
    socket.on('close', (code) => {
      if (!wanted) return;
      visitor.closes.push(code);
      setTimeout(open, 50);
    });
  };
  open();
  closers.push(() => {
    wanted = false;
    socket.terminate();
  });
  return visitor;
}

test('a rolling restart closes each client once, with the code of the route, and refuses nobody', async () => {
  const app = appDirectory({ version: 'old' });
  const edge = await edgeWith(app, app.managed({ min: 2 }), null);
  const visitors = Array.from({ length: 30 }, () => visit(edge));
  await until(() => visitors.every(({ versions }) => versions.length === 1));
  const before = edge.supervisor.instances().map(({ pid }) => pid);
  app.set({ version: 'new' });
  edge.supervisor.restart('app');
  await until(() => edge.supervisor.managed()[0]?.restart?.stage === 'done');
  await until(() => visitors.every(({ versions }) => versions.at(-1) === 'new'));
  expect(visitors.map(({ versions, closes, refused }) => [versions, closes, refused])).toEqual(
    visitors.map(() => [['old', 'new'], [1012], []]),
  );
  expect(edge.supervisor.instances()).toMatchObject([
    { generation: 2, state: 'running' },
    { generation: 2, state: 'running' },
  ]);
  for (const pid of before) expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
});

test('with move no connection is closed by a rolling restart', async () => {
  const app = appDirectory({ version: 'old' });
  const edge = await edgeWith(app, app.managed({ min: 2 }), move);
  const visitors = Array.from({ length: 30 }, () => visit(edge));
  await until(() => visitors.every(({ versions }) => versions.length === 1));
  app.set({ version: 'new' });
  edge.supervisor.restart('app');
  await until(() => edge.supervisor.managed()[0]?.restart?.stage === 'done');
  // The new server greets whoever it gets, as it does every client.
  await until(() => visitors.every(({ versions }) => versions.at(-1) === 'new'));
  expect(visitors.every(({ closes, refused }) => closes.length === 0 && refused.length === 0)).toBe(true);
});

test('more connections start another instance, which gets those that come next', async () => {
  const app = appDirectory();
  const edge = await edgeWith(app, app.managed({ min: 1, max: 2, connectionsEach: 5 }), null);
  const visitors = Array.from({ length: 8 }, () => visit(edge));
  await until(() => visitors.every(({ versions }) => versions.length === 1));
  await until(() => edge.supervisor.servers.rows().filter(({ state }) => state === 'up').length === 2);
  const later = Array.from({ length: 6 }, () => visit(edge));
  await until(() => later.every(({ versions }) => versions.length === 1));
  await until(() => (edge.supervisor.servers.rows()[1]?.connections ?? 0) >= 5);
  expect(edge.events.find((event) => event.kind === 'scaled')).toMatchObject({ from: 1, to: 2 });
});
