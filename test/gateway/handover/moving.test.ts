/** A connection whose server can be exchanged is handed to another worker, which can do so as well. */
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { cleanUp, connect, echoServer, edgeFor } from '../servers.ts';
import { handOver, startMirror } from './two-edges.ts';

afterEach(cleanUp);

test.each([
  { messages: 1, until: null, bytesMax: 1000 },
  { messages: null, until: 'hello', bytesMax: 1000 },
])('half a message on its way, and a server that is lost afterwards: %j', async (replay) => {
  const seen: string[] = [];
  const note = (name: string) => (socket: import('ws').WebSocket) => {
    socket.on('message', (data) => seen.push(`${name} ${String(data).slice(0, 5)}`));
  };
  const [a, b] = [await echoServer(note('a')), await echoServer(note('b'))];
  const change = { move: { replay } };
  const first = await edgeFor([a.url], change, { idPrefix: 'first' });
  const second = await edgeFor([a.url, b.url], change, { idPrefix: 'second' });
  const client = await connect(first.url(), { perMessageDeflate: false });
  client.send('hello');
  await once(client, 'message');
  const raw = (client as unknown as { _socket: import('node:net').Socket })._socket;
  // The first half of a frame of five bytes, which the edge keeps until the rest is there.
  raw.write(Buffer.from([0x81, 0x85, 0, 0, 0, 0, 0x77, 0x6f]));
  await new Promise((resolve) => setTimeout(resolve, 50));

  const { id } = [...first.gateway.registry.all()][0]!;
  await handOver(startMirror(), first, second, id);
  raw.write(Buffer.from([0x72, 0x6c, 0x64]));
  expect(String((await once(client, 'message'))[0])).toBe('world');
  for (const socket of a.server.clients) socket.terminate();
  a.server.close();
  expect(await second.next('moved')).toMatchObject({ from: a.url, server: b.url, reason: 'server-lost' });
  client.send('again');
  const answers: string[] = [];
  while (answers.at(-1) !== 'again') answers.push(String((await once(client, 'message'))[0]));
  expect(answers).toEqual(replay.until === null ? ['hello', 'again'] : ['again']);
  expect(seen).toEqual(['a hello', 'a world', 'b hello', 'b again']);
});
