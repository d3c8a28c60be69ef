import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeCodeName, isSendableCloseCode } from '../../src/base/close-code.ts';
import { readClosePayload } from '../../src/ws/close-payload.ts';
import { encodeClose, encodeFrame, encodeFrameHead } from '../../src/ws/frame.ts';
import { applyMask } from '../../src/ws/mask.ts';
import { type Opcode, opcodes } from '../../src/ws/opcode.ts';
import { hex } from './chunking.ts';

const mask = hex('37 fa 21 3d');
const text = (string: string) => new Uint8Array(Buffer.from(string, 'utf8'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

interface Case {
  opcode?: Opcode;
  fin?: boolean;
  rsv1?: boolean;
  mask?: Uint8Array | null;
  payload: Uint8Array;
}

/** The examples of RFC 6455, 5.7, then our own. */
const frames: [string, Case, string][] = [
  ['an unmasked text', { payload: text('Hello') }, '81 05 48 65 6c 6c 6f'],
  ['a masked text', { payload: text('Hello'), mask }, '81 85 37 fa 21 3d 7f 9f 4d 51 58'],
  ['a first fragment', { payload: text('Hel'), fin: false }, '01 03 48 65 6c'],
  ['a last fragment', { payload: text('lo'), opcode: opcodes.continuation }, '80 02 6c 6f'],
  ['a ping', { payload: text('Hello'), opcode: opcodes.ping }, '89 05 48 65 6c 6c 6f'],
  ['a masked pong', { payload: text('Hello'), opcode: opcodes.pong, mask }, '8a 85 37 fa 21 3d 7f 9f 4d 51 58'],
  ['256 bytes', { payload: new Uint8Array(256), opcode: opcodes.binary }, `82 7e 01 00 ${'00'.repeat(256)}`],
  [
    '64 KiB',
    { payload: new Uint8Array(65_536), opcode: opcodes.binary },
    `82 7f 00 00 00 00 00 01 00 00 ${'00'.repeat(65_536)}`,
  ],
  ['nothing', { payload: text('') }, '81 00'],
  ['nothing, masked', { payload: text(''), mask }, '81 80 37 fa 21 3d'],
  ['a compressed text', { payload: hex('f2 48 cd c9 c9 07 00'), rsv1: true }, 'c1 07 f2 48 cd c9 c9 07 00'],
  ['125 bytes', { payload: new Uint8Array(125) }, `81 7d ${'00'.repeat(125)}`],
  ['126 bytes', { payload: new Uint8Array(126) }, `81 7e 00 7e ${'00'.repeat(126)}`],
  ['65535 bytes', { payload: new Uint8Array(65_535) }, `81 7e ff ff ${'00'.repeat(65_535)}`],
];

test.each(frames)('%s', (_what, frame, expected) => {
  const bytes = encodeFrame({ opcode: opcodes.text, mask: null, ...frame });
  // toBe on strings: a difference in 64 KiB of an array takes a minute to print.
  expect(toHex(bytes)).toBe(expected.replaceAll(' ', ''));
});

test('lengths past 32 bits', () => {
  expect(toHex(encodeFrameHead({ opcode: opcodes.binary, mask: null }, 2 ** 32 + 1))).toBe('827f0000000100000001');
  expect(toHex(encodeFrameHead({ opcode: opcodes.binary, mask }, Number.MAX_SAFE_INTEGER))).toBe(
    '82ff001fffffffffffff37fa213d',
  );
});

test('the payload that was given is left alone', () => {
  const payload = text('Hello');
  encodeFrame({ opcode: opcodes.text, mask, payload });
  expect(payload).toEqual(text('Hello'));
});

describe('masking', () => {
  /** The definition in the RFC, as it stands. */
  function plainly(bytes: Uint8Array, key: Uint8Array): Uint8Array {
    return bytes.map((byte, i) => byte ^ key[i % 4]!);
  }

  const key = fc.uint8Array({ minLength: 4, maxLength: 4 });

  test('does what the definition says, wherever the bytes lie in memory', () => {
    const inputs = fc.tuple(fc.uint8Array({ maxLength: 200 }), key, fc.integer({ min: 0, max: 7 }));
    fc.assert(
      fc.property(inputs, ([bytes, maskKey, offset]) => {
        const place = new Uint8Array(offset + bytes.length + 5).fill(0xaa);
        place.set(bytes, offset);
        applyMask(place.subarray(offset, offset + bytes.length), maskKey);
        expect(place.subarray(offset, offset + bytes.length)).toEqual(plainly(bytes, maskKey));
        expect([...place.subarray(0, offset), ...place.subarray(offset + bytes.length)]).toEqual(
          Array(offset + 5).fill(0xaa),
        );
      }),
    );
  });

  test('in pieces does the same', () => {
    const inputs = fc.tuple(fc.uint8Array({ maxLength: 400 }), key, fc.array(fc.nat({ max: 400 })));
    fc.assert(
      fc.property(inputs, ([bytes, maskKey, places]) => {
        const expected = plainly(bytes, maskKey);
        const ends = [...places.filter((place) => place < bytes.length), bytes.length].sort((a, b) => a - b);
        let phase = 0;
        let start = 0;
        for (const end of ends) {
          phase = applyMask(bytes, maskKey, phase, start, end);
          start = end;
        }
        expect(bytes).toEqual(expected);
      }),
    );
  });
});

describe('close', () => {
  const closes: [string, Parameters<typeof encodeClose>[0], string][] = [
    ['no code', { code: null, mask: null }, '88 00'],
    ['a code', { code: 1000, mask: null }, '88 02 03 e8'],
    ['a code and a reason', { code: 1001, reason: 'bye', mask: null }, '88 05 03 e9 62 79 65'],
    ['masked', { code: 1000, mask }, '88 82 37 fa 21 3d 34 12'],
    ['123 bytes', { code: 4999, reason: 'x'.repeat(123), mask: null }, `88 7d 13 87 ${'78'.repeat(123)}`],
    ['124 bytes', { code: 4999, reason: 'x'.repeat(124), mask: null }, `88 7d 13 87 ${'78'.repeat(123)}`],
    [
      'a cut inside two bytes',
      { code: 1000, reason: `${'x'.repeat(122)}é`, mask: null },
      `88 7c 03 e8 ${'78'.repeat(122)}`,
    ],
    [
      'a cut behind two bytes',
      { code: 1000, reason: `${'x'.repeat(121)}éx`, mask: null },
      `88 7d 03 e8 ${'78'.repeat(121)} c3 a9`,
    ],
    [
      'a cut inside four bytes',
      { code: 1000, reason: `${'x'.repeat(120)}😀`, mask: null },
      `88 7a 03 e8 ${'78'.repeat(120)}`,
    ],
    ['half a surrogate pair', { code: 1000, reason: '\ud83d', mask: null }, '88 05 03 e8 ef bf bd'],
  ];

  test.each(closes)('%s', (_what, close, expected) => {
    expect(toHex(encodeClose(close))).toBe(expected.replaceAll(' ', ''));
  });

  test.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_536, 1000.5, Number.NaN])('refuses to send %d', (code) => {
    expect(() => encodeClose({ code, mask: null })).toThrow(RangeError);
  });

  const payloads: [string, object | string][] = [
    ['', { code: 1005, reason: '' }],
    ['03', 'close-length'],
    ['03 e8', { code: 1000, reason: '' }],
    ['03 e9 c3 a9', { code: 1001, reason: 'é' }],
    ['03 e8 ef bb bf 61', { code: 1000, reason: '\ufeffa' }],
    ['03 e8 c3', 'close-utf8'],
    ['03 e8 ed a0 80', 'close-utf8'],
    ['03 ed', 'close-code'],
    ['00 00', 'close-code'],
    ['ff ff', 'close-code'],
  ];

  test.each(payloads)('the payload %s', (payload, expected) => {
    expect(readClosePayload(hex(payload))).toEqual(expected);
  });

  test('what is sent can be read, whatever the reason', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (reason) => {
        const read = readClosePayload(encodeClose({ code: 4000, reason, mask: null }).subarray(2));
        expect(read).toMatchObject({ code: 4000 });
        expect(typeof read !== 'string' && reason.startsWith(read.reason)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

test('the codes that may be sent', () => {
  const may = Array.from({ length: 6000 }, (_, code) => code).filter(isSendableCloseCode);
  const ranges = [...range(1000, 1003), ...range(1007, 1014), ...range(3000, 4999)];
  expect(may).toEqual(ranges);
  expect([1006, 3000, 4999, 2000].map(closeCodeName)).toEqual([
    'abnormal closure',
    'registered code',
    'private code',
    'reserved code',
  ]);
});

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
