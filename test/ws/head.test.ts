import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHeadReader, type HeadViolation, headBytesMax, headersMax, headViolations } from '../../src/ws/head.ts';
import { cut, sizes } from './chunking.ts';

type Outcome = { status: number; reason: string; rawHeaders: readonly string[]; rest: string } | HeadViolation | 'more';

function read(text: string, cuts: readonly number[] = []): Outcome {
  const reader = createHeadReader();
  const bytes = Buffer.from(text, 'latin1');
  let at = 0;
  for (const chunk of cut(bytes, cuts)) {
    const step = reader.push(chunk);
    if (reader.heldBytes > headBytesMax) expect.fail(`holds ${reader.heldBytes} bytes`);
    if (step.state === 'violation') return step.violation;
    if (step.state === 'done') {
      const { status, reason, rawHeaders } = step.head;
      return { status, reason, rawHeaders, rest: text.slice(at + step.bodyAt) };
    }
    at += chunk.length;
  }
  return 'more';
}

function head(status: number, reason: string, rawHeaders: string[], rest = ''): Outcome {
  return { status, reason, rawHeaders, rest };
}

const manyHeaders = (count: number) => `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(count)}\r\n`;
const longHead = (bytes: number) => `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(bytes - 24)}\r\n\r\n`;

const cases: [string, string, Outcome][] = [
  [
    'a 101 with frames behind it',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00',
    head(101, 'Switching Protocols', ['Upgrade', 'websocket'], '\x81\x00'),
  ],
  ['no headers', 'HTTP/1.1 200 OK\r\n\r\n', head(200, 'OK', [])],
  ['HTTP/1.0', 'HTTP/1.0 502 Bad Gateway\r\n\r\nbody', head(502, 'Bad Gateway', [], 'body')],
  ['no reason', 'HTTP/1.1 404 \r\n\r\n', head(404, '', [])],
  ['no reason and no blank', 'HTTP/1.1 404\r\n\r\n', head(404, '', [])],
  [
    'blanks around values',
    'HTTP/1.1 200 OK\r\nA:b\r\nC: \t d e\t \r\nF:\r\n\r\n',
    head(200, 'OK', ['A', 'b', 'C', 'd e', 'F', '']),
  ],
  ['the same name twice', 'HTTP/1.1 200 OK\r\na: 1\r\nA: 2\r\n\r\n', head(200, 'OK', ['a', '1', 'A', '2'])],
  ['high bytes', 'HTTP/1.1 200 \xe9\r\nA: \xff\r\n\r\n', head(200, '\xe9', ['A', '\xff'])],
  ['a colon in a value', 'HTTP/1.1 200 OK\r\nA: b:c\r\n\r\n', head(200, 'OK', ['A', 'b:c'])],
  ['half a head', 'HTTP/1.1 200 OK\r\nA: b\r\n\r', 'more'],
  ['nothing', '', 'more'],
  ['as many headers as may be', manyHeaders(headersMax), head(200, 'OK', Array(headersMax).fill(['A', 'b']).flat())],
  ['one more', manyHeaders(headersMax + 1), 'too-many-headers'],
  ['as long as may be', longHead(headBytesMax), head(200, 'OK', ['A', 'x'.repeat(headBytesMax - 24)])],
  ['a byte longer', longHead(headBytesMax + 1), 'head-too-long'],
  [
    'headers without an end',
    `HTTP/1.1 200 OK\r\n${'A: bcdefgh\r\n'.repeat(50)}B: ${'x'.repeat(40_000)}`,
    'head-too-long',
  ],
  ['TLS where text was expected', '\x15\x03\x01\x00\x02\x02F', 'not-http'],
  ['another protocol', 'SSH-2.0-x\r\n', 'not-http'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n', 'not-http'],
  ['one wrong byte alone', 'h', 'not-http'],
  ['a line break first', '\r\nHTTP/1.1 200 OK\r\n\r\n', 'not-http'],
  ['HTTP/1.2', 'HTTP/1.2 200 OK\r\n\r\n', 'status-line'],
  ['two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'status-line'],
  ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'status-line'],
  ['status 000', 'HTTP/1.1 000 OK\r\n\r\n', 'status-line'],
  ['two blanks', 'HTTP/1.1  200 OK\r\n\r\n', 'status-line'],
  ['a bare line feed', 'HTTP/1.1 200 OK\nA: b\n\n', 'bare-line-feed'],
  ['a bare line feed at the end', 'HTTP/1.1 200 OK\r\nA: b\r\n\n', 'bare-line-feed'],
  ['a bare carriage return', 'HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n', 'control-byte'],
  ['NUL in a value', 'HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n', 'control-byte'],
  ['NUL in the reason', 'HTTP/1.1 200 O\0K\r\n\r\n', 'control-byte'],
  ['DEL in a name', 'HTTP/1.1 200 OK\r\nA\x7f: b\r\n\r\n', 'control-byte'],
  ['a folded header', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', 'folded-header'],
  ['a fold before any header', 'HTTP/1.1 200 OK\r\n\tA: b\r\n\r\n', 'folded-header'],
  ['a blank before the colon', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n', 'header-name'],
  ['no colon', 'HTTP/1.1 200 OK\r\nA b\r\n\r\n', 'header-name'],
  ['an empty name', 'HTTP/1.1 200 OK\r\n: b\r\n\r\n', 'header-name'],
  ['a high byte in a name', 'HTTP/1.1 200 OK\r\n\xe9: b\r\n\r\n', 'header-name'],
];

test.each(cases)('%s', (_what, text, expected) => {
  expect(read(text)).toEqual(expected);
  expect(read(text, [1])).toEqual(expected);
  expect(read(text, [3, 0, 7])).toEqual(expected);
});

test('every violation has a case above', () => {
  const seen = new Set(cases.map(([, , outcome]) => outcome).filter((outcome) => typeof outcome === 'string'));
  seen.delete('more');
  expect(seen).toEqual(new Set(Object.keys(headViolations)));
});

test('the chunking does not matter, whatever the bytes', () => {
  const pieces = fc.constantFrom(
    'HTTP/1.1 200 OK\r\n',
    'A: b\r\n',
    '\r\n',
    '\r',
    '\n',
    ' ',
    'A',
    ':',
    '\0',
    'x'.repeat(9000),
  );
  const text = fc.array(pieces, { maxLength: 12 }).map((list) => list.join(''));
  const begun = fc.tuple(fc.constantFrom('HTTP/1.1 200 OK\r\n', ''), text).map((pair) => pair.join(''));
  fc.assert(
    fc.property(begun, sizes, (bytes, cuts) => {
      expect(read(bytes, cuts)).toEqual(read(bytes));
    }),
  );
});

test('a large chunk is not kept', () => {
  const reader = createHeadReader();
  reader.push(Buffer.from('HTTP/1.1 200 OK\r\nA: b', 'latin1'));
  const step = reader.push(Buffer.concat([Buffer.from('\r\n\r\n'), Buffer.alloc(1 << 20)]));
  expect(step).toMatchObject({ state: 'done', bodyAt: 4 });
});
