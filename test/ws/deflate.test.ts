import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDeflate } from '../../src/ws/deflate.ts';
import {
  answerDeflate,
  type DeflateAgreement,
  type DeflateWishes,
  offerDeflate,
  readDeflateAnswer,
} from '../../src/ws/deflate-offer.ts';
import { formatExtensions, parseExtensions } from '../../src/ws/extension.ts';
import { hex } from './chunking.ts';

const plain: DeflateAgreement = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'));

describe('the server answers', () => {
  const cases: [string, DeflateWishes, string | null][] = [
    ['permessage-deflate', {}, 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', {}, 'permessage-deflate'],
    [
      'permessage-deflate; client_max_window_bits',
      { clientMaxWindowBits: 10 },
      'permessage-deflate; client_max_window_bits=10',
    ],
    [
      'permessage-deflate; client_max_window_bits=9',
      { clientMaxWindowBits: 10 },
      'permessage-deflate; client_max_window_bits=9',
    ],
    ['permessage-deflate', { clientMaxWindowBits: 10 }, 'permessage-deflate'],
    ['permessage-deflate; server_max_window_bits=8', {}, 'permessage-deflate; server_max_window_bits=8'],
    ['permessage-deflate; server_max_window_bits=15', {}, 'permessage-deflate; server_max_window_bits=15'],
    ['permessage-deflate', { serverMaxWindowBits: 12 }, 'permessage-deflate; server_max_window_bits=12'],
    ['permessage-deflate; server_no_context_takeover', {}, 'permessage-deflate; server_no_context_takeover'],
    ['permessage-deflate; client_no_context_takeover', {}, 'permessage-deflate; client_no_context_takeover'],
    [
      'permessage-deflate',
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    // The fallback of RFC 7692, 7.1.3: the first offer that can be understood.
    ['permessage-deflate; unknown, x-webkit-deflate-frame, permessage-deflate', {}, 'permessage-deflate'],
    ['permessage-deflate; server_max_window_bits', {}, null],
    ['permessage-deflate; server_max_window_bits=7', {}, null],
    ['permessage-deflate; server_max_window_bits=16', {}, null],
    ['permessage-deflate; server_max_window_bits=08', {}, null],
    ['permessage-deflate; client_max_window_bits=0', {}, null],
    ['permessage-deflate; server_no_context_takeover=1', {}, null],
    ['permessage-deflate; client_no_context_takeover; client_no_context_takeover', {}, null],
    ['permessage-bzip2', {}, null],
    ['', {}, null],
  ];

  test.each(cases)('%s with %j', (offer, wishes, expected) => {
    const answered = answerDeflate(parseExtensions(offer)!, wishes);
    expect(answered && formatExtensions([answered.answer])).toBe(expected);
    // A client that sent the offer must take every answer, and understand the same.
    if (answered !== null)
      expect(readDeflateAnswer(parseExtensions(offer)!, answered.answer)).toEqual(answered.agreement);
  });
});

describe('the client reads', () => {
  const bare = 'permessage-deflate';
  const cases: [string, string, Partial<DeflateAgreement> | null][] = [
    [bare, bare, {}],
    [bare, `${bare}; server_max_window_bits=10`, { serverMaxWindowBits: 10 }],
    [bare, `${bare}; client_no_context_takeover`, { clientNoContextTakeover: true }],
    [bare, `${bare}; client_max_window_bits=10`, null],
    [`${bare}; client_max_window_bits`, `${bare}; client_max_window_bits=8`, { clientMaxWindowBits: 8 }],
    [`${bare}; client_max_window_bits`, `${bare}; client_max_window_bits`, null],
    [`${bare}; server_max_window_bits=10`, `${bare}; server_max_window_bits=9`, { serverMaxWindowBits: 9 }],
    [`${bare}; server_max_window_bits=10`, `${bare}; server_max_window_bits=11`, null],
    [`${bare}; server_max_window_bits=10`, bare, null],
    [`${bare}; server_max_window_bits=10, ${bare}`, bare, {}],
    [`${bare}; server_no_context_takeover`, bare, null],
    [bare, `${bare}; mystery`, null],
    ['x-other', bare, null],
  ];

  test.each(cases)('%s answered by %s', (offers, answer, expected) => {
    const read = readDeflateAnswer(parseExtensions(offers)!, parseExtensions(answer)![0]!);
    expect(read).toEqual(expected && { ...plain, ...expected });
  });

  test('an offer never names impossible window bits', () => {
    expect(() => offerDeflate({ serverMaxWindowBits: 7 })).toThrow(RangeError);
    expect(() => offerDeflate({ clientMaxWindowBits: 16 })).toThrow(RangeError);
  });
});

function pair(agreement: Partial<DeflateAgreement> = {}, messageBytesMax = 1 << 20) {
  const both = { zlib, agreement: { ...plain, ...agreement }, messageBytesMax };
  return {
    server: createDeflate({ ...both, role: 'server' }),
    client: createDeflate({ ...both, role: 'client' }),
  };
}

describe('the examples of RFC 7692, 7.2.3', () => {
  const hello = bytes('Hello');

  test('one block, and the same message again with the window kept', () => {
    const { server } = pair();
    expect(hexOf(server.deflater.deflate(hello))).toBe('f248cdc9c90700');
    const again = server.deflater.deflate(hello);
    expect(hexOf(again)).toBe('f200110000');
  });

  test('without context takeover the same message is the same bytes', () => {
    const { server } = pair({ serverNoContextTakeover: true });
    expect(hexOf(server.deflater.deflate(hello))).toBe('f248cdc9c90700');
    expect(hexOf(server.deflater.deflate(hello))).toBe('f248cdc9c90700');
    expect(server.deflater.heldBytes).toBe(0);
  });

  const readable: [string, string][] = [
    ['one block', 'f2 48 cd c9 c9 07 00'],
    ['not compressed', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['a final block', 'f3 48 cd c9 c9 07 00 00'],
    ['a final block with nothing behind it', 'f3 48 cd c9 c9 07 00'],
    ['two blocks', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
  ];

  test.each(readable)('%s', (_what, payload) => {
    expect(pair().client.inflater.inflate(hex(payload))).toEqual({ ok: true, data: Buffer.from(hello) });
  });

  test('the window is kept', () => {
    const { inflater } = pair().client;
    inflater.inflate(hex('f2 48 cd c9 c9 07 00'));
    expect(inflater.inflate(hex('f2 00 11 00 00'))).toEqual({ ok: true, data: Buffer.from(hello) });
  });

  test('an empty message is one byte (7.2.3.6)', () => {
    expect(hexOf(pair().server.deflater.deflate(bytes('')))).toBe('00');
    expect(pair().client.inflater.inflate(hex('00'))).toEqual({ ok: true, data: Buffer.alloc(0) });
  });
});

const bits = fc.integer({ min: 8, max: 15 });
const agreements = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: bits,
  clientMaxWindowBits: bits,
});
/** Repetitive at many distances, so that every window is really used. */
const message = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 500 }), fc.integer({ min: 1, max: 40 }))
    .map(([part, times]) => new Uint8Array(Buffer.concat(Array(times).fill(part)))),
);

test('what is deflated is inflated, under any agreement', () => {
  fc.assert(
    fc.property(agreements, fc.array(message, { maxLength: 6 }), (agreement, messages) => {
      const { server, client } = pair(agreement);
      for (const each of messages) {
        expectInflated(client.inflater.inflate(server.deflater.deflate(each)), each);
        expectInflated(server.inflater.inflate(client.deflater.deflate(each)), each);
      }
      expect(server.deflater.heldBytes).toBeLessThanOrEqual(1 << agreement.serverMaxWindowBits);
      expect(client.inflater.heldBytes).toBeLessThanOrEqual(1 << agreement.serverMaxWindowBits);
    }),
  );
});

test('a receiver with exactly the agreed window can read it, a window of 256 bytes included', async () => {
  await fc.assert(
    fc.asyncProperty(bits, fc.array(message, { minLength: 1, maxLength: 5 }), async (serverMaxWindowBits, messages) => {
      const { deflater } = pair({ serverMaxWindowBits }).server;
      const stream = zlib.createInflateRaw({ windowBits: serverMaxWindowBits });
      const received: Buffer[] = [];
      stream.on('data', (data: Buffer) => received.push(data));
      for (const each of messages) {
        // In small pieces: a receiver that had all output at hand would not need its window.
        const payload = Buffer.concat([deflater.deflate(each), hex('00 00 ff ff')]);
        for (let at = 0; at < payload.length; at += 5)
          await new Promise((done) => stream.write(payload.subarray(at, at + 5), done));
      }
      await new Promise<void>((done) => stream.flush(() => done()));
      stream.destroy();
      expect(Buffer.compare(Buffer.concat(received), Buffer.concat(messages))).toBe(0);
    }),
    { numRuns: 30 },
  );
});

describe('what is refused', () => {
  test('random bytes are inflated or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
        const { inflater } = pair().client;
        const first = inflater.inflate(payload);
        if (!first.ok) expect(first.violation).toBe('deflate-data');
      }),
    );
  });

  test('a message at the limit passes, one byte more does not', () => {
    const deflate = (size: number) => pair().server.deflater.deflate(new Uint8Array(size));
    expectInflated(pair({}, 1000).client.inflater.inflate(deflate(1000)), new Uint8Array(1000));
    expect(pair({}, 1000).client.inflater.inflate(deflate(1001))).toEqual({ ok: false, violation: 'message-too-big' });
    expect(pair({}, 0).client.inflater.inflate(deflate(1))).toEqual({ ok: false, violation: 'message-too-big' });
    expectInflated(pair({}, 0).client.inflater.inflate(deflate(0)), new Uint8Array(0));
  });

  test('a bomb is refused before it is inflated', () => {
    const bomb = pair().server.deflater.deflate(new Uint8Array(200 << 20));
    expect(bomb.length).toBeLessThan(1 << 20);
    const before = process.memoryUsage().arrayBuffers;
    expect(pair({}, 1 << 16).client.inflater.inflate(bomb)).toEqual({ ok: false, violation: 'message-too-big' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 << 20);
  });

  test('a message of nothing but final blocks ends soon', () => {
    const payload = hex('03 00'.repeat(50_000));
    expect(pair().client.inflater.inflate(payload)).toEqual({ ok: false, violation: 'deflate-data' });
  });

  test('the limit counts over final blocks', () => {
    const block = `${hexOf(pair().server.deflater.deflate(new Uint8Array(600))).replace(/^../, (first) => (Number.parseInt(first, 16) | 1).toString(16).padStart(2, '0'))}`;
    const twice = hex(`${block}${block}`);
    expect(pair({}, 1000).client.inflater.inflate(twice)).toEqual({ ok: false, violation: 'message-too-big' });
  });
});

test('a released context is gone', () => {
  const { server } = pair();
  server.deflater.deflate(new Uint8Array(50_000));
  expect(server.deflater.heldBytes).toBe(32_768);
  server.deflater.release();
  expect(server.deflater.heldBytes).toBe(0);
});

function hexOf(payload: Uint8Array): string {
  return Buffer.from(payload).toString('hex');
}

function expectInflated(inflated: { ok: boolean; data?: Uint8Array }, expected: Uint8Array): void {
  expect(inflated.ok).toBe(true);
  expect(Buffer.compare(inflated.data!, expected)).toBe(0);
}
