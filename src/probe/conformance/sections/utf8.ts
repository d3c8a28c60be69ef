/** Text is UTF-8: RFC 6455, 8.1, and RFC 3629. */
import { rawFrame } from '../../raw-frame.ts';
import type { Case, Section } from '../case.ts';
import { comesBack, ends, textMessage } from '../play.ts';

const rfc = 'RFC 6455, 8.1';
const form = 'RFC 3629, 3';

/** Hexadecimal bytes and what they are. */
const valid: readonly (readonly [string, string])[] = [
  ['00', 'U+0000'],
  ['7f', 'U+007F, the last of one byte'],
  ['c280', 'U+0080, the first of two bytes'],
  ['dfbf', 'U+07FF, the last of two bytes'],
  ['e0a080', 'U+0800, the first of three bytes'],
  ['e18080', 'U+1000'],
  ['ecbfbf', 'U+CFFF'],
  ['ed9fbf', 'U+D7FF, the last before the surrogates'],
  ['ee8080', 'U+E000, the first behind the surrogates'],
  ['efbbbf', 'U+FEFF, which must not be taken for a byte order mark and dropped'],
  ['efbfbd', 'U+FFFD'],
  ['efb790', 'U+FDD0, a noncharacter'],
  ['efbfbe', 'U+FFFE, a noncharacter'],
  ['efbfbf', 'U+FFFF, the last of three bytes'],
  ['f0908080', 'U+10000, the first of four bytes'],
  ['f09d849e', 'U+1D11E'],
  ['f3bfbfbf', 'U+FFFFF'],
  ['f4808080', 'U+100000'],
  ['f48fbfbf', 'U+10FFFF, the last of all'],
  ['cebae1bdb9cf83cebcceb5', 'Greek with a combining mark'],
  ['ce93ceb5ceb9ceac20cf83ceb1cf82', 'Greek'],
  ['d0bfd180d0b8d0b2d0b5d182', 'Cyrillic'],
  ['e4bda0e5a5bd', 'Chinese'],
  ['f09f91a9e2808df09f92bb', 'an emoji of three characters'],
];

const invalid: readonly (readonly [string, string])[] = [
  ['80', 'a continuation byte alone'],
  ['bf', 'the last continuation byte alone'],
  ['8080', 'two continuation bytes'],
  ['c3', 'a first byte of two, alone'],
  ['c328', 'a first byte of two, and a letter'],
  ['e282', 'two bytes of three'],
  ['e228a1', 'a letter in the middle of three'],
  ['e28228', 'a letter at the end of three'],
  ['f09f98', 'three bytes of four'],
  ['f0288cbc', 'a letter in the middle of four'],
  ['f0908028', 'a letter at the end of four'],
  ['c080', 'U+0000 in two bytes'],
  ['c0af', 'a slash in two bytes'],
  ['c1bf', 'U+007F in two bytes'],
  ['e08080', 'U+0000 in three bytes'],
  ['e080af', 'a slash in three bytes'],
  ['e09fbf', 'U+07FF in three bytes'],
  ['f0808080', 'U+0000 in four bytes'],
  ['f08080af', 'a slash in four bytes'],
  ['f08fbfbf', 'U+FFFF in four bytes'],
  ['eda080', 'U+D800, a high surrogate'],
  ['edadbf', 'U+DB7F, a high surrogate'],
  ['edaebf', 'U+DBBF, a high surrogate'],
  ['edafbf', 'U+DBFF, the last high surrogate'],
  ['edb080', 'U+DC00, a low surrogate'],
  ['edbfbf', 'U+DFFF, the last low surrogate'],
  ['eda080edb080', 'a pair of surrogates'],
  ['f4908080', 'U+110000, one too many'],
  ['f5808080', 'a first byte F5'],
  ['f7bfbfbf', 'a first byte F7'],
  ['f888808080', 'five bytes'],
  ['fc8480808080', 'six bytes'],
  ['fe', 'FE'],
  ['ff', 'FF'],
  ['fefeffff', 'FE FE FF FF'],
  ['68656c6c6fff', 'text, and then FF'],
  ['cebae1bdb9cf83cebcceb5eda080656469746564', 'Greek, a surrogate, letters'],
];

export const utf8Section: Section = {
  id: 'utf8',
  title: 'Text in UTF-8',
  cases: [
    ...valid.map(([hex, name]) => comesBack(name, [frame(hex)], [textMessage(Buffer.from(hex, 'hex'))], { rfc: form })),
    ...invalid.map(([hex, name]) => ends(name, [frame(hex)], [1007], { rfc })),
    ...invalid
      .filter(([hex]) => hex.length > 2)
      .slice(0, 12)
      .map(([hex, name]) => inFragments(`${name}, in two fragments`, hex)),
    comesBack(
      'all valid characters in one message',
      [frame(valid.map(([hex]) => hex).join(''))],
      [textMessage(Buffer.from(valid.map(([hex]) => hex).join(''), 'hex'))],
      { rfc: form },
    ),
    comesBack(
      'the same byte by byte',
      [frame(valid.map(([hex]) => hex).join(''))],
      [textMessage(Buffer.from(valid.map(([hex]) => hex).join(''), 'hex'))],
      { rfc: form, chopBytes: 1 },
    ),
    comesBack(
      'binary need not be UTF-8',
      [rawFrame({ opcode: 2, payload: Buffer.from('c328ff', 'hex') })],
      [{ kind: 'binary', data: Buffer.from('c328ff', 'hex') }],
      { rfc: 'RFC 6455, 5.6' },
    ),
    early(
      'bad from the first fragment on',
      [rawFrame({ opcode: 1, fin: false, payload: Buffer.from('c328', 'hex') })],
      rawFrame({ opcode: 0 }),
    ),
    early(
      'a surrogate in the first fragment',
      [rawFrame({ opcode: 1, fin: false, payload: Buffer.from('eda080', 'hex') })],
      rawFrame({ opcode: 0 }),
    ),
    early(
      'bad in the second of three fragments',
      [
        rawFrame({ opcode: 1, fin: false, payload: Buffer.from('ok') }),
        rawFrame({ opcode: 0, fin: false, payload: Buffer.from('ff', 'hex') }),
      ],
      rawFrame({ opcode: 0 }),
    ),
    early(
      'too large at the second byte of four',
      [rawFrame({ opcode: 1, fin: false, payload: Buffer.from('f490', 'hex') })],
      rawFrame({ opcode: 0, payload: Buffer.from('8080', 'hex') }),
    ),
  ],
};

function frame(hex: string): Buffer {
  return rawFrame({ opcode: 1, payload: Buffer.from(hex, 'hex') });
}

function inFragments(name: string, hex: string): Case {
  const bytes = Buffer.from(hex, 'hex');
  const cut = Math.ceil(bytes.length / 2);
  return ends(
    name,
    [
      rawFrame({ opcode: 1, fin: false, payload: bytes.subarray(0, cut) }),
      rawFrame({ opcode: 0, payload: bytes.subarray(cut) }),
    ],
    [1007],
    { rfc },
  );
}

/** The RFC allows to wait for the end of the message; whoever does is told that others do not. */
function early(name: string, frames: readonly Uint8Array[], later: Uint8Array): Case {
  return ends(`${name}: refused before the message is over`, frames, [1007], { rfc, later });
}
