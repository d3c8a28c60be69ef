import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decoder, type DecoderEvent } from '../../src/ws/decoder.ts';
import { createDeflate } from '../../src/ws/deflate.ts';
import { encodeFrame, textOf } from '../../src/ws/frame.ts';
import { opcodes } from '../../src/ws/opcode.ts';
import { type Violation, violations } from '../../src/ws/violation.ts';
import { concat, cut, hex, sizes } from './chunking.ts';
import { faults, legalStream, numbers, sides, spoil, streams } from './streams.ts';
import { caseBytesMax, frameCases, payloadCases } from './violation-cases.ts';

const agreement = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

interface Setting {
  from: 'client' | 'server';
  messageBytesMax?: number;
  compression?: boolean;
}

function decoder({ from, messageBytesMax = 65_536, compression = false }: Setting): Decoder {
  const role = from === 'client' ? 'server' : 'client';
  const inflater = compression ? createDeflate({ zlib, agreement, role, messageBytesMax }).inflater : null;
  return new Decoder({ from, messageBytesMax, inflater });
}

/** Events with their bytes copied out, as the decoder's contract asks. */
function decode(
  setting: Setting,
  chunks: readonly Uint8Array[],
): { events: DecoderEvent[]; violation: Violation | null } {
  const receiving = decoder(setting);
  const events: DecoderEvent[] = [];
  for (const chunk of chunks) {
    receiving.push(chunk, (event) => {
      events.push(event.kind === 'close' ? event : { ...event, data: new Uint8Array(event.data) });
    });
  }
  return { events, violation: receiving.violation };
}

const cases: [string, string, object[]][] = [
  [
    'a text',
    '81 05 48 65 6c 6c 6f',
    [{ kind: 'text', data: hex('48656c6c6f'), compressed: false, wireBytes: 5, frames: 1 }],
  ],
  [
    'a text in two fragments with a ping between',
    '01 03 48 65 6c 89 01 21 80 02 6c 6f',
    [
      { kind: 'ping', data: hex('21') },
      { kind: 'text', data: hex('48656c6c6f'), compressed: false, wireBytes: 5, frames: 2 },
    ],
  ],
  [
    'a compressed text (RFC 7692, 7.2.3.1)',
    'c1 07 f2 48 cd c9 c9 07 00',
    [{ kind: 'text', data: hex('48656c6c6f'), compressed: true, wireBytes: 7, frames: 1 }],
  ],
  [
    'a compressed text in two fragments',
    '41 03 f2 48 cd 80 04 c9 c9 07 00',
    [{ kind: 'text', data: hex('48656c6c6f'), compressed: true, wireBytes: 7, frames: 2 }],
  ],
  [
    'nothing, twice',
    '82 00 82 00',
    Array(2).fill({ kind: 'binary', data: hex(''), compressed: false, wireBytes: 0, frames: 1 }),
  ],
  ['a close', '88 05 03 e8 62 79 65', [{ kind: 'close', code: 1000, reason: 'bye' }]],
  [
    'a pong and a close without a code',
    '8a 00 88 00',
    [
      { kind: 'pong', data: hex('') },
      { kind: 'close', code: null, reason: '' },
    ],
  ],
];

test.each(cases)('%s', (_what, bytes, expected) => {
  const setting = { from: 'server', compression: true } as const;
  expect(decode(setting, [hex(bytes)])).toEqual({ events: expected, violation: null });
  expect(decode(setting, cut(hex(bytes), [1]))).toEqual({ events: expected, violation: null });
});

test('the masked text of RFC 6455, 5.7', () => {
  const chunk = Buffer.from(hex('81 85 37 fa 21 3d 7f 9f 4d 51 58'));
  const { events } = decode({ from: 'client' }, [chunk]);
  expect(events.map((event) => event.kind === 'text' && textOf(event.data))).toEqual(['Hello']);
  expect(chunk.toString('hex')).toBe('818537fa213d7f9f4d5158');
});

describe('violations', () => {
  test.each([...frameCases, ...payloadCases])('$violation: $what', ({ violation, from, bytes, compression }) => {
    const setting = { from, compression, messageBytesMax: caseBytesMax };
    expect(decode(setting, [bytes]).violation).toBe(violation);
    expect(decode(setting, cut(bytes, [1])).violation).toBe(violation);
  });

  test('every one has a case', () => {
    const seen = new Set<string>([...frameCases, ...payloadCases].flatMap(({ violation }) => violation ?? []));
    expect(seen).toEqual(new Set(Object.keys(violations)));
  });

  test('nothing is read after one', () => {
    expect(decode({ from: 'server' }, [hex('81 01 ff'), hex('81 01 61')])).toEqual({
      events: [],
      violation: 'text-utf8',
    });
  });
});

test('what is encoded is decoded', () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(65_535, 65_536).map((size) => new Uint8Array(size)),
  );
  const inputs = fc.record({ payload, mask: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 })) });
  fc.assert(
    fc.property(inputs, sizes, ({ payload: sent, mask }, cuts) => {
      const bytes = encodeFrame({ opcode: opcodes.binary, payload: sent, mask });
      const { events, violation } = decode({ from: mask === null ? 'server' : 'client' }, cut(bytes, [4000, ...cuts]));
      expect(violation).toBe(null);
      expect(events.length).toBe(1);
      expect(events[0]!.kind === 'binary' && Buffer.compare(events[0]!.data, sent)).toBe(0);
    }),
  );
});

test('the chunking does not matter', () => {
  fc.assert(
    fc.property(streams, fc.boolean(), sizes, ({ from, bytes }, compression, cuts) => {
      const setting = { from, compression };
      expect(decode(setting, cut(bytes, cuts))).toEqual(decode(setting, [bytes]));
    }),
    { numRuns: 500 },
  );
});

test('a million frames, whole, cut and spoilt: no throw, and no memory past the bound', () => {
  const messageBytesMax = 4096;
  let frames = 0;
  fc.assert(
    fc.property(fc.nat(), sides, faults, (seed, from, list) => {
      const stream = legalStream({ seed, from, frames: 5000 });
      const random = numbers(seed);
      const legal = decoder({ from, messageBytesMax });
      const spoilt = decoder({ from, messageBytesMax });
      let messages = 0;
      let controls = 0;
      for (const chunk of cut(stream.bytes, [1 + random(50), random(4), 1 + random(5000)])) {
        legal.push(chunk, (event) => {
          if (event.kind === 'text' || event.kind === 'binary') {
            if (Buffer.compare(event.data, stream.messages[messages++]!.data) !== 0)
              expect.fail('another message came out');
          } else controls++;
        });
        if (legal.heldBytes > 2 * messageBytesMax) expect.fail(`holds ${legal.heldBytes} bytes`);
      }
      expect([legal.violation, messages, controls]).toEqual([null, stream.messages.length, stream.controls.length]);
      for (const chunk of cut(spoil(stream.bytes, list), [1 + random(2000)])) {
        spoilt.push(chunk, () => undefined);
        if (spoilt.heldBytes > 2 * messageBytesMax + 600) expect.fail(`holds ${spoilt.heldBytes} bytes`);
      }
      frames += stream.frames * 2;
    }),
    { numRuns: 100 },
  );
  expect(frames).toBeGreaterThanOrEqual(1_000_000);
});

test('memory that is used again for the next chunk does no harm', () => {
  const { bytes, messages } = legalStream({ seed: 7, from: 'client', frames: 200 });
  const receiving = decoder({ from: 'client' });
  const place = Buffer.alloc(16);
  const received: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += place.length) {
    const taken = place.subarray(0, Math.min(place.length, bytes.length - at));
    taken.set(bytes.subarray(at, at + taken.length));
    receiving.push(taken, (event) => {
      if (event.kind === 'text' || event.kind === 'binary') received.push(Buffer.from(event.data));
    });
  }
  expect(Buffer.compare(Buffer.concat(received), concat(messages.map(({ data }) => data)))).toBe(0);
});

describe('memory', () => {
  test('a million empty fragments hold nothing', () => {
    const receiving = decoder({ from: 'server' });
    receiving.push(hex('01 00'), () => undefined);
    const chunk = concat(Array(10_000).fill(hex('00 00')));
    for (let i = 0; i < 100; i++) receiving.push(chunk, () => undefined);
    expect(receiving.violation).toBe(null);
    expect(receiving.heldBytes).toBeLessThanOrEqual(1024);
  });

  test('follows what arrives, not what a header claims', () => {
    const receiving = decoder({ from: 'server', messageBytesMax: 2 ** 40 });
    receiving.push(hex('82 7f 00 00 00 ff 00 00 00 00'), () => undefined);
    expect(receiving.heldBytes).toBeLessThanOrEqual(1024);
    receiving.push(new Uint8Array(10_000), () => undefined);
    expect(receiving.heldBytes).toBeLessThanOrEqual(20_000);
  });

  test('a message that has been handed over is not held', () => {
    const receiving = decoder({ from: 'client' });
    const bytes = encodeFrame({ opcode: opcodes.binary, payload: new Uint8Array(50_000), mask: hex('01 02 03 04') });
    for (const chunk of cut(bytes, [1000])) receiving.push(chunk, () => undefined);
    expect(receiving.heldBytes).toBe(0);
  });
});
