/** Frames that break the protocol. */
import { opcodes } from '../../../../src/ws/opcode.ts';
import { violations } from '../../../../src/ws/violation.ts';
import { hex } from '../../../ws/chunking.ts';
import type { ContractCase } from './case.ts';
import { bytes, codeBytes, masked, refused } from './moves.ts';

const { text } = opcodes;

const tooBig =
  'a message of 4611686018427388000 bytes came from the client; limits.message of the route is 32m (33554432 bytes)';

export const broken: ContractCase[] = [
  ...['c1', 'a1', '91', 'f1'].map((first) =>
    refused(`reserved bits ${first}`, 'reserved-bits', bytes(`${first} 01 61`)),
  ),
  ...['c9', 'a9', '99'].map((first) =>
    refused(`reserved bits on a ping ${first}`, 'reserved-bits', bytes(`${first} 01 61`)),
  ),
  ...['83', '84', '85', '86', '87', '8b', '8c', '8d', '8e', '8f'].map((first) =>
    refused(`reserved opcode ${first}`, 'reserved-opcode', bytes(`${first} 01 61`)),
  ),
  refused('a fragmented ping', 'control-fragmented', bytes('09 01 61')),
  refused('a fragmented close', 'control-fragmented', bytes('08 02 03 e8')),
  refused('a ping of 126 bytes', 'control-too-long', bytes(`89 7e 00 7e ${'61'.repeat(126)}`)),
  refused('a continuation of nothing', 'continuation-unexpected', bytes('80 01 61')),
  refused('a continuation of nothing that goes on', 'continuation-unexpected', bytes('00 01 61')),
  refused('a text within a message', 'continuation-missing', (player) => {
    player.frame(text, 'a', { fin: false });
    player.frame(text, 'b');
  }),
  refused('a frame without a mask', 'client-unmasked', (player) => player.write(hex('81 01 61'))),
  {
    ...refused('2^62 bytes', 'message-too-big', bytes('82 7f 40 00 00 00 00 00 00 00')),
    differs: {
      why: 'the edge says how large, whose and which setting',
      client: ['close 1009', `close 1009 ${tooBig}`],
      server: ['close 1006', `close 1001 ${tooBig}`],
    },
  },
  refused('2^63 bytes', 'length-too-large', bytes('82 7f 80 00 00 00 00 00 00 00'), 1009),
  {
    name: 'refused: a length of 1 written in 16 bits',
    play: (player) => {
      player.write(masked(hex('81 7e 00 01 61')));
      // `ws` takes it for a good frame and answers, so that the case needs an end of its own.
      player.frame(opcodes.close, codeBytes(1000));
    },
    differs: {
      why: 'RFC 6455, 5.2 demands the shortest form; ws does not check it',
      client: ['text 1 61 | close 1000', `close 1002 ${violations['length-not-minimal'].sentence}`],
      server: ['text 1 | close 1000', `close 1001 ${violations['length-not-minimal'].sentence}`],
    },
  },
];
