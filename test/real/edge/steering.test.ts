/**
 * What is done by a filter, on several workers, while everybody talks: to exactly those that were counted, once each.
 */
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { startApi } from './api.ts';
import { connect, startTestEdge, until } from './edge.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start() {
  const edge = await startTestEdge({ workers: 2 });
  cleanups.push(() => edge.close());
  const api = await startApi(edge);
  cleanups.push(() => api.server.close());
  const join = async (path: string) => {
    const socket = await connect(`${edge.url}${path}`);
    cleanups.push(() => socket.terminate());
    return socket;
  };
  return { edge, api, join };
}

interface Talker {
  readonly inOrder: () => boolean;
  readonly news: () => string[];
  readonly echoes: () => number;
  stop(): Promise<void>;
}

/** Sends its next message, in fragments, as soon as an echo is there, and keeps what else it hears. */
function talk(socket: WebSocket): Talker {
  const news: string[] = [];
  let [sent, heard, ordered, stopped] = [0, 0, true, false];
  const filling = 'x'.repeat(3000);
  const next = () => {
    sent++;
    socket.send(`${sent}:`, { fin: false });
    socket.send(filling, { fin: false });
    socket.send('!', { fin: true });
  };
  socket.on('message', (data, binary) => {
    const text = String(data);
    if (text.startsWith('news')) return void news.push(text);
    heard++;
    ordered &&= !binary && text === `${heard}:${filling}!`;
    if (!stopped) next();
  });
  // Several under way, so that there is always a message to come between.
  for (let each = 0; each < 4; each++) next();
  return {
    inOrder: () => ordered,
    news: () => news,
    echoes: () => heard,
    async stop() {
      stopped = true;
      await until(() => heard === sent);
    },
  };
}

test('a message by filter arrives once each, between messages, while they echo', async () => {
  const { api, join } = await start();
  const inside = (await Promise.all(Array.from({ length: 30 }, () => join('/rooms/7')))).map(talk);
  const outside = (await Promise.all(Array.from({ length: 10 }, () => join('/rooms/8')))).map(talk);
  const all = [...inside, ...outside];
  await until(() => all.every((talker) => talker.echoes() > 20));
  for (const text of ['news 1', 'news 2', 'news 3']) {
    const answer = await api.ask<{ sent: number; queued: number }>('POST', '/messages', {
      filter: { q: 'path:/rooms/7' },
      text,
    });
    expect(answer.sent + answer.queued).toBe(inside.length);
  }
  await until(() => inside.every((talker) => talker.news().length >= 3));
  await Promise.all(all.map((talker) => talker.stop()));
  expect(inside.map((talker) => talker.news())).toEqual(inside.map(() => ['news 1', 'news 2', 'news 3']));
  expect(outside.flatMap((talker) => talker.news())).toEqual([]);
  expect(all.filter((talker) => !talker.inOrder())).toEqual([]);
});

test('a kick closes exactly those of its preview; a drain, too', async () => {
  const { api, join } = await start();
  for (const [path, request] of [
    ['/connections/close', { code: 4009, reason: 'out' }],
    ['/drains', { code: 4009, rate: '1000/s' }],
  ] as const) {
    const inside = await Promise.all(Array.from({ length: 30 }, () => join('/rooms/7')));
    const outside = await Promise.all(Array.from({ length: 10 }, () => join('/rooms/8')));
    for (const socket of [...inside, ...outside]) talk(socket);
    const { preview, count } = await api.ask<{ preview: string; count: number }>('POST', '/previews', {
      filter: { q: 'path:/rooms/7' },
    });
    expect(count).toBe(inside.length);
    const late = await Promise.all(Array.from({ length: 5 }, () => join('/rooms/7')));
    const codes = Promise.all(inside.map(async (socket) => (await once(socket, 'close'))[0]));
    await api.ask('POST', path, { preview, ...request });
    expect(new Set(await codes)).toEqual(new Set([4009]));
    expect([...outside, ...late].filter((socket) => socket.readyState !== socket.OPEN)).toEqual([]);
    for (const socket of [...outside, ...late]) socket.terminate();
    await until(async () => (await api.ask<{ matched: number }>('GET', '/connections')).matched === 0);
  }
});

test('the tap of one connection, over the API, until it has ended', async () => {
  const { api, join } = await start();
  const socket = await join('/');
  const { rows } = await api.ask<{ rows: { id: string }[] }>('GET', '/connections');
  const response = await fetch(`${api.server.url}/connections/${rows[0]!.id}/tap`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  socket.send('four');
  await once(socket, 'message');
  socket.close(4001);
  const text = await response.text();
  expect(text).toContain('"from":"client","what":"frame","kind":"text"');
  expect(text).not.toContain('four');
  expect(text).toContain('"kind":"close"');
  expect(text).toMatch(/event: end\ndata: {}\n\n$/);
  expect((await fetch(`${api.server.url}/connections/nobody/tap`)).status).toBe(404);
});
