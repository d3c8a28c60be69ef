/** Fragmentation: RFC 6455, 5.4. */
import { closePayload } from '../../../ws/frame.ts';
import { rawFrame } from '../../raw-frame.ts';
import type { Case, Section } from '../case.ts';
import { answersClose, binary, comesBack, ends, textMessage } from '../play.ts';

const rfc = 'RFC 6455, 5.4';
const first = (payload: string, opcode = 1) => rawFrame({ opcode, fin: false, payload: Buffer.from(payload) });
const middle = (payload: string) => rawFrame({ opcode: 0, fin: false, payload: Buffer.from(payload) });
const last = (payload: string) => rawFrame({ opcode: 0, payload: Buffer.from(payload) });
const whole = (payload: string, opcode = 1) => rawFrame({ opcode, payload: Buffer.from(payload) });

const together: readonly (readonly [string, readonly string[]])[] = [
  ['two fragments', ['ab', 'cd']],
  ['three fragments', ['ab', 'cd', 'ef']],
  ['an empty first fragment', ['', 'ab']],
  ['an empty last fragment', ['ab', '']],
  ['an empty fragment in the middle', ['ab', '', 'cd']],
  ['three empty fragments', ['', '', '']],
  ['a hundred fragments of one byte', Array.from({ length: 100 }, () => 'x')],
  ['a fragment of 126 bytes and one of 1', ['x'.repeat(126), 'y']],
  ['a fragment of 1 byte and one of 65536', ['x', 'y'.repeat(65_536)]],
];

export const fragmentSection: Section = {
  id: 'fragments',
  title: 'Fragmentation',
  cases: [
    ...together.flatMap(([name, parts]) => [
      fragmented(`text in ${name}`, parts, 1),
      fragmented(`binary in ${name}`, parts, 2),
    ]),
    fragmented('two fragments byte by byte', ['hello ', 'world'], 1, 1),
    fragmented('three fragments in pieces of three bytes', ['hello ', 'wide ', 'world'], 1, 3),
    comesBack(
      'two fragmented messages after each other',
      [first('a'), last('b'), first('c', 2), last('d')],
      [textMessage('ab'), binary('cd')],
      { rfc },
    ),
    comesBack(
      'whole, fragmented, whole',
      [whole('1'), first('2'), last('3'), whole('4')],
      [textMessage('1'), textMessage('23'), textMessage('4')],
      { rfc },
    ),
    ...['ä€𝄞'].flatMap((letters) =>
      Array.from({ length: Buffer.byteLength(letters) - 1 }, (_, i) => splitAt(Buffer.from(letters), i + 1)),
    ),
    answersClose(
      'a close frame between two fragments',
      [first('he'), rawFrame({ opcode: 8, payload: closePayload(1000, '') })],
      1000,
      { rfc },
    ),
    ends('a final continuation of nothing', [last('x')], [1002], { rfc }),
    ends('a continuation of nothing that is not final', [middle('x')], [1002], { rfc }),
    ends('an empty continuation of nothing', [last('')], [1002], { rfc }),
    ends('a continuation behind a whole message', [whole('x'), last('y')], [1002], {
      rfc,
      messagesBefore: 1,
      echoesBefore: true,
    }),
    ends('a continuation behind a finished fragmented message', [first('x'), last('y'), last('z')], [1002], {
      rfc,
      messagesBefore: 1,
      echoesBefore: true,
    }),
    ends('text between two fragments of text', [first('x'), whole('y')], [1002], { rfc }),
    ends('binary between two fragments of text', [first('x'), whole('y', 2)], [1002], { rfc }),
    ends('text between two fragments of binary', [first('x', 2), whole('y')], [1002], { rfc }),
    ends('a new first fragment between two fragments', [first('x'), first('y'), last('z')], [1002], { rfc }),
  ],
};

function fragmented(name: string, parts: readonly string[], opcode: 1 | 2, chopBytes?: number): Case {
  const frames = parts.map((part, i) =>
    rawFrame({ opcode: i === 0 ? opcode : 0, fin: i === parts.length - 1, payload: Buffer.from(part) }),
  );
  const message = (opcode === 1 ? textMessage : binary)(parts.join(''));
  return comesBack(name, frames, [message], { rfc, ...(chopBytes === undefined ? {} : { chopBytes }) });
}

function splitAt(bytes: Buffer, at: number): Case {
  const frames = [
    rawFrame({ opcode: 1, fin: false, payload: bytes.subarray(0, at) }),
    rawFrame({ opcode: 0, payload: bytes.subarray(at) }),
  ];
  return comesBack(`“${bytes.toString()}” cut after byte ${at}`, frames, [textMessage(bytes)], { rfc });
}
