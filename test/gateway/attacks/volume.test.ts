/** limits.messages holds for everything that costs about as much as a message. */
import { afterEach, expect, test } from 'vitest';
import { type Opcode, opcodes } from '../../../src/ws/opcode.ts';
import { dialPeer } from '../../support/raw-peer.ts';
import { cleanUp, echoServer, edgeFor, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

const floods: readonly (readonly [string, Opcode, string, boolean])[] = [
  ['pings', opcodes.ping, '', true],
  ['pongs', opcodes.pong, '', true],
  ['full pongs', opcodes.pong, 'x'.repeat(125), true],
  ['empty fragments', opcodes.continuation, '', false],
  ['fragments of a byte', opcodes.continuation, 'a', false],
  ['fragments of 500 bytes', opcodes.continuation, 'a'.repeat(500), false],
  ['texts', opcodes.text, 'a', true],
];

test.each(floods)(
  '%s: two hundred thousand are closed with 1008',
  async (_what, opcode, payload, fin) => {
    const { url } = await echoServer();
    const through = await edgeFor([url], { limits: { messagesPerSecond: 100 } });
    const { peer } = await dialPeer(through.port);
    onCleanUp(() => peer.raw.socket.destroy());
    if (!fin) peer.frame(opcodes.text, 'begins', { fin: false });
    const frame = peer.encoded(opcode, payload, { fin });
    const chunk = Buffer.concat(Array.from({ length: 10_000 }, () => frame));
    for (let sent = 0; sent < 200_000 && peer.closed === null && !peer.raw.ended; sent += 10_000) {
      peer.write(chunk);
      await new Promise(setImmediate);
    }
    expect((await through.ended()).end).toMatchObject({ cause: 'message-rate', code: 1008 });
  },
  40_000,
);

test('a large message in the pieces that browsers make is one', async () => {
  const { url } = await echoServer();
  const through = await edgeFor([url], { limits: { messagesPerSecond: 3 } });
  const { peer } = await dialPeer(through.port);
  onCleanUp(() => peer.raw.socket.destroy());
  const piece = Buffer.alloc(16_384, 'x');
  peer.frame(opcodes.text, piece, { fin: false });
  for (let i = 0; i < 62; i++) peer.frame(opcodes.continuation, piece, { fin: false });
  peer.frame(opcodes.continuation, piece);
  peer.frame(opcodes.text, 'and another');
  await peer.next('text', 2);
  expect(peer.closed).toBeNull();
}, 40_000);
