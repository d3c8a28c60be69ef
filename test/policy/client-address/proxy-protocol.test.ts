import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  feedProxy,
  newProxyParser,
  type ProxyFeed,
  proxyHeaderBytesMax,
  readProxyHeader,
} from '../../../src/policy/client-address/proxy-protocol.ts';

const text = (line: string) => Uint8Array.from(line, (character) => character.charCodeAt(0));
const hex = (...parts: string[]) => Uint8Array.from(Buffer.from(parts.join('').replaceAll(' ', ''), 'hex'));
const signature = '0d0a0d0a000d0a515549540a';

/** Feeds chunk by chunk; what the last chunk and those after it leave over is the rest. */
function feedAll(chunks: readonly Uint8Array[]): { result: ProxyFeed; rest: number[] } {
  const parser = newProxyParser();
  let result: ProxyFeed = { kind: 'more' };
  const rest: number[] = [];
  for (const chunk of chunks) {
    if (result.kind !== 'more') {
      rest.push(...chunk);
      continue;
    }
    result = feedProxy(parser, chunk);
    if (result.kind === 'header') rest.push(...result.rest);
  }
  return { result, rest };
}

const source = (address: string, port: number) => ({ source: { address, port } });

const good: [what: string, bytes: Uint8Array, addresses: object | null][] = [
  ['v1 TCP4', text('PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n'), source('192.0.2.1', 56324)],
  ['v1 TCP6', text('PROXY TCP6 2001:DB8::1 ::1 1 65535\r\n'), source('2001:db8::1', 1)],
  ['v1 TCP6 with a mapped address', text('PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n'), source('192.0.2.1', 1)],
  ['v1 UNKNOWN', text('PROXY UNKNOWN\r\n'), null],
  ['v1 UNKNOWN with the rest', text(`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`), null],
  [
    'v1 at its longest',
    text(`PROXY TCP6 ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`),
    source('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 65535),
  ],
  ['v2 TCP4', hex(signature, '21 11 000c c0000201 c6336401 dc04 01bb'), source('192.0.2.1', 56324)],
  [
    'v2 TCP4 with extras',
    hex(signature, '21 11 0011 c0000201 c6336401 dc04 01bb 0200026832'),
    source('192.0.2.1', 56324),
  ],
  [
    'v2 TCP6',
    hex(signature, '21 21 0024', '20010db8000000000000000000000001', '0'.repeat(31), '1', '0001 0002'),
    source('2001:db8::1', 1),
  ],
  ['v2 LOCAL', hex(signature, '20 00 0000'), null],
  ['v2 LOCAL with whatever', hex(signature, '20 ff 0003 010203'), null],
  ['v2 without a family', hex(signature, '21 00 0000'), null],
  ['v2 UDP', hex(signature, '21 12 0000'), null],
  ['v2 UNIX socket', hex(signature, '21 31 00d8', '00'.repeat(216)), null],
  [
    'v2 at its longest',
    hex(signature, '21 11 0208 c0000201 c6336401 dc04 01bb', 'ee'.repeat(508)),
    source('192.0.2.1', 56324),
  ],
];

const bad: [what: string, bytes: Uint8Array][] = [
  ['an HTTP request', text('GET / HTTP/1.1\r\n')],
  ['PROXY in small letters', text('proxy TCP4')],
  ['almost PROXY', text('PROXX ')],
  ['almost the signature', hex('0d0a0d0a000d0a515549540b')],
  ['TLS', hex('160301')],
  ['v1 without a family', text('PROXY \r\n')],
  ['v1 with another family', text('PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n')],
  ['v1 with two spaces', text('PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n')],
  ['v1 with a field too many', text('PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n')],
  ['v1 with a field too few', text('PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n')],
  ['v1 with IPv6 as TCP4', text('PROXY TCP4 ::1 ::1 1 2\r\n')],
  ['v1 with mapped IPv4 as TCP4', text('PROXY TCP4 ::ffff:1.2.3.4 ::ffff:1.2.3.4 1 2\r\n')],
  ['v1 with IPv4 as TCP6', text('PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n')],
  ['v1 with a name', text('PROXY TCP4 localhost 192.0.2.2 1 2\r\n')],
  ['v1 with a big port', text('PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n')],
  ['v1 with a signed port', text('PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n')],
  ['v1 with a padded port', text('PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n')],
  ['v1 without a port', text('PROXY TCP4 192.0.2.1 192.0.2.2  2\r\n')],
  ['v1 with a bare line feed', text('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n')],
  ['v1 with a bare carriage return', text('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\rX')],
  ['v1 with a zero byte', text('PROXY TCP4 192.0.2.1\0 192.0.2.2 1 2\r\n')],
  ['v1 without an end', text(`PROXY UNKNOWN ${'f'.repeat(100)}`)],
  ['v1 with its end one byte late', text(`PROXY UNKNOWN ${'f'.repeat(92)}\r\n`)],
  ['v2 version 1', hex(signature, '11')],
  ['v2 version 3', hex(signature, '31')],
  ['v2 command 2', hex(signature, '22')],
  ['v2 unknown family', hex(signature, '21 41 000c', '00'.repeat(12))],
  ['v2 unknown transport', hex(signature, '21 13 000c', '00'.repeat(12))],
  ['v2 TCP4 too short', hex(signature, '21 11 000b')],
  ['v2 TCP6 too short', hex(signature, '21 21 0023')],
  ['v2 too long', hex(signature, '21 11 0209')],
  ['v2 as long as it can claim', hex(signature, '20 00 ffff')],
];

describe('one header', () => {
  test.each(good)('%s', (_what, bytes, addresses) => {
    const expected = addresses === null ? null : expect.objectContaining(addresses);
    expect(readProxyHeader(bytes)).toEqual({ kind: 'header', addresses: expected, length: bytes.length });
    for (let length = 0; length < bytes.length; length++)
      expect(readProxyHeader(bytes.subarray(0, length)).kind).toBe('more');
  });

  test.each(bad)('%s is refused', (_what, bytes) => {
    expect(readProxyHeader(bytes)).toEqual({ kind: 'error', problem: expect.stringMatching(/PROXY/) });
  });

  test('the destination is read too', () => {
    for (const bytes of [good[0]![1], good[6]![1]])
      expect(readProxyHeader(bytes)).toMatchObject({
        addresses: { destination: { address: '198.51.100.1', port: 443 } },
      });
  });
});

describe('any chunking', () => {
  const cuts = fc.array(fc.nat(600), { maxLength: 20 });
  const chunked = (bytes: Uint8Array, at: readonly number[]) => {
    const ends = [...at.filter((each) => each <= bytes.length).sort((a, b) => a - b), bytes.length];
    return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1]!, end));
  };

  test('gives the same header and leaves the client’s bytes', () => {
    const sample = fc.constantFrom(...good.map(([, bytes]) => bytes));
    fc.assert(
      fc.property(sample, fc.uint8Array({ maxLength: 1000 }), cuts, (header, client, at) => {
        const { result, rest } = feedAll(chunked(Uint8Array.from([...header, ...client]), at));
        const whole = readProxyHeader(header);
        expect(result).toMatchObject({
          kind: 'header',
          addresses: whole.kind === 'header' ? whole.addresses : undefined,
        });
        expect(rest).toEqual([...client]);
      }),
    );
  });

  test('bytes of any kind end in an answer, and never in more than the bound', () => {
    const begin = fc.constantFrom('', 'PROXY ', 'PROXY TCP4 ', '\r\n\r\n\0\r\nQUIT\n', '\r\n\r\n\0\r\nQUIT\n\x21\x11');
    fc.assert(
      fc.property(begin, fc.uint8Array({ maxLength: 700 }), cuts, (prefix, tail, at) => {
        const bytes = Uint8Array.from([...text(prefix), ...tail]);
        const { result } = feedAll(chunked(bytes, at));
        const whole = feedAll([bytes]).result;
        expect(result.kind).toBe(whole.kind);
        if (bytes.length >= proxyHeaderBytesMax) expect(result.kind).not.toBe('more');
      }),
      { numRuns: 1000 },
    );
  });
});
