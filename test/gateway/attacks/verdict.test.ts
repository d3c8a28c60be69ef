/**
 * A client that breaks the protocol behind something right: what was right is answered, and then it is told what was
 * wrong.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { opcodes } from '../../../src/ws/opcode.ts';
import { acceptPeer, dialPeer, type RawPeer } from '../../support/raw-peer.ts';
import { rawServer } from '../../support/raw-socket.ts';
import { hookedPlan } from '../hooks/module.ts';
import { cleanUp, edgeFor, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

const mask = [1, 2, 3, 4];
const bytes = (...all: number[]) => Buffer.from(all);
/** Of Autobahn's cases in which a valid message comes first: its section, and the frame that is wrong. */
const faults: readonly (readonly [string, Buffer])[] = [
  ['3.2: RSV 2', bytes(0xa1, 0x80, ...mask)],
  ['3.3: RSV 3, in a frame of its own', bytes(0xb1, 0x80, ...mask)],
  ['3.4: RSV 4', bytes(0xc1, 0x80, ...mask)],
  ['4.1.3: opcode 5', bytes(0x85, 0x80, ...mask)],
  ['4.1.4: opcode 6 with a payload', bytes(0x86, 0x81, ...mask, 0)],
  ['4.1.5: opcode 7', bytes(0x87, 0x80, ...mask)],
  ['4.2.3: opcode 13', bytes(0x8d, 0x80, ...mask)],
  ['4.2.4: opcode 14 with a payload', bytes(0x8e, 0x81, ...mask, 0)],
  ['4.2.5: opcode 15', bytes(0x8f, 0x80, ...mask)],
  ['5.15: a continuation of nothing', bytes(0x80, 0x80, ...mask)],
  ['a frame without a mask', bytes(0x81, 0x00)],
];

interface Stage {
  readonly client: RawPeer;
  readonly server: Promise<RawPeer>;
}

async function stage(
  mode: 'tunnel' | 'messages',
  server: (peer: RawPeer) => void,
  manners: 'polite' | 'mute',
): Promise<Stage> {
  let resolve!: (peer: RawPeer) => void;
  const accepted = new Promise<RawPeer>((done) => {
    resolve = done;
  });
  const behind = await rawServer((socket) => {
    void acceptPeer(socket, {}, { manners }).then(({ peer }) => {
      server(peer);
      resolve(peer);
    });
  });
  onCleanUp(() => behind.close());
  const plan = hookedPlan({
    servers: [behind.url],
    hooks: 'export const onMessage = () => {};',
    settings: { messages: mode === 'messages' },
  });
  const through = await edgeFor([], {}, { plan });
  const { peer } = await dialPeer(through.port, {}, { manners: 'polite' });
  onCleanUp(() => peer.raw.socket.destroy());
  return { client: peer, server: accepted };
}

async function echoing(peer: RawPeer): Promise<void> {
  const { data } = await peer.next('text');
  // A server that thinks for a moment.
  await wait(20);
  peer.frame(opcodes.text, data);
}

describe.each(['tunnel', 'messages'] as const)('%s', (mode) => {
  test.each(faults)('%s', async (_what, fault) => {
    const { client, server } = await stage(mode, (peer) => void echoing(peer), 'mute');
    client.write(Buffer.concat([client.encoded(opcodes.text, 'Hello'), fault]));
    const told = (await server).next('close');
    expect(await client.next('text')).toMatchObject({ data: 'Hello' });
    expect(await client.next('close')).toMatchObject({ code: 1002 });
    expect(client.events.map(({ kind }) => kind)).toEqual(['text', 'close']);
    expect(await told).toMatchObject({ code: 1001 });
  });

  test('the server closes at once: so does the edge, with the client’s own verdict', async () => {
    const { client, server } = await stage(mode, () => {}, 'polite');
    client.write(faults[0]![1]);
    expect(await client.next('close')).toMatchObject({ code: 1002 });
    expect(await (await server).ending()).toBe('close 1001');
    expect(client.events).toHaveLength(1);
  });

  test('the server breaks off: the client is told all the same', async () => {
    const { client } = await stage(mode, (peer) => void peer.next('close').then(() => peer.raw.reset()), 'mute');
    client.write(faults[0]![1]);
    expect(await client.next('close')).toMatchObject({ code: 1002 });
  });

  test('a message over the limit: the same, and the close says how large it was, the limit and the side', async () => {
    const { client } = await stage(mode, (peer) => void echoing(peer), 'mute');
    const huge = bytes(0x82, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, ...mask);
    client.write(Buffer.concat([client.encoded(opcodes.text, 'Hello'), huge]));
    expect(await client.next('text')).toMatchObject({ data: 'Hello' });
    expect(await client.next('close')).toMatchObject({
      code: 1009,
      reason: 'a message of 268435456 bytes came from the client; limits.message of the route is 32m (33554432 bytes)',
    });
  });
});
