/** Pings and pongs: RFC 6455, 5.5. */
import { rawFrame } from '../../raw-frame.ts';
import type { Section } from '../case.ts';
import { comesBack, ends, pong, textMessage } from '../play.ts';

const rfc = 'RFC 6455, 5.5';
const answered = 'RFC 6455, 5.5.2';
const allBytes = Buffer.from(Array.from({ length: 125 }, (_, i) => i * 2));
const part = (payload: string, fin = true, opcode = 0) => rawFrame({ opcode, fin, payload: Buffer.from(payload) });
const ping = (payload: string | Uint8Array) => rawFrame({ opcode: 9, payload: Buffer.from(payload as string) });

export const controlSection: Section = {
  id: 'control',
  title: 'Pings and pongs',
  cases: [
    ...[0, 1, 2, 4, 63, 124, 125].map((length) => {
      const payload = Buffer.alloc(length, 'p');
      return comesBack(`a ping of ${length} bytes`, [ping(payload)], [pong(payload)], { rfc: answered });
    }),
    comesBack('a ping of any bytes', [ping(allBytes)], [pong(allBytes)], { rfc: answered }),
    comesBack('a ping that is no UTF-8', [ping(Buffer.from('fffec0', 'hex'))], [pong(Buffer.from('fffec0', 'hex'))], {
      rfc: answered,
    }),
    comesBack('a ping byte by byte', [ping('slowly')], [pong('slowly')], { rfc: answered, chopBytes: 1 }),
    comesBack('a ping behind a message', [part('hello', true, 1), ping('p')], [textMessage('hello'), pong('p')], {
      rfc: answered,
    }),
    comesBack('a ping before a message', [ping('p'), part('hello', true, 1)], [pong('p'), textMessage('hello')], {
      rfc: answered,
    }),
    comesBack(
      'a ping between two fragments',
      [part('he', false, 1), ping('p'), part('llo')],
      [pong('p'), textMessage('hello')],
      { rfc: 'RFC 6455, 5.4' },
    ),
    comesBack(
      'a ping between each of five fragments',
      [
        part('a', false, 1),
        ping('1'),
        part('b', false),
        ping('2'),
        part('c', false),
        ping('3'),
        part('d', false),
        ping('4'),
        part('e'),
      ],
      [pong('1'), pong('2'), pong('3'), pong('4'), textMessage('abcde')],
      { rfc: 'RFC 6455, 5.4' },
    ),
    comesBack('an unsolicited pong', [rawFrame({ opcode: 10 }), part('on', true, 1)], [textMessage('on')], {
      rfc: 'RFC 6455, 5.5.3',
    }),
    comesBack(
      'such a pong with a payload',
      [rawFrame({ opcode: 10, payload: allBytes }), part('on', true, 1)],
      [textMessage('on')],
      { rfc: 'RFC 6455, 5.5.3' },
    ),
    comesBack(
      'such a pong between two fragments',
      [part('o', false, 1), rawFrame({ opcode: 10 }), part('n')],
      [textMessage('on')],
      { rfc: 'RFC 6455, 5.5.3' },
    ),
    comesBack(
      'a hundred such pongs',
      [...Array.from({ length: 100 }, () => rawFrame({ opcode: 10, payload: Buffer.from('x') })), part('on', true, 1)],
      [textMessage('on')],
      { rfc: 'RFC 6455, 5.5.3' },
    ),
    ...[126, 127, 200, 65_536].map((length) =>
      ends(`a ping of ${length} bytes`, [ping(Buffer.alloc(length))], [1002], { rfc }),
    ),
    ...[126, 65_536].map((length) =>
      ends(`a pong of ${length} bytes`, [rawFrame({ opcode: 10, payload: Buffer.alloc(length) })], [1002], { rfc }),
    ),
    ends('a ping that is not final', [rawFrame({ opcode: 9, fin: false, payload: Buffer.from('p') })], [1002], { rfc }),
    ends('a pong that is not final', [rawFrame({ opcode: 10, fin: false })], [1002], { rfc }),
    ends(
      'a close frame that is not final',
      [rawFrame({ opcode: 8, fin: false, payload: Buffer.from([3, 232]) })],
      [1002],
      { rfc, isClose: true },
    ),
    ends('a fragmented ping', [rawFrame({ opcode: 9, fin: false, payload: Buffer.from('pi') }), part('ng')], [1002], {
      rfc,
    }),
    ends(
      'a ping that is not final between two fragments',
      [part('he', false, 1), rawFrame({ opcode: 9, fin: false })],
      [1002],
      { rfc },
    ),
    ends('a ping that is too long between two fragments', [part('he', false, 1), ping(Buffer.alloc(126))], [1002], {
      rfc,
    }),
  ],
};
