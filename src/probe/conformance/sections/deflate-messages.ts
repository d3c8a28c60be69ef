/** Compressed messages: RFC 7692, 6 and 7.2. Played only with a server that accepts the extension. */
import { inflateRawSync } from 'node:zlib';
import type { DialOptions } from '../../../client/dial/options.ts';
import { rawFrame } from '../../raw-frame.ts';
import { type Case, failed, nonStrict, passed, type Section } from '../case.ts';
import { compressed, deflated, finalStored, offering, stored } from '../deflate.ts';
import { binary, comesBack, type Expected, ends, onStage, readExpected, textMessage, writeAll } from '../play.ts';

const rfc = 'RFC 7692, 7.2.2';
const plain = offering('');
const independent = offering('server_no_context_takeover; client_no_context_takeover');
const letters = (length: number) => Buffer.from(Array.from({ length }, (_, i) => 97 + ((i * i + (i >> 4)) % 23)));
const hello = Buffer.from('Hello');

export const deflateMessagesSection: Section = {
  id: 'deflate-messages',
  title: 'Compression: messages',
  cases: [
    ...[1, 16, 64, 125, 126, 1000, 4096, 65_535, 65_536, 131_072].map((length) =>
      back(`${length} bytes`, [compressed(deflated(letters(length)))], [textMessage(letters(length))]),
    ),
    back('the example of RFC 7692, 7.2.3.1', [compressed(Buffer.from('f248cdc9c90700', 'hex'))], [textMessage(hello)]),
    back(
      'that example in two fragments',
      [
        rawFrame({ opcode: 1, rsv: 4, fin: false, payload: Buffer.from('f248cd', 'hex') }),
        rawFrame({ opcode: 0, payload: Buffer.from('c9c90700', 'hex') }),
      ],
      [textMessage(hello)],
    ),
    back('an empty message, compressed', [compressed(Buffer.from('00', 'hex'))], [textMessage('')]),
    back('a stored block', [compressed(stored(hello))], [textMessage(hello)]),
    back('a block that is marked as the last', [compressed(finalStored(hello))], [textMessage(hello)]),
    back(
      'two blocks',
      [compressed(Buffer.from('f248050000 00ffffcac9c90700'.replace(' ', ''), 'hex'))],
      [textMessage(hello)],
    ),
    back(
      'no compression (level 0)',
      [compressed(deflated(letters(300), undefined, { level: 0 }))],
      [textMessage(letters(300))],
    ),
    back(
      'binary',
      [compressed(deflated(Buffer.from([0, 255, 128, 0, 255])), 2)],
      [binary(Buffer.from([0, 255, 128, 0, 255]))],
    ),
    back('not compressed, although it is agreed on', [rawFrame({ opcode: 1, payload: hello })], [textMessage(hello)]),
    back(
      'compressed, not compressed, compressed',
      [
        compressed(deflated('one')),
        rawFrame({ opcode: 1, payload: hello }),
        compressed(deflated('two', Buffer.from('one'))),
      ],
      [textMessage('one'), textMessage(hello), textMessage('two')],
    ),
    back(
      'three equal messages with context takeover',
      [0, 1, 2].map((i) =>
        compressed(
          deflated(letters(400), i === 0 ? undefined : Buffer.concat(Array.from({ length: i }, () => letters(400)))),
        ),
      ),
      [0, 1, 2].map(() => textMessage(letters(400))),
    ),
    back(
      'the example of RFC 7692, 7.2.3.2: “Hello” twice',
      [compressed(Buffer.from('f248cdc9c90700', 'hex')), compressed(Buffer.from('f200110000', 'hex'))],
      [textMessage(hello), textMessage(hello)],
    ),
    back(
      'three equal messages without context takeover',
      [0, 1, 2].map(() => compressed(deflated(letters(400)))),
      [0, 1, 2].map(() => textMessage(letters(400))),
      independent,
    ),
    back('twenty fragments', cut(deflated(letters(4000)), 20), [textMessage(letters(4000))]),
    back(
      'a ping between two compressed fragments',
      [...cut(deflated(letters(500)), 2).flatMap((frame) => [frame, rawFrame({ opcode: 9, payload: hello })])].slice(
        0,
        3,
      ),
      [{ kind: 'pong', data: hello }, textMessage(letters(500))],
    ),
    back(
      'an empty fragment at the end',
      [rawFrame({ opcode: 1, rsv: 4, fin: false, payload: deflated(letters(90)) }), rawFrame({ opcode: 0 })],
      [textMessage(letters(90))],
    ),
    back('byte by byte', [compressed(deflated(letters(200)))], [textMessage(letters(200))], plain, 1),
    back(
      'a megabyte of one letter',
      [compressed(deflated(Buffer.alloc(1_048_576, 'a')))],
      [textMessage(Buffer.alloc(1_048_576, 'a'))],
    ),
    broken(
      'RSV1 on a continuation',
      [
        rawFrame({ opcode: 1, rsv: 4, fin: false, payload: Buffer.from('f248cd', 'hex') }),
        rawFrame({ opcode: 0, rsv: 4, payload: Buffer.from('c9c90700', 'hex') }),
      ],
      [1002],
      'RFC 7692, 6',
    ),
    broken(
      'RSV1 on a continuation of what is not compressed',
      [rawFrame({ opcode: 1, fin: false, payload: hello }), rawFrame({ opcode: 0, rsv: 4, payload: deflated(hello) })],
      [1002],
      'RFC 7692, 6',
    ),
    broken('RSV1 on a ping', [rawFrame({ opcode: 9, rsv: 4, payload: deflated(hello) })], [1002], 'RFC 7692, 6'),
    broken('RSV1 on a pong', [rawFrame({ opcode: 10, rsv: 4, payload: deflated(hello) })], [1002], 'RFC 7692, 6'),
    broken(
      'RSV1 on a close frame',
      [rawFrame({ opcode: 8, rsv: 4, payload: Buffer.from([3, 232]) })],
      [1002],
      'RFC 7692, 6',
    ),
    broken('RSV2, which stays reserved', [rawFrame({ opcode: 1, rsv: 2, payload: hello })], [1002], 'RFC 6455, 5.2'),
    broken(
      'RSV1 and RSV3 together',
      [rawFrame({ opcode: 1, rsv: 5, payload: deflated(hello) })],
      [1002],
      'RFC 6455, 5.2',
    ),
    broken('bytes that are not deflate', [compressed(Buffer.from('ffffffffffff', 'hex'))], [1007, 1002], rfc),
    broken('a block of the reserved type', [compressed(Buffer.from('0600', 'hex'))], [1007, 1002], rfc),
    broken('a distance behind the beginning', [compressed(Buffer.from('f200110000', 'hex'))], [1007, 1002], rfc),
    broken(
      'a stored block whose lengths disagree',
      [compressed(Buffer.from('000500faff48656c6c6f00', 'hex').fill(0x00, 3, 5))],
      [1007, 1002],
      rfc,
    ),
    broken(
      'a message that ends in the middle of a block',
      [compressed(deflated(letters(300)).subarray(0, 40))],
      [1007, 1002],
      rfc,
    ),
    broken(
      'text that inflates to no UTF-8',
      [compressed(deflated(Buffer.from('c328', 'hex')))],
      [1007],
      'RFC 6455, 8.1',
    ),
    broken(
      'a look back at what was agreed to be forgotten',
      [compressed(Buffer.from('f248cdc9c90700', 'hex')), compressed(Buffer.from('f200110000', 'hex'))],
      [1007, 1002],
      'RFC 7692, 7.1.1.2',
      offering('client_no_context_takeover'),
      1,
    ),
    ...[8, 9, 10, 12, 15].map(windowKept),
  ],
};

/** A case that is passed over by a server that declines what it needs. */
function needing(offer: DialOptions, inner: Case): Case {
  return {
    ...inner,
    play: (arena) =>
      onStage(arena, offer, async (line) => {
        if (line.handshake.deflate === null) return passed('compression is declined');
        line.connection.cut();
        return inner.play(arena);
      }),
  };
}

function back(
  name: string,
  frames: readonly Uint8Array[],
  expected: readonly Expected[],
  offer = plain,
  chopBytes?: number,
): Case {
  const more = chopBytes === undefined ? {} : { chopBytes };
  return needing(offer, comesBack(name, frames, expected, { rfc, dial: offer, ...more }));
}

function broken(
  name: string,
  frames: readonly Uint8Array[],
  codes: readonly number[],
  section: string,
  offer = plain,
  messagesBefore = 0,
): Case {
  return needing(offer, ends(name, frames, codes, { rfc: section, dial: offer, messagesBefore }));
}

function cut(payload: Buffer, parts: number): Buffer[] {
  const size = Math.ceil(payload.length / parts);
  const pieces = Array.from({ length: parts }, (_, i) => payload.subarray(i * size, (i + 1) * size));
  return pieces.map((piece, i) =>
    rawFrame({ opcode: i === 0 ? 1 : 0, rsv: i === 0 ? 4 : 0, fin: i === parts - 1, payload: piece }),
  );
}

/** The server must not look back further than the window it agreed to. A receiver with that window proves it. */
function windowKept(windowBits: number): Case {
  const offer = offering(`server_max_window_bits=${windowBits}; server_no_context_takeover`);
  // Random once, then the same again 600 and 20,000 bytes later: what a larger window would refer to.
  const seed = Buffer.from(Array.from({ length: 600 }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 13) & 0xff));
  const message = Buffer.concat([seed, seed, Buffer.alloc(19_000, 'z'), seed]);
  return {
    name: `a window of ${windowBits} bits is kept`,
    rfc: 'RFC 7692, 7.1.2.1',
    expected: `no distance above ${2 ** windowBits}, or the offer declined`,
    play: async (arena) => {
      const frames: Buffer[] = [];
      const record: DialOptions = {
        onBytes: (direction, bytes) => direction === 'received' && void frames.push(Buffer.from(bytes)),
      };
      return onStage(arena, { ...offer, ...record }, async (line) => {
        if (line.handshake.deflate === null) return passed('compression is declined');
        frames.length = 0;
        await writeAll(line, [rawFrame({ opcode: 2, rsv: 4, payload: deflated(message) })]);
        const wrong = await readExpected(line, [binary(message)], arena.timeoutMs);
        if (wrong !== null) return failed(wrong);
        const payload = compressedPayload(Buffer.concat(frames));
        if (payload === null) return passed('the server sends it without compression, or in fragments');
        try {
          // Output in small pieces makes zlib look back into its window and not into one large buffer.
          inflateRawSync(Buffer.concat([payload, Buffer.from('0000ffff', 'hex')]), {
            windowBits: Math.max(9, windowBits),
            chunkSize: 64,
            finishFlush: 2,
          });
        } catch (error) {
          return failed(`a receiver with this window cannot inflate it: ${(error as Error).message}`);
        }
        return line.handshake.deflate.serverMaxWindowBits > windowBits
          ? nonStrict('kept, but not agreed to')
          : passed('kept');
      });
    },
  };
}

/** The payload of the first frame, when it is a whole compressed message. */
function compressedPayload(bytes: Buffer): Buffer | null {
  if (bytes.length < 2 || (bytes[0]! & 0xc0) !== 0xc0) return null;
  const short = bytes[1]! & 0x7f;
  if (short < 126) return bytes.subarray(2, 2 + short);
  return short === 126
    ? bytes.subarray(4, 4 + bytes.readUInt16BE(2))
    : bytes.subarray(10, 10 + Number(bytes.readBigUInt64BE(2)));
}
