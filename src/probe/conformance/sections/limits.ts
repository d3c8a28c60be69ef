/** Sizes, chunks and abrupt ends: RFC 6455, 7.1 and 10.4. */
import { randomFillSync } from 'node:crypto';
import type { InboxEvent } from '../../../client/connection/inbox.ts';
import { closePayload, textOf } from '../../../ws/frame.ts';
import { lineEventText, pingLine, waitFor } from '../../line.ts';
import { rawFrame } from '../../raw-frame.ts';
import { type Case, failed, nonStrict, passed, type Section } from '../case.ts';
import { answersClose, binary, comesBack, onStage, textMessage } from '../play.ts';

const rfc = 'RFC 6455, 10.4';
const anyChunks = 'RFC 6455, 5.2';
const some = (length: number) => randomFillSync(Buffer.alloc(length));

export const limitSection: Section = {
  id: 'limits',
  title: 'Sizes, chunks and abrupt ends',
  cases: [
    ...[262_144, 1_048_576].map((length) => {
      const payload = some(length);
      return comesBack(`binary of ${length / 1024} KiB`, [rawFrame({ opcode: 2, payload })], [binary(payload)], {
        rfc,
      });
    }),
    comesBack(
      'text of 1024 KiB',
      [rawFrame({ opcode: 1, payload: Buffer.alloc(1_048_576, 'ä') })],
      [textMessage(Buffer.alloc(1_048_576, 'ä'))],
      { rfc },
    ),
    comesBack(
      'a hundred messages in one packet',
      Array.from({ length: 100 }, (_, i) => rawFrame({ opcode: 1, payload: Buffer.from(`m${i}`) })),
      Array.from({ length: 100 }, (_, i) => textMessage(`m${i}`)),
      { rfc: anyChunks },
    ),
    burstOfPings(),
    comesBack(
      'a head of 2 bytes and its length in two packets',
      [rawFrame({ opcode: 2, payload: Buffer.alloc(300, 1) })],
      [binary(Buffer.alloc(300, 1))],
      { rfc: anyChunks, chopBytes: 3 },
    ),
    comesBack(
      'a 64-bit length byte by byte',
      [
        rawFrame({ opcode: 2, payload: Buffer.alloc(65_600, 2) }).subarray(0, 14),
        rawFrame({ opcode: 2, payload: Buffer.alloc(65_600, 2) }).subarray(14),
      ],
      [binary(Buffer.alloc(65_600, 2))],
      { rfc: anyChunks, chopBytes: 1001 },
    ),
    comesBack(
      'messages of 0 to 40 bytes, in packets of 7',
      Array.from({ length: 41 }, (_, i) => rawFrame({ opcode: 1, payload: Buffer.alloc(i, 'x') })),
      Array.from({ length: 41 }, (_, i) => textMessage('x'.repeat(i))),
      { rfc: anyChunks, chopBytes: 7 },
    ),
    comesBack(
      'a thousand messages of one byte',
      Array.from({ length: 1000 }, () => rawFrame({ opcode: 1, payload: Buffer.from('1') })),
      Array.from({ length: 1000 }, () => textMessage('1')),
      { rfc: anyChunks },
    ),
    answersClose(
      'a message and a close frame in one packet',
      [rawFrame({ opcode: 8, payload: closePayload(1000, '') }), rawFrame({ opcode: 2, payload: some(100) })],
      1000,
      { rfc: 'RFC 6455, 7.1' },
    ),
    abrupt('a frame that is cut off does not harm the next connection', [
      rawFrame({ opcode: 2, length: 1000, payload: some(10) }),
    ]),
    abrupt('a head that is cut off does not harm the next connection', [Buffer.from([0x82, 0xff, 0])]),
    abrupt('an end in the middle of a fragmented message does not harm the next connection', [
      rawFrame({ opcode: 1, fin: false, payload: Buffer.from('half') }),
    ]),
    {
      name: 'bytes that are not frames at all',
      rfc: 'RFC 6455, 7.1.7',
      expected: 'the end of the connection',
      play: (arena) =>
        onStage(arena, undefined, async (line) => {
          line.connection.write(Buffer.from('GET / HTTP/1.1\r\nHost: elsewhere\r\n\r\n'));
          const event = await waitFor(line, (each) => each.kind === 'close', arena.timeoutMs);
          return event.kind === 'close' || event.kind === 'end'
            ? passed('the connection ended')
            : failed('the server reads on');
        }),
    },
    {
      name: 'a FIN behind the close handshake ends the connection on both sides',
      rfc: 'RFC 6455, 7.1.1',
      expected: 'the end within two seconds, from the server',
      play: (arena) =>
        onStage(arena, { timeouts: { ...arena.dial.timeouts, closeMs: arena.timeoutMs } }, async (line) => {
          const end = await line.connection.close({ code: 1000 });
          if (end.received === null) return nonStrict('no close frame came back');
          return end.socket.how === 'cut'
            ? nonStrict('the server waited for the client to end it')
            : passed(`ended by the server (${end.socket.how})`);
        }),
    },
  ],
};

/** Of pings that come together, a server may answer the last one alone. */
function burstOfPings(): Case {
  const pings = Array.from({ length: 50 }, (_, i) => rawFrame({ opcode: 9, payload: Buffer.from(`p${i}`) }));
  return {
    name: 'fifty pings in one packet',
    rfc: 'RFC 6455, 5.5.3',
    expected: 'a pong for the last of them at least',
    play: (arena) =>
      onStage(arena, undefined, async (line) => {
        line.connection.write(Buffer.concat(pings));
        const isLast = (event: InboxEvent) => event.kind === 'pong' && textOf(event.data) === 'p49';
        const event = await waitFor(line, isLast, arena.timeoutMs);
        return event.kind === 'pong' ? passed('as expected') : failed(lineEventText(event));
      }),
  };
}

function abrupt(name: string, frames: readonly Uint8Array[]): Case {
  return {
    name,
    rfc: 'RFC 6455, 7.1.7',
    expected: 'the server takes the next connection and answers a ping on it',
    play: async (arena) => {
      const cut = await onStage(arena, undefined, async (line) => {
        line.connection.write(Buffer.concat(frames));
        await pingless(line.connection.socket);
        line.connection.reset();
        return passed('');
      });
      if (cut.verdict === 'fail') return cut;
      return onStage(arena, undefined, async (line) => {
        const ping = await pingLine(line, Buffer.from('alive'), arena.timeoutMs);
        return ping.ok ? passed('as expected') : failed('the next connection does not answer');
      });
    },
  };
}

/** Until what was written has been handed to the system. */
function pingless(socket: { write(bytes: Uint8Array, done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => socket.write(new Uint8Array(0), () => resolve()));
}
