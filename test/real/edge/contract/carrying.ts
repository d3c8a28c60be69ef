/** What a server takes and answers: messages, pings, fragments, text. */
import { opcodes } from '../../../../src/ws/opcode.ts';
import { hex } from '../../../ws/chunking.ts';
import type { ContractCase } from './case.ts';
import { echoed, inPieces, patterned } from './moves.ts';
import { commandMark } from './target.ts';

const { text, binary, ping, pong } = opcodes;
const MiB = 1024 * 1024;

const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, MiB, 16 * MiB];

export const framing: ContractCase[] = sizes.flatMap((bytes) =>
  (['text', 'binary'] as const).map((kind) => ({
    name: `${kind} of ${bytes} bytes`,
    play: (player) => {
      player.frame(opcodes[kind], patterned(bytes));
      return echoed(player, kind);
    },
  })),
);

export const chopped: ContractCase[] = [1, 2, 3, 7, 997].map((step) => ({
  name: `a message and a ping in packets of ${step} bytes`,
  play: async (player) => {
    const bytes = Buffer.concat([player.encoded(text, patterned(step < 10 ? 300 : 70_000)), player.encoded(ping, 'p')]);
    for (let at = 0; at < bytes.length; at += step) {
      await new Promise((resolve) => player.raw.socket.write(bytes.subarray(at, at + step), resolve));
    }
    await player.next('pong');
    await echoed(player, 'text');
  },
}));

export const pings: ContractCase[] = [
  ...['', 'x', 'y'.repeat(125)].map(
    (payload): ContractCase => ({
      name: `a ping of ${payload.length} bytes`,
      play: (player) => {
        player.frame(ping, payload);
        return echoed(player, 'pong');
      },
    }),
  ),
  {
    name: 'a ping of bytes that are no text',
    play: (player) => {
      player.frame(ping, hex('00 ff fe fd 80'));
      return echoed(player, 'pong');
    },
  },
  {
    name: 'ten pings in one packet',
    play: (player) => {
      player.write(Buffer.concat(Array.from({ length: 10 }, (_, i) => player.encoded(ping, String(i)))));
      return echoed(player, 'pong', 10);
    },
  },
  ...[0, 125].map(
    (bytes): ContractCase => ({
      name: `a pong of ${bytes} bytes that nobody asked for`,
      play: (player) => {
        player.frame(pong, 'z'.repeat(bytes));
        player.frame(text, 'after');
        return echoed(player, 'text');
      },
    }),
  ),
  {
    name: 'a ping of the server, and its pong',
    play: (player) => {
      player.frame(text, `${commandMark}ping are-you-there`);
      player.frame(text, 'after');
      return echoed(player, 'text');
    },
  },
  {
    name: 'a pong of the server that nobody asked for',
    play: (player) => {
      player.frame(text, `${commandMark}pong hello`);
      return echoed(player, 'pong');
    },
  },
];

function fragments(name: string, kind: 'text' | 'binary', pieces: readonly (string | Uint8Array)[]): ContractCase {
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece));
  return {
    name,
    play: (player) => {
      inPieces(player, kind, bytes);
      return echoed(player, kind);
    },
  };
}

export const fragmentation: ContractCase[] = [
  fragments('a text in two fragments', 'text', ['Hel', 'lo']),
  fragments('a binary in three fragments', 'binary', ['a', 'b', 'c']),
  fragments('fragments of nothing', 'text', ['', '', '']),
  fragments('an empty first fragment', 'text', ['', 'Hello']),
  fragments('an empty last fragment', 'text', ['Hello', '']),
  fragments('a thousand fragments of a byte', 'binary', new Array<string>(1000).fill('x')),
  fragments('a megabyte in 16 fragments', 'binary', new Array<Buffer>(16).fill(patterned(65_536))),
  {
    name: 'pings between fragments',
    play: async (player) => {
      inPieces(player, 'text', [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')], player.encoded(ping, 'between'));
      await player.next('pong', 3);
      await echoed(player, 'text');
    },
  },
  {
    name: 'a pong between fragments',
    play: (player) => {
      inPieces(player, 'text', [Buffer.from('a'), Buffer.from('b')], player.encoded(pong, 'between'));
      return echoed(player, 'text');
    },
  },
  {
    name: 'fragments from the server',
    play: (player) => {
      player.frame(text, `${commandMark}fragments one two three`);
      return echoed(player, 'text');
    },
  },
];

const goodTexts: Record<string, string> = {
  ASCII: '68 65 6c 6c 6f',
  'two bytes': 'c3 a9',
  'three bytes': 'e2 82 ac',
  'four bytes': 'f0 9f 98 80',
  'the first of each length': '00 c2 80 e0 a0 80 f0 90 80 80',
  'the last of each length': '7f df bf ef bf bf f4 8f bf bf',
  'around the surrogates': 'ed 9f bf ee 80 80',
  'a byte order mark': 'ef bb bf 61',
  noncharacters: 'ef b7 90 ef bf be',
};

const badTexts: Record<string, string> = {
  'a lone continuation byte': '80',
  'a byte that never occurs': 'ff',
  'an overlong slash': 'c0 af',
  'an overlong NUL of three bytes': 'e0 80 80',
  'an overlong form of four bytes': 'f0 80 80 80',
  'a surrogate': 'ed a0 80',
  'above U+10FFFF': 'f4 90 80 80',
  'a lead byte of five': 'f8 88 80 80 80',
  'half a character at the end': '61 e2 82',
  'a character cut by ASCII': 'e2 82 61',
};

/** The edge does not look into payloads, so that the server's own verdict reaches the client. */
export const utf8: ContractCase[] = [
  ...Object.entries(goodTexts).map(
    ([name, bytes]): ContractCase => ({
      name: `UTF-8: ${name}`,
      play: (player) => {
        player.frame(text, hex(bytes));
        return echoed(player, 'text');
      },
    }),
  ),
  ...Object.entries(badTexts).map(
    ([name, bytes]): ContractCase => ({ name: `not UTF-8: ${name}`, play: (player) => player.frame(text, hex(bytes)) }),
  ),
  {
    name: 'not UTF-8, over two fragments',
    play: (player) => inPieces(player, 'text', [hex('61 e2'), hex('61')]),
  },
  fragments('UTF-8: a character over two fragments', 'text', [hex('e2'), hex('82 ac')]),
  fragments('UTF-8: a character over four fragments', 'text', [hex('f0'), hex('9f'), hex('98'), hex('80')]),
  {
    name: 'bytes that are not UTF-8 in a binary',
    play: (player) => {
      player.frame(binary, hex('ff fe 80'));
      return echoed(player, 'binary');
    },
  },
];
