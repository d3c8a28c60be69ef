import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BodyViolation, bodyLength, bodyViolations, createBodyReader } from '../../src/ws/body.ts';
import { cut, sizes } from './chunking.ts';

/** What was read, and what is left behind the body; or the violation; or `more`. */
type Outcome = { body: string; rest: string } | BodyViolation | { unfinished: string };

function read(rawHeaders: string[], text: string, cuts: readonly number[] = [], status = 403): Outcome {
  const length = bodyLength({ httpVersion: '1.1', status, reason: '', rawHeaders });
  if (length.kind === 'violation') return length.violation;
  const reader = createBodyReader(length);
  let body = '';
  let at = 0;
  for (const chunk of [new Uint8Array(0), ...cut(Buffer.from(text, 'latin1'), cuts)]) {
    const step = reader.push(chunk, (bytes) => {
      body += Buffer.from(bytes).toString('latin1');
    });
    if (step.state === 'violation') return step.violation;
    if (step.state === 'done') return { body, rest: text.slice(at + step.endAt) };
    at += chunk.length;
  }
  return { unfinished: body };
}

const chunked = ['Transfer-Encoding', 'chunked'];

const cases: [string, string[], string, Outcome][] = [
  ['a length', ['Content-Length', '3'], 'abcdef', { body: 'abc', rest: 'def' }],
  ['a length of zero', ['content-length', '0'], 'abc', { body: '', rest: 'abc' }],
  ['the same length twice', ['Content-Length', '1', 'Content-Length', '1'], 'ab', { body: 'a', rest: 'b' }],
  ['too few bytes', ['Content-Length', '4'], 'abc', { unfinished: 'abc' }],
  ['until the end', [], 'abc', { unfinished: 'abc' }],
  ['another coding last', ['Transfer-Encoding', 'chunked, gzip'], 'abc', { unfinished: 'abc' }],
  ['two lengths', ['Content-Length', '1', 'Content-Length', '2'], 'abc', 'length-malformed'],
  ['a list of lengths', ['Content-Length', '1, 1'], 'abc', 'length-malformed'],
  ['a negative length', ['Content-Length', '-1'], 'abc', 'length-malformed'],
  ['a length past exact numbers', ['Content-Length', '9'.repeat(16)], 'abc', 'length-malformed'],
  ['both', [...chunked, 'Content-Length', '1'], 'abc', 'length-and-chunked'],
  ['chunks', chunked, '3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nrest', { body: 'abc0123456789', rest: 'rest' }],
  ['no chunk', chunked, '0\r\n\r\n', { body: '', rest: '' }],
  ['a coding in upper case', ['Transfer-Encoding', 'gzip, Chunked'], '000\r\n\r\nx', { body: '', rest: 'x' }],
  ['a chunk extension', chunked, '1;a="b"\r\nx\r\n0 ;c\r\n\r\n', { body: 'x', rest: '' }],
  ['trailers', chunked, '0\r\nA: b\r\nC: d\r\n\r\nx', { body: '', rest: 'x' }],
  ['half a chunk', chunked, '5\r\nab', { unfinished: 'ab' }],
  ['no size', chunked, '\r\n', 'chunk-size'],
  ['no digits', chunked, 'xyz\r\n', 'chunk-size'],
  ['a sign', chunked, '-1\r\n', 'chunk-size'],
  ['a prefix', chunked, '0x1\r\na\r\n', 'chunk-size'],
  ['an extension without a size', chunked, ';a\r\n', 'chunk-size'],
  ['a size past exact numbers', chunked, `${'F'.repeat(14)}\r\n`, 'chunk-size'],
  ['a bare line feed behind a size', chunked, '1\na', 'chunk-size'],
  ['a bare carriage return in a size line', chunked, '1;a\rb\r\n', 'chunk-size'],
  ['a size line without an end', chunked, `1;${'a'.repeat(2000)}`, 'chunk-size'],
  ['a chunk that is longer than its size', chunked, '1\r\nab\r\n', 'chunk-end'],
  ['a bare line feed behind a chunk', chunked, '1\r\na\n', 'chunk-end'],
  ['trailers without an end', chunked, `0\r\n${'A: b\r\n'.repeat(3000)}`, 'trailer-too-long'],
];

test.each(cases)('%s', (_what, rawHeaders, text, expected) => {
  expect(read(rawHeaders, text)).toEqual(expected);
  expect(read(rawHeaders, text, [1])).toEqual(expected);
});

test('every violation has a case above', () => {
  const seen = new Set(cases.map(([, , , outcome]) => outcome).filter((outcome) => typeof outcome === 'string'));
  expect(seen).toEqual(new Set(Object.keys(bodyViolations)));
});

test.each([101, 204, 304])('%i has no body, whatever its headers say', (status) => {
  expect(read(['Content-Length', '3'], 'abc', [], status)).toEqual({ body: '', rest: 'abc' });
});

test('chunks that are written come back, however they are cut', () => {
  const pieces = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, sizes, (list, cuts) => {
      const text = `${list.map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join('')}0\r\n\r\nrest`;
      expect(read(chunked, text, cuts)).toEqual({ body: list.join(''), rest: 'rest' });
    }),
  );
});

test('random bytes end or go on, but never throw', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('0', '1', 'f', '\r\n', '\r', '\n', ';', ' ', 'x')), sizes, (list, cuts) => {
      expect(read(chunked, list.join(''), cuts)).toEqual(read(chunked, list.join('')));
    }),
  );
});
