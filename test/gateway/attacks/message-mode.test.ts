/** A few bytes that make much work, in message mode: whoever sends them is slowed down, and nobody else notices. */
import { afterEach, describe, expect, test } from 'vitest';
import { encodeFrame } from '../../../src/ws/frame.ts';
import { type Opcode, opcodes } from '../../../src/ws/opcode.ts';
import { cleanUp } from '../servers.ts';
import { zlibDeflated } from './payloads.ts';
import { scene, storeBytesMax, unharmed } from './scene.ts';

afterEach(cleanUp);

const mask = Uint8Array.of(1, 2, 3, 4);
const mebibyte = 1_048_576;

function frame(opcode: Opcode, payload: Uint8Array | string = '', more: { fin?: boolean; rsv1?: boolean } = {}) {
  return encodeFrame({ opcode, payload: Buffer.from(payload as string), mask, ...more });
}

interface Flood {
  readonly kind: string;
  readonly what: string;
  /** Comes first. */
  readonly first?: Uint8Array;
  /** Repeated up to this many bytes. */
  readonly frame: Uint8Array;
  readonly bytes: number;
  readonly deflate?: boolean;
}

const finalBlocks = Buffer.concat(Array.from({ length: 15 }, () => Buffer.from([0x03, 0x00])));
const floods: readonly Flood[] = [
  { kind: 'control', what: 'empty pongs', frame: frame(opcodes.pong), bytes: 400_000 },
  { kind: 'control', what: 'empty pings', frame: frame(opcodes.ping), bytes: 400_000 },
  { kind: 'control', what: 'full pongs', frame: frame(opcodes.pong, Buffer.alloc(125)), bytes: 2_000_000 },
  {
    kind: 'fragments',
    what: 'one byte each',
    first: frame(opcodes.text, 'a', { fin: false }),
    frame: frame(opcodes.continuation, 'b', { fin: false }),
    bytes: 1_000_000,
  },
  {
    kind: 'fragments',
    what: 'empty ones',
    first: frame(opcodes.text, 'a', { fin: false }),
    frame: frame(opcodes.continuation, '', { fin: false }),
    bytes: 400_000,
  },
  {
    kind: 'fragments',
    what: 'a pong between any two',
    first: frame(opcodes.text, 'a', { fin: false }),
    frame: Buffer.concat([frame(opcodes.continuation, 'b', { fin: false }), frame(opcodes.pong)]),
    bytes: 400_000,
  },
  { kind: 'messages', what: 'empty ones', frame: frame(opcodes.text), bytes: 60_000 },
  { kind: 'messages', what: 'tiny texts', frame: frame(opcodes.text, 'a'), bytes: 60_000 },
  {
    kind: 'messages',
    what: 'two frames each',
    frame: Buffer.concat([frame(opcodes.text, 'a', { fin: false }), frame(opcodes.continuation)]),
    bytes: 60_000,
  },
  {
    kind: 'deflate',
    what: 'a megabyte in a kilobyte',
    frame: frame(opcodes.binary, zlibDeflated(Buffer.alloc(mebibyte)), { rsv1: true }),
    bytes: 60_000,
    deflate: true,
  },
  {
    kind: 'deflate',
    what: 'fifteen final blocks each',
    frame: frame(opcodes.text, finalBlocks, { rsv1: true }),
    bytes: 60_000,
    deflate: true,
  },
  {
    kind: 'deflate',
    what: 'texts of one byte',
    frame: frame(opcodes.text, zlibDeflated('a'), { rsv1: true }),
    bytes: 30_000,
    deflate: true,
  },
];

describe('a flood', () => {
  test.each(floods.map((flood) => [`${flood.kind}: ${flood.what}`, flood] as const))(
    '%s',
    async (title, flood) => {
      const hooks = `export const onMessage = ({ data }) => (data === 'done' ? undefined : 'drop');`;
      const stage = await scene({ hooks });
      const attacker = await stage.client({ deflate: flood.deflate ?? false });
      await unharmed('before', stage, 2);
      if (flood.first !== undefined) attacker.write(flood.first);
      const times = Math.floor(flood.bytes / flood.frame.length);
      attacker.write(Buffer.concat(Array.from({ length: times }, () => flood.frame)));
      await unharmed(title, stage);
      // And nothing of it was lost: what comes behind the flood is reached in the end, by the one who sent it.
      if (flood.kind === 'fragments') attacker.frame(opcodes.continuation, '');
      attacker.frame(opcodes.text, 'done');
      await attacker.next('text');
      expect(stage.served).toBeGreaterThan(0);
    },
    60_000,
  );
});

test('memory: a hundred clients whose messages inflate a thousandfold hold no more than the worker’s store', async () => {
  const hooks = `export const onMessage = () => new Promise((resolve) => setTimeout(() => resolve('drop'), 50));`;
  const stage = await scene({ hooks });
  const clients = await Promise.all(Array.from({ length: 100 }, () => stage.client({ deflate: true })));
  const bomb = frame(opcodes.binary, zlibDeflated(Buffer.alloc(mebibyte)), { rsv1: true });
  for (const client of clients) client.write(Buffer.concat(Array.from({ length: 5 }, () => bomb)));
  await unharmed('a hundred bombers', stage, 100);
  await expect.poll(() => stage.edge.gateway.totals().routes.all!.clientMessages, { timeout: 60_000 }).toBe(500);
  // A message more for the one that was begun below the limit, and what lies unread.
  expect(stage.bufferedMax).toBeLessThanOrEqual(storeBytesMax + 2 * mebibyte);
  expect(stage.bufferedMax).toBeGreaterThan(storeBytesMax / 2);
}, 90_000);
