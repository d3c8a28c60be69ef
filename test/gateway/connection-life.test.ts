/** What becomes of a connection: heartbeats, timeouts, rates, slow readers and reloads. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { testPlan } from './edge.ts';
import { cleanUp, connect, echoServer, edgeFor, onCleanUp } from './servers.ts';

afterEach(cleanUp);

describe('a connection’s life', () => {
  test('the heartbeat measures the round trip, and its pongs stay with the edge', async () => {
    let pongs = 0;
    const { url } = await echoServer((socket) => socket.on('pong', () => pongs++));
    const through = await edgeFor([url], { heartbeat: { everyMs: 300, timeoutMs: 2000, server: false } });
    await connect(through.url());
    const { record } = await through.next('opened');
    await expect.poll(() => record.rttMs, { timeout: 3000 }).not.toBeNull();
    expect(record.rttMs).toBeGreaterThanOrEqual(0);
    expect(pongs).toBe(0);
  });

  test('an application’s own pings and pongs pass', async () => {
    let serverPongs = 0;
    const { url } = await echoServer((socket) => {
      socket.on('pong', () => serverPongs++);
      socket.ping('from the application');
    });
    const through = await edgeFor([url], { heartbeat: { everyMs: 200, timeoutMs: 2000, server: true } });
    const client = await connect(through.url());
    const pong = once(client, 'pong');
    client.ping('mine');
    expect(String((await pong)[0])).toBe('mine');
    await expect.poll(() => serverPongs).toBe(1);
  });

  test('a client that does not answer the heartbeat is closed, and both are told', async () => {
    let serverCode = 0;
    const { url } = await echoServer((socket) =>
      socket.on('close', (code) => {
        serverCode = code;
      }),
    );
    const through = await edgeFor([url], { heartbeat: { everyMs: 200, timeoutMs: 300, server: false } });
    await connect(through.url(), { autoPong: false });
    expect((await through.ended()).end).toMatchObject({ cause: 'heartbeat-lost', by: 'edge', code: 1001 });
    expect(serverCode).toBe(1001);
  });

  test('pings do not count as life for the idle timeout; data does', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], {
      idleTimeoutMs: 600,
      heartbeat: { everyMs: 100, timeoutMs: 1000, server: false },
    });
    const client = await connect(through.url());
    const busy = setInterval(() => client.ping(), 50);
    onCleanUp(() => clearInterval(busy));
    expect((await once(client, 'close'))[0]).toBe(1001);
    expect((await through.ended()).end.cause).toBe('idle-timeout');
  });

  test('a connection ends at its lifetime', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], { lifetimeMs: 400 });
    const client = await connect(through.url());
    expect((await once(client, 'close'))[0]).toBe(1001);
    expect((await through.ended()).end.cause).toBe('lifetime');
  });

  test('a client over its message rate is held back first, and gets through', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], { limits: { messagesPerSecond: 50 } });
    const client = await connect(through.url());
    let echoes = 0;
    client.on('message', () => echoes++);
    for (let i = 0; i < 100; i++) client.send(String(i));
    await expect.poll(() => echoes, { timeout: 8000 }).toBe(100);
    expect(client.readyState).toBe(client.OPEN);
  });

  test('a client that owes more than the grace allows is closed with 1008', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], { limits: { messagesPerSecond: 10 } });
    const client = await connect(through.url());
    for (let i = 0; i < 2000; i++) client.send('spam');
    expect((await once(client, 'close'))[0]).toBe(1008);
    expect((await through.ended()).end.cause).toBe('message-rate');
  });

  test('a reader that stays behind is closed as a slow consumer', async () => {
    const { url } = await echoServer((socket) => {
      // Random, or compression makes nothing of it.
      const chunk = randomBytes(256 * 1024);
      const timer = setInterval(() => socket.bufferedAmount < 4e6 && socket.send(chunk), 1);
      socket.on('close', () => clearInterval(timer));
    });
    const through = await edgeFor([url], { limits: { bufferBytesMax: 256 * 1024, slowConsumerMs: 400 } });
    const client = await connect(through.url());
    client.pause();
    expect((await through.ended()).end).toMatchObject({ cause: 'slow-consumer', code: 1013 });
  }, 30_000);

  test('a reload changes what live connections live by, and drops none', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], {
      origins: { allow: ['https://a.example'], mode: 'enforce', missing: 'allow' },
    });
    const client = await connect(through.url());
    const { record } = await through.next('opened');
    const before = testPlan([url], { heartbeat: { everyMs: 200, timeoutMs: 1000, server: false } });
    through.gateway.apply(before);
    await expect.poll(() => record.rttMs, { timeout: 3000 }).not.toBeNull();
    client.send('still here');
    expect(String((await once(client, 'message'))[0])).toBe('still here');
    await connect(through.url(), { origin: 'https://b.example' });
  });
});
