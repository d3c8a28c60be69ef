/**
 * All connections of a worker read into the same memory. Whatever waits for a slow reader must have been copied out of
 * it: messages of all sizes, over many connections at once, some of which stop reading for a while.
 */
import { createHash, randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { cleanUp, connect, echoServer, edgeFor } from '../servers.ts';

afterEach(cleanUp);

const sizes = [0, 1, 125, 126, 4000, 16_384, 16_385, 40_000, 65_536, 65_537, 200_000, 1_000_000, 2_000_000];

test('messages of all sizes come back as they were, over connections that stop and go on', async () => {
  const { url } = await echoServer();
  const through = await edgeFor([url], { limits: { bufferBytesMax: 128 * 1024 } });
  const sockets = await Promise.all(
    Array.from({ length: 9 }, () => connect(through.url(), { perMessageDeflate: false })),
  );
  const results = await Promise.all(sockets.map((socket, index) => echoAll(socket, index)));
  for (const { sent, received } of results) expect(received).toEqual(sent);
}, 120_000);

async function echoAll(socket: WebSocket, index: number): Promise<{ sent: string[]; received: string[] }> {
  const sent: string[] = [];
  const received: string[] = [];
  const rounds = 2;
  const done = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      received.push(digest(data as Buffer));
      // Every third connection stops reading again and again, so that what is meant for it has to wait.
      if (index % 3 === 0 && received.length % 4 === 0) {
        socket.pause();
        setTimeout(() => socket.resume(), 50);
      }
      if (received.length === rounds * sizes.length) resolve();
    });
  });
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < sizes.length; i++) {
      const message = randomBytes(sizes[(i * 5 + index) % sizes.length]!);
      sent.push(digest(message));
      socket.send(message);
    }
  }
  await done;
  return { sent, received };
}

function digest(bytes: Uint8Array): string {
  return `${bytes.length}:${createHash('sha1').update(bytes).digest('hex').slice(0, 12)}`;
}
