/** A connection whose server is exchanged under it: what its client, the old server and the new one see. */
import { once } from 'node:events';
import type net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { encodeFrame } from '../../../../src/ws/frame.ts';
import { opcodes } from '../../../../src/ws/opcode.ts';
import { testCertificate } from '../../../support/certificate.ts';
import { cleanUp, connect, edgeFor, onCleanUp } from '../../servers.ts';
import { closing, ear, idOf, move, named } from './named-server.ts';

afterEach(cleanUp);

test('a server that is lost is replaced, and the client hears the next answer', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url, b.url], move);
  const client = await connect(edge.url('/room?x=1'));
  const ears = ear(client);
  client.send('1');
  const first = (await ears.until(1))[0]!.startsWith('a') ? a : b;
  const other = first === a ? b : a;
  first.kill();
  const told = await edge.next('moved');
  expect(told).toMatchObject({ from: first.url, server: other.url, reason: 'server-lost' });
  client.send('2');
  expect((await ears.until(2))[1]).toBe(`${other === a ? 'a' : 'b'}:2`);
  expect(other.moved).toEqual(['server-lost']);
  expect([...edge.gateway.registry.all()].map(({ server }) => server)).toEqual([other.url]);
  expect(edge.gateway.totals()).toMatchObject({ openByServer: { [other.url]: 1 } });
  expect(edge.gateway.totals().routes.all!.moves).toEqual({ 'server-lost': 1 });
});

test('a drain moves: everything that was said is answered once and in order, and the old server gets a close frame', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url, b.url], move);
  const client = await connect(edge.url());
  const ears = ear(client);
  const id = idOf(edge);
  let said = 0;
  const timer = setInterval(() => client.send(String(said++)), 1);
  onCleanUp(() => clearInterval(timer));
  await ears.until(20);
  for (let moves = 0; moves < 5; moves++) {
    edge.gateway.moveConnection(id, 'drain', closing);
    await edge.next('moved');
    await ears.until(ears.heard.length + 20);
  }
  clearInterval(timer);
  await ears.until(said);
  expect(ears.heard.map((answer) => Number(answer.split(':')[1]))).toEqual([...Array(said).keys()]);
  expect(new Set([...a.closes, ...b.closes])).toEqual(new Set([1001]));
  client.close(4001, 'enough');
  expect((await edge.ended()).end).toMatchObject({ cause: 'client-close', code: 4001 });
});

test('a client over TLS stays connected when its server is drained, and when it is lost', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url, b.url], move, { certificates: [testCertificate] });
  const client = await connect(edge.url().replace('ws:', 'wss:'), { rejectUnauthorized: false });
  const ears = ear(client);
  let said = 0;
  const timer = setInterval(() => client.send(String(said++)), 2);
  onCleanUp(() => clearInterval(timer));
  await ears.until(20);
  for (let moves = 0; moves < 3; moves++) {
    edge.gateway.moveConnection(idOf(edge), 'drain', closing);
    await edge.next('moved');
    await ears.until(ears.heard.length + 20);
  }
  clearInterval(timer);
  await ears.until(said);
  expect(ears.heard.map((answer) => Number(answer.split(':')[1]))).toEqual([...Array(said).keys()]);
  const [record] = edge.gateway.registry.all();
  expect(record!.tls).toBe(true);
  const other = record!.server === a.url ? b : a;
  (other === b ? a : b).kill();
  expect(await edge.next('moved')).toMatchObject({ reason: 'server-lost', server: other.url });
  client.send('x'.repeat(100_000));
  expect((await ears.until(said + 1)).at(-1)).toHaveLength(100_002);
});

const offers = [true, { serverNoContextTakeover: true }, { clientNoContextTakeover: true, serverMaxWindowBits: 10 }];

test.each(offers)('compressed messages go on with the new server: %j', async (perMessageDeflate) => {
  const deflate = { perMessageDeflate: { threshold: 0 } };
  const [a, b] = [await named('a', deflate), await named('b', deflate)];
  const edge = await edgeFor([a.url, b.url], move);
  const client = new WebSocket(edge.url(), { perMessageDeflate });
  onCleanUp(() => client.terminate());
  const [[answer]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')]);
  expect(answer.headers['sec-websocket-extensions']).toContain('client_no_context_takeover');
  const ears = ear(client);
  const text = 'the same words again and again '.repeat(20);
  for (let round = 0; round < 6; round++) {
    client.send(text + round);
    expect((await ears.until(round + 1))[round]).toMatch(new RegExp(`^[ab]:the same.*${round}$`));
    const id = idOf(edge);
    edge.gateway.moveConnection(id, 'rebalance', closing);
    await edge.next('moved');
  }
});

test('half a message of a server that dies reaches nobody', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url], move);
  const client = await connect(edge.url());
  const ears = ear(client);
  client.send('1');
  await ears.until(1);
  edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
  const [server] = a.server.clients;
  const frame = encodeFrame({ opcode: opcodes.text, mask: null, payload: Buffer.from('x'.repeat(5000)) });
  const { _socket: socket } = server as unknown as { _socket: net.Socket };
  socket.write(
    Buffer.concat([
      encodeFrame({ opcode: opcodes.text, mask: null, payload: Buffer.from('whole') }),
      frame.subarray(0, 3000),
    ]),
  );
  expect((await ears.until(2))[1]).toBe('whole');
  a.kill();
  await edge.next('moved');
  client.send('2');
  expect(await ears.until(3)).toEqual(['a:1', 'whole', 'b:2']);
});
