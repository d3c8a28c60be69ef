/** Closing: RFC 6455, 5.5.1 and 7, and the registry of close codes. */
import { closeCodeName } from '../../../base/close-code.ts';
import { closePayload } from '../../../ws/frame.ts';
import { rawFrame } from '../../raw-frame.ts';
import type { Case, Section } from '../case.ts';
import { answersClose, ends } from '../play.ts';

const rfc = 'RFC 6455, 5.5.1';
const codes = 'RFC 6455, 7.4';
const allowed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const forbidden = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1100, 2000, 2999, 5000, 65_535];
const badReasons = ['ff', 'c328', 'eda080', 'f4908080', 'e282', 'c0af', '68656c6c6f80'];

const close = (payload: Uint8Array) => rawFrame({ opcode: 8, payload });
const withCode = (code: number, reason = '') => close(rawPayload(code, Buffer.from(reason)));
const hello = rawFrame({ opcode: 1, payload: Buffer.from('hello') });

export const closeSection: Section = {
  id: 'close',
  title: 'Closing',
  cases: [
    ...allowed.map((code) => answersClose(`${code}, ${closeCodeName(code)}`, [withCode(code)], code, { rfc: codes })),
    answersClose('an empty close frame', [close(new Uint8Array(0))], null, { rfc }),
    ...[1, 2, 122, 123].map((length) =>
      answersClose(`a reason of ${length} bytes`, [withCode(1000, 'r'.repeat(length))], 1000, { rfc }),
    ),
    answersClose('a reason with characters of two, three and four bytes', [withCode(1000, 'ä€𝄞')], 1000, { rfc }),
    answersClose('a close frame byte by byte', [withCode(1000, 'slowly')], 1000, { rfc, chopBytes: 1 }),
    answersClose('a message behind the close frame is not answered', [withCode(1000), hello], 1000, { rfc }),
    answersClose('a ping behind the close frame does no harm', [withCode(1000), rawFrame({ opcode: 9 })], 1000, {
      rfc,
    }),
    answersClose('two close frames', [withCode(1000), withCode(1001)], 1000, { rfc }),
    answersClose('a broken frame behind the close frame', [withCode(1000), rawFrame({ opcode: 3, rsv: 7 })], 1000, {
      rfc,
    }),
    ...forbidden.map((code) => ending(`the code ${code}, which must not be sent`, withCode(code), [1002], codes)),
    ...[1005, 1006].map((code) => ending(`the code ${code} with a reason`, withCode(code, 'a reason'), [1002], codes)),
    ending('a payload of one byte', close(Uint8Array.of(3)), [1002], rfc),
    ending('a payload of 126 bytes', withCode(1000, 'r'.repeat(124)), [1002], 'RFC 6455, 5.5'),
    ...badReasons.map((hex) =>
      ending(
        `the reason ${hex}, which is no UTF-8`,
        close(rawPayload(1000, Buffer.from(hex, 'hex'))),
        [1007, 1002],
        rfc,
      ),
    ),
    answersClose(
      'a good reason at the longest, cut at a character',
      [close(closePayload(1000, '€'.repeat(41)))],
      1000,
      { rfc },
    ),
  ],
};

/** A close frame that is itself wrong: whoever answers 1000 has not looked. */
function ending(name: string, frame: Uint8Array, wanted: readonly number[], section: string): Case {
  return ends(name, [frame], wanted, { rfc: section, isClose: true });
}

function rawPayload(code: number, reason: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason]);
}
