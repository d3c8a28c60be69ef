/** Masking: RFC 6455, 5.1 and 5.3. Autobahn has no cases for it. */
import { closePayload } from '../../../ws/frame.ts';
import { rawFrame } from '../../raw-frame.ts';
import type { Section } from '../case.ts';
import { answersClose, binary, comesBack, ends, pong, textMessage } from '../play.ts';

const masks = ['00000000', 'ffffffff', '00ff00ff', '01020304', '80000001', 'deadbeef'];
const noMask = { mask: null };
const rfc = 'RFC 6455, 5.1';
const bare = Buffer.from('bare');

export const maskingSection: Section = {
  id: 'masking',
  title: 'Masking',
  cases: [
    ...masks.map((hex) =>
      comesBack(
        `text under the mask ${hex}`,
        [rawFrame({ opcode: 1, payload: Buffer.from('masked ä'), mask: Buffer.from(hex, 'hex') })],
        [textMessage('masked ä')],
        { rfc: 'RFC 6455, 5.3' },
      ),
    ),
    ...[1, 2, 3, 4, 5, 7, 8, 9, 31, 1027].map((length) => {
      const payload = Buffer.from(Array.from({ length }, (_, i) => (i * 31) & 0xff));
      return comesBack(
        `${length} bytes, which end at place ${length % 4} of the mask`,
        [rawFrame({ opcode: 2, payload })],
        [binary(payload)],
        {
          rfc: 'RFC 6455, 5.3',
        },
      );
    }),
    comesBack(
      'another mask for every fragment',
      [
        rawFrame({ opcode: 2, fin: false, payload: Buffer.from('abc'), mask: Buffer.from('01020304', 'hex') }),
        rawFrame({ opcode: 0, fin: false, payload: Buffer.from('de'), mask: Buffer.from('ffeeddcc', 'hex') }),
        rawFrame({ opcode: 0, payload: Buffer.from('f'), mask: Buffer.from('00000000', 'hex') }),
      ],
      [binary('abcdef')],
      { rfc: 'RFC 6455, 5.3' },
    ),
    comesBack('a masked ping', [rawFrame({ opcode: 9, payload: bare })], [pong(bare)], { rfc: 'RFC 6455, 5.3' }),
    answersClose('a masked close frame', [rawFrame({ opcode: 8, payload: closePayload(1000, 'bye') })], 1000, {
      rfc: 'RFC 6455, 5.3',
    }),
    ends('text without a mask', [rawFrame({ opcode: 1, payload: bare, ...noMask })], [1002], { rfc }),
    ends('binary without a mask', [rawFrame({ opcode: 2, payload: bare, ...noMask })], [1002], { rfc }),
    ends('an empty frame without a mask', [rawFrame({ opcode: 1, ...noMask })], [1002], { rfc }),
    ends('a ping without a mask', [rawFrame({ opcode: 9, payload: bare, ...noMask })], [1002], { rfc }),
    ends('a pong without a mask', [rawFrame({ opcode: 10, payload: bare, ...noMask })], [1002], { rfc }),
    ends(
      'a close frame without a mask',
      [rawFrame({ opcode: 8, payload: closePayload(1000, ''), ...noMask })],
      [1002],
      { rfc, isClose: true },
    ),
    ends('126 bytes without a mask', [rawFrame({ opcode: 2, payload: Buffer.alloc(126), ...noMask })], [1002], { rfc }),
    ends(
      'a continuation without a mask behind a masked fragment',
      [rawFrame({ opcode: 1, fin: false, payload: bare }), rawFrame({ opcode: 0, payload: bare, ...noMask })],
      [1002],
      { rfc },
    ),
    ends(
      'an unmasked ping between two masked fragments',
      [rawFrame({ opcode: 1, fin: false, payload: bare }), rawFrame({ opcode: 9, payload: bare, ...noMask })],
      [1002],
      { rfc },
    ),
  ],
};
