/** The first messages of a client, which the new server gets again. */
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { cleanUp, connect, edgeFor, onCleanUp } from '../../servers.ts';
import { ear, named } from './named-server.ts';

afterEach(cleanUp);

test('replay: the first messages are sent again, and their answers are heard again', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url], { move: { replay: { messages: 2, until: null, bytesMax: 1000 } } });
  const client = await connect(edge.url());
  const ears = ear(client);
  for (const word of ['login', 'subscribe', 'hello']) client.send(word);
  await ears.until(3);
  edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
  a.kill();
  await edge.next('moved');
  client.send('after');
  expect(await ears.until(6)).toEqual(['a:login', 'a:subscribe', 'a:hello', 'b:login', 'b:subscribe', 'b:after']);
});

test.each([false, { threshold: 0 }])(
  'replay until: what the server answers up to then is not heard again (compression %j)',
  async (perMessageDeflate) => {
    const speaks = (socket: WebSocket) => socket.send('welcome');
    const [a, b] = [await named('a', { perMessageDeflate }, speaks), await named('b', { perMessageDeflate }, speaks)];
    const edge = await edgeFor([a.url], { move: { replay: { messages: null, until: '^.:init$', bytesMax: 1000 } } });
    const client = new WebSocket(edge.url());
    onCleanUp(() => client.terminate());
    const ears = ear(client);
    await once(client, 'open');
    client.send('init');
    await ears.until(2);
    client.send('more');
    await ears.until(3);
    edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
    a.kill();
    await edge.next('moved');
    client.send('after');
    expect(await ears.until(4)).toEqual(['welcome', 'a:init', 'a:more', 'b:after']);
    expect(b.heard).toEqual(['init', 'after']);
  },
);

test('a replay that is larger than its bound: the client is closed with 1012', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url], { move: { replay: { messages: 2, until: null, bytesMax: 200 } } });
  const client = await connect(edge.url());
  const ears = ear(client);
  client.send('x'.repeat(300));
  await ears.until(1);
  edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
  a.kill();
  expect((await edge.next('move-failed')).detail).toBe('what has to be replayed is more than 200 bytes');
  expect((await once(client, 'close'))[0]).toBe(1012);
});
