/**
 * Mutated streams of frames from both sides through a real edge: nothing throws, nothing is left over, and what one
 * side gets is a beginning of what the other sent, with at most the edge's close frame behind it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { FrameScanner } from '../../src/ws/scanner.ts';
import { acceptPeer, dialPeer, type RawPeer } from '../support/raw-peer.ts';
import { headEnd, type RawServer, type RawSocket, rawServer } from '../support/raw-socket.ts';
import { cut, sizes } from '../ws/chunking.ts';
import { faults, legalStream, spoil } from '../ws/streams.ts';
import { startEdge, type TestEdge } from './edge.ts';

/** Enough to meet every violation many times over, in a few seconds of two slow cores. */
const runs = 300;
const messageBytesMax = 4096;

let edge: TestEdge;
let server: RawServer;
let onAccepted: (peer: Promise<RawPeer>) => void = () => {};

beforeAll(async () => {
  server = await rawServer((socket) => {
    onAccepted(acceptPeer(socket, {}, { manners: 'mute' }).then(({ peer }) => peer));
  });
  edge = await startEdge([server.url], { limits: { messageBytesMax } });
});
afterAll(async () => {
  await edge.close();
  await server.close();
});

const conducts = fc.record({
  seed: fc.nat(),
  frames: fc.integer({ min: 0, max: 8 }),
  faults,
  sizes,
  ending: fc.constantFrom<'end' | 'reset'>('end', 'end', 'end', 'reset'),
});

type Conduct = typeof conducts extends fc.Arbitrary<infer Value> ? Value : never;

test('mutated streams from both sides', async () => {
  const causes = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(conducts, conducts, async (fromClient, fromServer) => {
      const accepted = new Promise<RawPeer>((resolve, reject) => {
        onAccepted = (peer) => peer.then(resolve, reject);
      });
      const { peer: client } = await dialPeer(edge.port, {}, { manners: 'mute' });
      const peer = await accepted;
      const sent = { client: streamOf('client', fromClient), server: streamOf('server', fromServer) };
      conduct(client, sent.client, fromClient);
      conduct(peer, sent.server, fromServer);
      await Promise.all([gone(client.raw), gone(peer.raw)]);
      const { end } = await edge.ended();
      causes.set(end.cause, (causes.get(end.cause) ?? 0) + 1);
      expectBeginning(peer.raw, sent.client, 'client');
      expectBeginning(client.raw, sent.server, 'server');
    }),
    { numRuns: runs, endOnFailure: true },
  );
  expect(edge.gateway.registry.size).toBe(0);
  const totals = Object.values(edge.gateway.totals().routes)[0]!;
  expect([totals.open, totals.bufferedBytes]).toEqual([0, 0]);
  // The streams are bad enough to be worth the time, and good enough to get past their first frame.
  expect([...causes.keys()]).toEqual(expect.arrayContaining(['client-protocol-error', 'server-protocol-error']));
});

test('the edge still carries after all that', async () => {
  const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  echo.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  await new Promise((resolve) => echo.once('listening', resolve));
  edge.gateway.setServers('servers', [
    { url: `http://127.0.0.1:${(echo.address() as { port: number }).port}`, weight: 1, connectionsMax: null },
  ]);
  const socket = new WebSocket(edge.url());
  const got = await new Promise((resolve, reject) => {
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (data) => resolve(String(data)));
    socket.on('error', reject);
  });
  expect(got).toBe('hello');
  socket.terminate();
  for (const client of echo.clients) client.terminate();
  echo.close();
});

function streamOf(from: 'client' | 'server', { seed, frames, faults: list }: Conduct): Uint8Array {
  return spoil(legalStream({ seed, frames, from }).bytes, list);
}

function conduct(peer: RawPeer, bytes: Uint8Array, { sizes: pieces, ending }: Conduct): void {
  for (const piece of cut(bytes, pieces)) peer.write(piece);
  const { socket } = peer.raw;
  if (ending === 'end') socket.end();
  else socket.write('', () => peer.raw.reset());
}

function gone(raw: RawSocket): Promise<void> {
  return raw.over.then(() => {
    raw.socket.destroy();
  });
}

/** `raw` has received the beginning of `sent`; then perhaps a close frame of the edge's, and nothing more. */
function expectBeginning(raw: RawSocket, sent: Uint8Array, from: 'client' | 'server'): void {
  const received = raw.received.subarray(headEnd(raw.received)!);
  let same = 0;
  while (same < received.length && received[same] === sent[same]) same++;
  const rest = received.subarray(same);
  if (rest.length === 0) return;
  // The edge's frame may begin like the bytes it stands in for, so that the difference shows within it.
  const scanner = new FrameScanner({ masked: from === 'client', compression: false, messageBytesMax });
  scanner.scan(received);
  const close = scanner.controls.at(-1);
  expect(scanner.violation).toBe(null);
  expect(close?.close, 'what differs is no close frame').not.toBeFalsy();
  expect(close!.start).toBeLessThanOrEqual(same);
  expect(close!.end).toBe(received.length);
}
