/**
 * Message mode under streams of any kind in any chunking, with hooks that take their time: what is legal arrives, and
 * nothing is left over.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { opcodes } from '../../../src/ws/opcode.ts';
import { acceptPeer, dialPeer, type PeerEvent, type RawPeer } from '../../support/raw-peer.ts';
import { type RawServer, type RawSocket, rawServer } from '../../support/raw-socket.ts';
import { cut, sizes } from '../../ws/chunking.ts';
import { faults, legalStream, type Stream, spoil } from '../../ws/streams.ts';
import { startEdge, type TestEdge } from '../edge.ts';
import { cleanUp } from '../servers.ts';
import { hookedPlan, hooksModule } from './module.ts';

/** Some answers come at once, some late: both ways through the queue. */
const hooks = `
  let count = 0;
  export const onMessage = () => (count++ % 3 === 0 ? new Promise((resolve) => setTimeout(resolve, count % 5)) : undefined);`;

let edge: TestEdge;
let server: RawServer;
let onAccepted: (peer: Promise<RawPeer>) => void = () => {};

beforeAll(async () => {
  server = await rawServer((socket) => {
    onAccepted(acceptPeer(socket, {}, { manners: 'mute', pongs: false }).then(({ peer }) => peer));
  });
  const change = { limits: { messageBytesMax: 4096, bufferBytesMax: 4096 } };
  const file = hooksModule({ 'hooks.mjs': hooks });
  edge = await startEdge(
    [],
    {},
    { plan: hookedPlan({ servers: [server.url], hooks: file, settings: { messages: true }, change }) },
  );
});
afterAll(async () => {
  await edge.close();
  await server.close();
  await cleanUp();
});

async function pair(): Promise<{ client: RawPeer; peer: RawPeer }> {
  const accepted = new Promise<RawPeer>((resolve, reject) => {
    onAccepted = (peer) => peer.then(resolve, reject);
  });
  const { peer: client } = await dialPeer(edge.port, {}, { manners: 'mute', pongs: false });
  return { client, peer: await accepted };
}

const conducts = fc.record({ seed: fc.nat(), frames: fc.integer({ min: 0, max: 12 }), sizes, faults });
type Conduct = typeof conducts extends fc.Arbitrary<infer Value> ? Value : never;

test('legal streams from both sides arrive whole, in order', async () => {
  await fc.assert(
    fc.asyncProperty(conducts, conducts, async (up, down) => {
      const { client, peer } = await pair();
      const sent = { up: streamOf('client', up), down: streamOf('server', down) };
      for (const piece of cut(sent.up.bytes, up.sizes)) client.write(piece);
      for (const piece of cut(sent.down.bytes, down.sizes)) peer.write(piece);
      client.close(4000);
      await peer.next('close');
      peer.close(4000);
      await client.next('close');
      expectCarried(peer, sent.up);
      expectCarried(client, sent.down);
      await finish(client, peer, 'end');
      expect((await edge.ended()).end).toMatchObject({ cause: 'client-close', code: 4000 });
    }),
    { numRuns: 60 },
  );
});

test('spoilt streams and sudden ends leave nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(conducts, conducts, fc.boolean(), async (up, down, reset) => {
      const { client, peer } = await pair();
      for (const piece of cut(spoil(streamOf('client', up).bytes, up.faults), up.sizes)) client.write(piece);
      for (const piece of cut(spoil(streamOf('server', down).bytes, down.faults), down.sizes)) peer.write(piece);
      await finish(client, peer, reset ? 'reset' : 'end');
      await edge.ended();
      // What reaches either end is right, whatever the other sent.
      expect([client.violation, peer.violation]).toEqual([null, null]);
    }),
    { numRuns: 100 },
  );
  expect(edge.gateway.registry.size).toBe(0);
  expect(edge.gateway.totals().routes.all).toMatchObject({ open: 0, bufferedBytes: 0 });
});

function streamOf(from: 'client' | 'server', { seed, frames }: Conduct): Stream {
  return legalStream({ seed, frames, from });
}

function expectCarried(peer: RawPeer, sent: Stream): void {
  const of = (...kinds: PeerEvent['kind'][]) => peer.events.filter((event) => kinds.includes(event.kind));
  const messages = sent.messages.map(({ kind, data }) => ({
    kind,
    data: kind === 'text' ? Buffer.from(data).toString() : Buffer.from(data),
  }));
  expect(of('text', 'binary')).toEqual(messages);
  const controls = sent.controls.map(({ opcode, payload }) => ({
    kind: opcode === opcodes.ping ? 'ping' : 'pong',
    data: Buffer.from(payload),
  }));
  expect(of('ping', 'pong')).toEqual(controls);
}

async function finish(client: RawPeer, peer: RawPeer, how: 'end' | 'reset'): Promise<void> {
  const gone = (raw: RawSocket) => raw.over.then(() => raw.socket.destroy());
  if (how === 'end') client.raw.socket.end();
  else client.raw.socket.write('', () => client.raw.reset());
  peer.raw.socket.end();
  await Promise.all([gone(client.raw), gone(peer.raw)]);
}
