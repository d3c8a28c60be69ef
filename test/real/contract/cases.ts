/** The contract: what a client may do with a `ws` echo server, and what must come of it with the edge in between. */
import type { DeflateWishes } from '../../../src/ws/deflate-offer.ts';
import { closeReasonBytesMax } from '../../../src/ws/frame.ts';
import { applyMask } from '../../../src/ws/mask.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import { type Violation, violations } from '../../../src/ws/violation.ts';
import { hex } from '../../ws/chunking.ts';
import type { ContractCase, Player } from './case.ts';
import { commandMark } from './target.ts';

const { text, binary, continuation, ping, pong } = opcodes;
const MiB = 1024 * 1024;

function patterned(bytes: number): Buffer {
  const data = Buffer.allocUnsafe(bytes);
  for (let i = 0; i < bytes; i++) data[i] = 0x61 + ((i * 7 + (i >> 9)) % 26);
  return data;
}

/** Closes once as many echoes (or pongs) have come as the case sent. */
async function echoed(player: Player, kind: 'text' | 'binary' | 'pong', count = 1): Promise<void> {
  await player.next(kind, count);
  player.close(1000);
}

const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, MiB, 16 * MiB];

const framing: ContractCase[] = sizes.flatMap((bytes) =>
  (['text', 'binary'] as const).map((kind) => ({
    name: `${kind} of ${bytes} bytes`,
    play: (player) => {
      player.frame(opcodes[kind], patterned(bytes));
      return echoed(player, kind);
    },
  })),
);

const chopped: ContractCase[] = [1, 2, 3, 7, 997].map((step) => ({
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

const pings: ContractCase[] = [
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

function inPieces(player: Player, kind: 'text' | 'binary', pieces: readonly Uint8Array[], between?: Uint8Array): void {
  for (const [index, piece] of pieces.entries()) {
    player.frame(index === 0 ? opcodes[kind] : continuation, piece, { fin: index === pieces.length - 1 });
    if (between !== undefined) player.write(between);
  }
}

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

const fragmentation: ContractCase[] = [
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
const utf8: ContractCase[] = [
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

const goodCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const badCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

function codeBytes(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}

const closes: ContractCase[] = [
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

/** What both refuse with the same code; the edge adds a sentence, and tells the server that its client went wrong. */
function refused(name: string, violation: Violation, play: ContractCase['play'], code?: number): ContractCase {
  const { code: ours, sentence } = violations[violation];
  return {
    name: `refused: ${name}`,
    play,
    differs: {
      why:
        code === undefined
          ? 'the edge says what was wrong'
          : 'the edge refuses what the server would not, or with another code',
      client: [`close ${code ?? ours}`, `close ${ours} ${sentence}`],
      server: ['close 1006', `close 1001 ${sentence}`],
    },
  };
}

function bytes(frame: string): ContractCase['play'] {
  return (player) => player.write(masked(hex(frame)));
}

/** The frame with a mask bit, a mask, and its payload masked. */
function masked(frame: Uint8Array): Uint8Array {
  const short = frame[1]! & 0x7f;
  const at = short === 126 ? 4 : short === 127 ? 10 : 2;
  const [head, payload] = [frame.slice(0, at), frame.slice(at)];
  head[1]! |= 0x80;
  const mask = Uint8Array.of(9, 8, 7, 6);
  applyMask(payload, mask);
  return Buffer.concat([head, mask, payload]);
}

const broken: ContractCase[] = [
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
  refused('2^62 bytes', 'message-too-big', bytes('82 7f 40 00 00 00 00 00 00 00')),
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

const compression: ContractCase[] = [
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

export const groups = {
  framing,
  chopped,
  pings,
  fragmentation,
  utf8,
  closes,
  broken,
  compression,
} as const satisfies Record<string, readonly ContractCase[]>;
