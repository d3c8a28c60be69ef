import { expect, test } from 'vitest';
import { dialPeer, handshakeText } from '../support/raw-peer.ts';
import { dialRaw, rawServer } from '../support/raw-socket.ts';
import { startEdge } from './edge.ts';

test('a handshake that waits for its server while the worker ends gets 503, and no tunnel', async () => {
  let asked: (() => void) | undefined;
  const reached = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const server = await rawServer((socket) => {
    asked?.();
    void socket.over.then(() => socket.socket.destroy());
  });
  const edge = await startEdge([server.url]);
  const client = await dialRaw(edge.port);
  client.write(handshakeText());
  await reached;
  const closed = edge.close();
  await client.over;
  client.socket.end();
  expect(client.received.toString('latin1')).toMatch(/^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n/);
  await closed;
  expect(edge.events.map((event) => event.kind)).toEqual(['refused']);
  expect((await edge.next('refused')).refusal.outcome).toBe('gate-closed');
  await expect(dialPeer(edge.port)).rejects.toThrow();
  await server.close();
});
