/** How connections end: by either side, with every code that may be sent and some that must not. */
import { closeReasonBytesMax } from '../../../../src/ws/frame.ts';
import { opcodes } from '../../../../src/ws/opcode.ts';
import { hex } from '../../../ws/chunking.ts';
import type { ContractCase } from './case.ts';
import { codeBytes, refused } from './moves.ts';
import { commandMark } from './target.ts';

const { text, ping } = opcodes;

const goodCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const badCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

export const closes: ContractCase[] = [
  ...goodCodes.flatMap((code): ContractCase[] => [
    { name: `the client closes with ${code}`, play: (player) => player.close(code, 'because') },
    {
      name: `the server closes with ${code}`,
      play: (player) => player.frame(text, `${commandMark}close ${code} because of that`),
    },
  ]),
  { name: 'the client closes without a code', play: (player) => player.close(null) },
  { name: 'the server closes without a code', play: (player) => player.frame(text, `${commandMark}close`) },
  { name: 'the longest reason', play: (player) => player.close(4000, 'r'.repeat(closeReasonBytesMax)) },
  { name: 'a reason beyond ASCII', play: (player) => player.close(4000, 'wegen Überfüllung 😀') },
  {
    name: 'both close at once',
    play: (player) => {
      player.write(
        Buffer.concat([
          player.encoded(text, `${commandMark}close 1000 server`),
          player.encoded(opcodes.close, codeBytes(1000)),
        ]),
      );
    },
  },
  {
    name: 'a message and the close in one packet',
    play: (player) =>
      player.write(Buffer.concat([player.encoded(text, 'last'), player.encoded(opcodes.close, codeBytes(1000))])),
  },
  {
    name: 'a ping behind the close is not answered',
    play: (player) =>
      player.write(Buffer.concat([player.encoded(opcodes.close, codeBytes(1000)), player.encoded(ping, 'late')])),
  },
  {
    name: 'a close between fragments',
    play: (player) => {
      player.frame(text, 'unfinished', { fin: false });
      player.close(1000);
    },
  },
  ...badCodes.map((code) =>
    refused(`a close with ${code}`, 'close-code', (player) => player.frame(opcodes.close, codeBytes(code))),
  ),
  refused('a close of one byte', 'close-length', (player) => player.frame(opcodes.close, Uint8Array.of(3))),
  refused('a close reason that is not UTF-8', 'close-utf8', (player) =>
    player.frame(opcodes.close, Buffer.concat([codeBytes(1000), hex('ff')])),
  ),
  {
    name: 'the client ends without a close frame',
    play: (player) => void player.raw.socket.end(),
    differs: {
      why: 'the edge tells each end what it knows of the other',
      client: ['cut', 'close 1001 the client ended its side of the socket without a close frame | end'],
      server: ['close 1006', 'close 1001 the client ended its side of the socket without a close frame'],
    },
  },
  {
    name: 'the server ends without a close frame',
    play: (player) => player.frame(text, `${commandMark}terminate`),
    differs: {
      why: 'the edge tells each end what it knows of the other',
      client: ['cut', 'close 1011 the server ended its side of the socket without a close frame | end'],
    },
  },
];
