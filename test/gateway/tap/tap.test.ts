/** A tap tells the headers of what comes, of either way of carrying, changes nothing, and is gone when nobody looks. */
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { TapListener } from '../../../src/gateway/tap/tap-listener.ts';
import { Taps, tapPatienceMs, tapRowsMax } from '../../../src/gateway/tap/taps.ts';
import type { Half } from '../../../src/gateway/tunnel/half.ts';
import type { TapRow } from '../../../src/registry/tap.ts';
import { encodeFrame } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import type { TestEdge } from '../edge.ts';
import { hookedPlan } from '../hooks/module.ts';
import { cleanUp, connect, echoServer, edgeFor } from '../servers.ts';

afterEach(cleanUp);

const short = ({ what, from, kind, bytes, final, frames }: TapRow) =>
  `${from} ${what} ${kind} ${bytes}${final ? '' : ' more'}${what === 'message' ? ` in ${frames}` : ''}`;

/** Rows until there are so many. */
async function rowsOf(edge: TestEdge, id: string, count: number): Promise<string[]> {
  const rows: string[] = [];
  await expect
    .poll(() => rows.push(...edge.gateway.tap(id, 'somebody')!.rows.map(short)) && rows.length, { timeout: 5000 })
    .toBe(count);
  return rows;
}

const ways: readonly (readonly [string, () => Promise<TestEdge>])[] = [
  ['a tunnel', async () => edgeFor([(await echoServer()).url])],
  ['a route that moves', async () => edgeFor([(await echoServer()).url], { move: { replay: null } })],
  [
    'message mode',
    async () => {
      const hooks = 'export const onMessage = async () => undefined;';
      const servers = [(await echoServer()).url];
      return edgeFor([], {}, { plan: hookedPlan({ hooks, servers, settings: { messages: true } }) });
    },
  ],
];

describe.each(ways)('%s', (_name, start) => {
  test('is told by its frames and messages, both ways, and carries as before', async () => {
    const edge = await start();
    const socket = await connect(edge.url(), { perMessageDeflate: false });
    const { record } = await edge.next('opened');
    const echoes: string[] = [];
    socket.on('message', (data) => echoes.push(String(data)));
    socket.send('before anybody looks');
    await once(socket, 'message');

    expect(edge.gateway.tap(record.id, 'somebody')).toEqual({ rows: [], missed: 0, ended: false });
    socket.send('one', { fin: false });
    socket.send('two!', { fin: true });
    socket.send(Buffer.alloc(70_000));
    await once(socket, 'message');
    await once(socket, 'message');
    const rows = await rowsOf(edge, record.id, 9);
    expect(rows.filter((row) => row.startsWith('client'))).toEqual([
      'client frame text 3 more',
      'client frame continuation 4',
      'client message text 7 in 2',
      'client frame binary 70000',
      'client message binary 70000 in 1',
    ]);
    expect(rows.filter((row) => row.startsWith('server'))).toEqual([
      'server frame text 7',
      'server message text 7 in 1',
      'server frame binary 70000',
      'server message binary 70000 in 1',
    ]);

    edge.gateway.untap(record.id, 'somebody');
    socket.send('after');
    await once(socket, 'message');
    expect(edge.gateway.tap(record.id, 'another')?.rows).toEqual([]);
    socket.close(4001, 'enough');
    expect((await edge.ended()).end).toMatchObject({ cause: 'client-close', code: 4001 });
    const last = edge.gateway.tap(record.id, 'another');
    expect(last?.ended).toBe(true);
    expect(last?.rows.map(short)).toContain('client frame close 8');
    expect(edge.gateway.tap(record.id, 'another')).toBeNull();
    expect(echoes.map((text) => text.length)).toEqual([20, 7, 70_000, 5]);
  });
});

test('a connection that is looked at keeps its half message, its server can be exchanged, and the new one is looked at', async () => {
  const servers = await Promise.all([echoServer(), echoServer()]);
  const edge = await edgeFor(
    servers.map(({ url }) => url),
    { move: { replay: { messages: 1, until: null, bytesMax: 1000 } } },
  );
  const socket = await connect(edge.url(), { perMessageDeflate: false });
  const { record } = await edge.next('opened');
  const heard: string[] = [];
  socket.on('message', (data) => heard.push(String(data)));
  socket.send('half ', { fin: false });
  // By the time that another one is connected, the half has been read.
  await connect(edge.url());
  edge.gateway.tap(record.id, 'somebody');
  socket.send('and half', { fin: true });
  await expect.poll(() => heard).toEqual(['half and half']);

  for (const each of servers.find(({ url }) => url === record.server)!.server.clients) each.terminate();
  await edge.next('moved');
  await expect.poll(() => heard).toEqual(['half and half', 'half and half']);
  edge.gateway.tap(record.id, 'somebody');
  socket.send('more');
  await expect.poll(() => heard.length).toBe(3);
  const rows = edge.gateway.tap(record.id, 'somebody')!.rows.map(short);
  expect(rows).toEqual([
    'client frame text 4',
    'client message text 4 in 1',
    'server frame text 4',
    'server message text 4 in 1',
  ]);
  edge.gateway.untap(record.id, 'somebody');
  socket.send('and more');
  await expect.poll(() => heard.length).toBe(4);
});

test('a viewer that does not ask loses rows and costs no memory', async () => {
  const edge = await edgeFor([(await echoServer()).url]);
  const socket = await connect(edge.url());
  const { record } = await edge.next('opened');
  edge.gateway.tap(record.id, 'slow');
  for (let each = 0; each < 2 * tapRowsMax; each++) socket.send('x');
  let echoes = 0;
  await new Promise<void>((resolve) => socket.on('message', () => ++echoes === 2 * tapRowsMax && resolve()));
  const { rows, missed } = edge.gateway.tap(record.id, 'slow')!;
  expect([rows.length, missed]).toEqual([tapRowsMax, 7 * tapRowsMax]);
});

test('when nobody has room for a row, none is made: a flood costs the counting of its frames', () => {
  const rows: TapRow[] = [];
  let missed = 0;
  const audience = {
    isFull: true,
    note: (row: TapRow) => rows.push(row),
    miss: (count: number) => {
      missed += count;
    },
  };
  const half = { from: 'client', bytesToHeader: 0, onBytes: () => {} } as unknown as Half;
  const listener = new TapListener(half, half, systemClock, audience);
  const text = encodeFrame({ opcode: opcodes.text, mask: null, payload: Buffer.from('a') });
  const pong = encodeFrame({ opcode: opcodes.pong, mask: null, payload: Buffer.alloc(0) });
  listener.onBytes(Buffer.concat([text, pong, text]));
  expect([rows.length, missed]).toEqual([0, 5]);
  audience.isFull = false;
  listener.onBytes(Buffer.from(text));
  expect(rows.map(({ what }) => what)).toEqual(['frame', 'message']);
});

test('whoever asks no more is forgotten, and nothing is left running', () => {
  vi.useFakeTimers();
  const connection = { id: 'c1', state: 'open', directions: [] } as const;
  const find = (id: string) => (id === 'c1' ? connection : undefined);
  const taps = new Taps({ clock: { nowMs: Date.now, monotonicMs: Date.now }, find });
  expect(taps.ask('nobody', 'somebody')).toBeNull();
  expect(taps.ask('c1', 'somebody')).toEqual({ rows: [], missed: 0, ended: false });
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(2 * tapPatienceMs);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
