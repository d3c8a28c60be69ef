import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRequestHead } from '../../src/ws/request-head.ts';

const check = (text: string, read: { url: string; rawHeaders: string[] } | null) =>
  expect(readRequestHead(text)).toEqual(read === null ? null : { method: 'GET', httpVersion: '1.1', ...read });

test.each<[what: string, text: string, read: { url: string; rawHeaders: string[] } | null]>([
  [
    'a plain head',
    'GET /a?b HTTP/1.1\r\nHost: x\r\nA:  b c \r\nE:',
    { url: '/a?b', rawHeaders: ['Host', 'x', 'A', 'b c', 'E', ''] },
  ],
  ['no header', 'GET / HTTP/1.1', { url: '/', rawHeaders: [] }],
  ['a name in any case', 'GET / HTTP/1.1\r\nhOST: x', { url: '/', rawHeaders: ['hOST', 'x'] }],
  ['another method', 'PUT / HTTP/1.1\r\nHost: x', null],
  ['another version', 'GET / HTTP/1.0\r\nHost: x', null],
  ['an empty line', 'GET / HTTP/1.1\r\n', null],
  ['no colon', 'GET / HTTP/1.1\r\nHost\r\nA: b', null],
  ['a blank before the colon', 'GET / HTTP/1.1\r\nHost : x', null],
  ['a folded line', 'GET / HTTP/1.1\r\nA: b\r\n c: d', null],
  ['a bare line feed', 'GET / HTTP/1.1\r\nA: b\nC: d', null],
  ['a bare carriage return', 'GET / HTTP/1.1\r\nA: b\rC: d', null],
  ['two carriage returns', 'GET / HTTP/1.1\r\nA: b\r\r\nC: d', null],
  ['a zero byte', 'GET / HTTP/1.1\r\nA: b\0', null],
  ['framing', 'GET / HTTP/1.1\r\nContent-length: 0', null],
  ['an absolute target', 'GET http://x/ HTTP/1.1\r\nHost: x', null],
  [
    '100 headers',
    `GET / HTTP/1.1${'\r\nA: b'.repeat(100)}`,
    { url: '/', rawHeaders: Array(100).fill(['A', 'b']).flat() },
  ],
  ['101 headers', `GET / HTTP/1.1${'\r\nA: b'.repeat(101)}`, null],
])('%s', (_what, text, read) => check(text, read));

/** The same, line by line, as one would write it without a thought of speed. */
function plainReading(text: string): ReturnType<typeof readRequestHead> {
  const lines = text.split('\r\n');
  const target = /^GET (\/[\x21-\x7e]*) HTTP\/1\.1$/.exec(lines[0]!)?.[1];
  if (target === undefined || lines.length > 101) return null;
  const rawHeaders: string[] = [];
  for (const line of lines.slice(1)) {
    const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
    if (match === null || /^(?:content-length|transfer-encoding|expect|trailer)$/i.test(match[1]!)) return null;
    rawHeaders.push(match[1]!, match[2]!.replace(/[\t ]+$/, ''));
  }
  return { method: 'GET', url: target, httpVersion: '1.1', rawHeaders };
}

test('reads what a reader that goes line by line reads', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '\r\n',
      '\r',
      '\n',
      ':',
      ': ',
      ' ',
      '\t',
      'Host',
      'Content-Length',
      'TE',
      'a_b',
      '\0',
      '\x7f',
      'é',
      '\xff',
    ),
    fc.string({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom('GET / HTTP/1.1', 'GET / HTTP/1.1\r\nHost: x', ''),
      fc.array(piece),
      (start, pieces) => {
        const text = start + pieces.join('').replace(/[^\0-\xff]/g, '');
        expect(readRequestHead(text)).toEqual(plainReading(text));
      },
    ),
    { numRuns: 2000 },
  );
});
