import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { dialPeer } from '../../support/raw-peer.ts';
import { hookedPlan, hooksModule } from '../hooks/module.ts';
import { cleanUp, connect, echoServer, edgeFor, onCleanUp } from '../servers.ts';
import { hooked, inOrder, messages, received } from './hooked.ts';

afterEach(cleanUp);

describe('what a hook may do with a message', () => {
  test('pass, drop, replace and answer, each in its place', async () => {
    let reached: string[] = [];
    const { url } = await echoServer((socket) => {
      reached = received(socket);
    });
    const through = await hooked({ servers: [url] });
    const socket = await connect(through.url());
    const got = received(socket);
    for (const each of ['one', 'drop', 'replace:two', 'bytes:three', Buffer.from('four'), 'answer:five', 'six'])
      socket.send(each);
    await expect.poll(() => got.length).toBe(6);
    // The answer comes straight back, and the echoes in their order from further away.
    expect(got.filter((each) => each !== 'five')).toEqual(['one', 'two', 'Bthree', 'Bfour', 'six']);
    expect(reached).toEqual(['one', 'two', 'Bthree', 'Bfour', 'six']);
  });

  test('an answer goes to the sender alone', async () => {
    const through = await hooked();
    const socket = await connect(through.url());
    await inOrder(socket, ['answer:ready', 'done'], ['ready', 'done']);
    const { record } = await through.next('opened');
    expect(record).toMatchObject({ clientMessages: 2, serverMessages: 1 });
  });

  test('messages of the server pass through it, too', async () => {
    const { url } = await echoServer((socket) => socket.send('secret'));
    const through = await hooked({ servers: [url] });
    const { peer } = await dialPeer(through.port, { target: '/inbox' });
    onCleanUp(() => peer.raw.socket.destroy());
    expect(await peer.next('text')).toMatchObject({ data: 'hidden from /inbox' });
  });

  test('close: both sides get the code', async () => {
    let serverCode = 0;
    const { url } = await echoServer((socket) =>
      socket.on('close', (code) => {
        serverCode = code;
      }),
    );
    const through = await hooked({ servers: [url] });
    const socket = await connect(through.url());
    socket.send('close:4321');
    const [code, reason] = await once(socket, 'close');
    expect([code, String(reason)]).toEqual([4321, 'asked for']);
    expect((await through.ended()).end).toMatchObject({ by: 'edge', cause: 'hook', code: 4321, reason: 'asked for' });
    expect(serverCode).toBe(4321);
  });

  test.each(['throw', 'hang', 'loop', 'nonsense'])('%s: that connection is closed, and no other', async (word) => {
    const through = await hooked({ settings: { deadlineMs: 400 } });
    const other = await connect(through.url());
    const socket = await connect(through.url());
    socket.send(word);
    // Behind a loop it waits for the next thread.
    const echoed = once(other, 'message');
    other.send('still here');
    expect((await once(socket, 'close'))[0]).toBe(1011);
    expect((await through.ended()).end).toMatchObject({ by: 'edge', cause: 'hook', code: 1011 });
    expect(String((await echoed)[0])).toBe('still here');
    expect(await through.next('hook-failed')).toMatchObject({ hook: 'onMessage', route: 'all' });
  });

  test('where the route says pass, a failure passes the message unchanged', async () => {
    const through = await hooked({ settings: { onFailure: 'pass', deadlineMs: 300 } });
    await inOrder(
      await connect(through.url()),
      ['throw', 'hang', 'nonsense', 'on'],
      ['throw', 'hang', 'nonsense', 'on'],
    );
  });

  test('a drain takes a connection that is at rest at once, and one with a message in the hook behind that message', async () => {
    const through = await hooked();
    const [atRest, busy] = [await connect(through.url()), await connect(through.url())];
    const [first, second] = [(await through.next('opened')).record, (await through.next('opened')).record];
    await inOrder(atRest, ['one'], ['one']);
    const request = { code: 1012, reason: 'a drain', by: 'edge', cause: 'drain' } as const;
    expect(through.gateway.drainConnection(first.id, request)).toBe(true);
    expect(first.state).toBe('closing');

    const got = received(busy);
    busy.send('wait:200:two');
    await expect.poll(() => through.gateway.totals().routes.all!.clientMessages).toBe(2);
    expect(through.gateway.drainConnection(second.id, request)).toBe(true);
    expect(second.state).toBe('open');
    expect((await once(busy, 'close'))[0]).toBe(1012);
    expect(got).toEqual(['wait:200:two']);
  });

  test('the order is kept, however long the hook takes for each', async () => {
    const through = await hooked();
    const words = Array.from({ length: 30 }, (_, i) => `wait:${((i * 7) % 5) * 3}:${i}`);
    await inOrder(await connect(through.url()), words, words);
  });

  test('a module without onMessage leaves the route a tunnel', async () => {
    const through = await hooked({ hooks: 'export const onOpen = () => {};' });
    await inOrder(await connect(through.url()), ['one'], ['one']);
  });

  test('a reload changes what live connections get for their next message', async () => {
    const tagging = (tag: string) =>
      `export const onMessage = ({ from, data }) => from === 'client' ? { replace: data + '${tag}' } : undefined;`;
    const file = hooksModule({ 'hooks.mjs': tagging(' one') });
    const { url } = await echoServer();
    const plan = hookedPlan({ servers: [url], hooks: file, settings: messages });
    const through = await edgeFor([], {}, { plan });
    const socket = await connect(through.url());
    await inOrder(socket, ['a'], ['a one']);
    const next = hooksModule({ 'hooks.mjs': tagging(' two') });
    through.gateway.apply({ ...plan, hooks: next });
    await through.next('hooks-loaded');
    await inOrder(socket, ['b'], ['b two']);
    through.gateway.apply({ ...plan, hooks: null });
    await expect
      .poll(async () => {
        socket.send('c');
        return String((await once(socket, 'message'))[0]);
      })
      .toBe('c');
  });
});
