/** permessage-deflate: what was agreed on, and what is sent under it. */
import type { DeflateWishes } from '../../../../src/ws/deflate-offer.ts';
import { opcodes } from '../../../../src/ws/opcode.ts';
import { hex } from '../../../ws/chunking.ts';
import type { ContractCase, Player } from './case.ts';
import { echoed, patterned, refused } from './moves.ts';

const { text, continuation, ping } = opcodes;
const MiB = 1024 * 1024;

const agreements: Record<string, DeflateWishes> = {
  'context takeover': {},
  'no takeover by the server': { serverNoContextTakeover: true },
  'no takeover by the client': { clientNoContextTakeover: true },
  'no takeover': { serverNoContextTakeover: true, clientNoContextTakeover: true },
  'a window of 10 bits': { serverMaxWindowBits: 10, clientMaxWindowBits: 10 },
  'a window of 9 bits without takeover': {
    serverMaxWindowBits: 9,
    clientMaxWindowBits: 9,
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
  },
};

function compressed(player: Player, kind: 'text' | 'binary', data: string | Uint8Array): void {
  const payload = player.deflater!.deflate(typeof data === 'string' ? Buffer.from(data) : data);
  player.frame(opcodes[kind], payload, { rsv1: true });
}

const deflated: readonly (readonly [name: string, play: ContractCase['play']])[] = [
  [
    'a short text',
    (player) => {
      compressed(player, 'text', 'Hello');
      return echoed(player, 'text');
    },
  ],
  [
    'nothing',
    (player) => {
      compressed(player, 'text', '');
      return echoed(player, 'text');
    },
  ],
  [
    'the same text thrice, which the context makes small',
    (player) => {
      for (let i = 0; i < 3; i++) compressed(player, 'text', 'the same words, over and over, '.repeat(20));
      return echoed(player, 'text', 3);
    },
  ],
  [
    'a megabyte',
    (player) => {
      compressed(player, 'binary', patterned(MiB));
      return echoed(player, 'binary');
    },
  ],
  [
    'fragments with a ping between',
    async (player) => {
      const payload = player.deflater!.deflate(Buffer.from('Hello, fragments '.repeat(30)));
      const third = Math.ceil(payload.length / 3);
      player.frame(text, payload.subarray(0, third), { fin: false, rsv1: true });
      player.frame(ping, 'between');
      player.frame(continuation, payload.subarray(third, 2 * third), { fin: false });
      player.frame(continuation, payload.subarray(2 * third));
      await player.next('pong');
      await echoed(player, 'text');
    },
  ],
  [
    'compressed and plain in turn',
    (player) => {
      compressed(player, 'text', 'squeezed');
      player.frame(text, 'plain');
      compressed(player, 'text', 'squeezed');
      return echoed(player, 'text', 3);
    },
  ],
];

export const compression: ContractCase[] = [
  ...Object.entries(agreements).flatMap(([agreed, deflate]) =>
    deflated.map(([name, play]): ContractCase => ({ name: `deflate, ${agreed}: ${name}`, deflate, play })),
  ),
  {
    name: 'deflate: data that cannot be inflated',
    deflate: {},
    play: (player) => player.frame(text, hex('07 ff'), { rsv1: true }),
  },
  {
    name: 'deflate: text that is not UTF-8 once inflated',
    deflate: {},
    play: (player) => compressed(player, 'text', hex('ff fe')),
  },
  {
    ...refused('deflate: a reserved bit on a continuation', 'reserved-bits', (player) => {
      player.frame(text, 'a', { fin: false });
      player.frame(continuation, 'b', { rsv1: true });
    }),
    deflate: {},
  },
  {
    ...refused('deflate: a reserved bit on a ping', 'reserved-bits', (player) =>
      player.frame(ping, 'a', { rsv1: true }),
    ),
    deflate: {},
  },
];
