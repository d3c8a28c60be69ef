/** Compression, strictness and size of a route, through a real gateway. */
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { opcodes } from '../../../src/ws/opcode.ts';
import { acceptPeer, dialPeer } from '../../support/raw-peer.ts';
import { rawServer } from '../../support/raw-socket.ts';
import { cleanUp, connect, echoServer, edgeFor, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

const safari =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.2 Safari/605.1.15';

test.each([
  ['pass', safari, 'permessage-deflate'],
  ['off', 'Agent/1.0', ''],
  ['unless-broken', 'Agent/1.0', 'permessage-deflate'],
  ['unless-broken', safari, ''],
] as const)('compression: %s with %s', async (compression, userAgent, agreed) => {
  const { url } = await echoServer();
  const through = await edgeFor([url], { compression });
  const socket = await connect(through.url(), { perMessageDeflate: true, headers: { 'User-Agent': userAgent } });
  expect(socket.extensions).toBe(agreed);
  socket.send('x'.repeat(5000));
  expect(String((await once(socket, 'message'))[0])).toHaveLength(5000);
  expect((await through.next('opened')).record.compressed).toBe(agreed !== '');
});

test.each([true, false])('strict: %s, and a subprotocol that nobody offered', async (strict) => {
  const server = await rawServer((socket) => void acceptPeer(socket, { headers: ['Sec-WebSocket-Protocol: chat'] }));
  onCleanUp(() => server.close());
  const through = await edgeFor([server.url], { strict });
  const answer = dialPeer(through.port).then(
    ({ head }) => /Protocol: chat/.test(head),
    (error: Error) => error.message,
  );
  expect(await answer).toEqual(strict ? 'the answer is HTTP/1.1 502 Bad Gateway' : true);
});

test.each([true, false])('strict: %s, and a length that is longer than it has to be', async (strict) => {
  const { url } = await echoServer();
  const through = await edgeFor([url], { strict });
  const { peer } = await dialPeer(through.port);
  onCleanUp(() => peer.raw.socket.destroy());
  peer.write(Buffer.from([0x81, 0x80 | 126, 0, 1, 0, 0, 0, 0, 0x61]));
  if (strict) expect(await peer.next('close')).toMatchObject({ code: 1002 });
  // `ws` reads it as it is.
  else expect(await peer.next('text')).toMatchObject({ data: 'a' });
});

test('limits.message: off lets any size pass', async () => {
  const { url } = await echoServer();
  const through = await edgeFor([url], { limits: { messageBytesMax: null } });
  const socket = new WebSocket(through.url(), { maxPayload: 2 ** 27, perMessageDeflate: false });
  onCleanUp(() => socket.terminate());
  await once(socket, 'open');
  socket.send(Buffer.alloc(40_000_000));
  expect(((await once(socket, 'message'))[0] as Buffer).length).toBe(40_000_000);
});

test('a close for size names it, and the setting', async () => {
  const { url } = await echoServer();
  const through = await edgeFor([url], { limits: { messageBytesMax: 65_536 } });
  const { peer } = await dialPeer(through.port);
  onCleanUp(() => peer.raw.socket.destroy());
  peer.frame(opcodes.binary, Buffer.alloc(70_000));
  const reason = 'a message of 70000 bytes came from the client; limits.message of the route is 64k (65536 bytes)';
  expect(await peer.next('close')).toMatchObject({ code: 1009, reason });
  expect((await through.ended()).end).toMatchObject({ cause: 'message-too-big', reason });
});
