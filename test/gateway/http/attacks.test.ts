/**
 * What was tried against the relay of plain HTTP, by kind. Each kind has its siblings; the server's own account of what
 * it got decides.
 */
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { rawServer } from '../../support/raw-socket.ts';
import { cleanUp, onCleanUp } from '../servers.ts';
import { bystanders, edgeBeside, head, relayBench, sendTo, statusOf } from './bench.ts';

afterEach(cleanUp);
afterAll(() => {
  const { echoes, worstMs } = bystanders;
  console.log(`bystanders: ${echoes} echoes, the slowest after ${worstMs.toFixed(0)} ms`);
  expect(echoes).toBeGreaterThan(0);
});

const smuggled = 'GET /admin HTTP/1.1\r\nHost: internal\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n';
const length = `Content-Length: ${smuggled.length}`;

describe('a request within a request', () => {
  // The framing is nominated away, written twice, or in a way that two readers read differently.
  test.each([
    ['Content-Length nominated, of a GET', 'GET', ['Connection: close, content-length', length], 200],
    ['Content-Length nominated, of a HEAD', 'HEAD', ['Connection: close, content-length', length], 200],
    ['Content-Length nominated, of a DELETE', 'DELETE', ['Connection: Content-Length, close', length], 200],
    ['Content-Length nominated, of an OPTIONS', 'OPTIONS', ['Connection: close,content-length', length], 200],
    [
      'Transfer-Encoding nominated',
      'POST',
      ['Connection: close, transfer-encoding', 'Transfer-Encoding: chunked'],
      200,
    ],
    ['an empty Transfer-Encoding', 'POST', ['Transfer-Encoding:', length], 400],
    ['Transfer-Encoding: identity', 'POST', ['Transfer-Encoding: identity', length], 400],
    ['Transfer-Encoding: xchunked', 'POST', ['Transfer-Encoding: xchunked', length], 400],
    ['chunked twice', 'POST', ['Transfer-Encoding: chunked, chunked'], 400],
    ['two Transfer-Encodings', 'POST', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 400],
    ['both lengths', 'POST', ['Transfer-Encoding: chunked', length], 400],
    ['two Content-Lengths', 'POST', ['Content-Length: 0', length], 400],
    ['a Content-Length with a sign', 'POST', [`Content-Length: +${smuggled.length}`], 400],
    ['a Content-Length in hexadecimal', 'POST', ['Content-Length: 0x44'], 400],
    ['a Content-Length as a list', 'POST', [`Content-Length: 0, ${smuggled.length}`], 400],
    ['Content_Length', 'GET', [`Content_Length: ${smuggled.length}`], 200],
    ['Transfer_Encoding', 'GET', ['Transfer_Encoding: chunked'], 200],
  ])('%s', async (what, method, lines, status) => {
    const { send, server, edge } = await relayBench();
    const misspelt = what.includes('_');
    const body = lines.includes('Transfer-Encoding: chunked')
      ? `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`
      : misspelt
        ? ''
        : smuggled;
    const rest = lines.filter((line) => !line.startsWith('Connection'));
    const connection = lines.find((line) => line.startsWith('Connection')) ?? 'Connection: close';
    const bytes = `${[`${method} /pub HTTP/1.1`, 'Host: localhost', connection, ...rest].join('\r\n')}\r\n\r\n${body}`;
    expect(statusOf(await send(bytes))).toBe(status);
    // Whoever comes next on the server's connection gets an answer to nothing but its own request.
    await sendTo(edge.port, head('GET /next HTTP/1.1', []));
    const got = server.seen.map((request) => `${request.method} ${request.target}`);
    expect(got).toEqual(status === 200 ? [`${method} /pub`, 'GET /next'] : ['GET /next']);
    for (const { headers } of server.seen) {
      expect(headers.host).toBe('localhost');
      expect(headers['x-forwarded-for']).toBe('127.0.0.1');
      expect(Object.keys(headers).filter((name) => name.includes('_'))).toEqual([]);
    }
  });
});

describe('words of the edge in the client’s mouth', () => {
  test.each([
    'X-Forwarded-For: 10.0.0.1',
    'X_Forwarded_For: 10.0.0.1',
    'x-forwarded_for: 10.0.0.1',
    'X.Forwarded.For: 10.0.0.1',
    'X_Real_IP: 10.0.0.1',
    'Forwarded: for=10.0.0.1',
    'X_Forwarded_User: root',
    'X-User: root',
    'X_User: root',
    'x_User: root',
    'X_Original_URI: /other',
    'X_Holdline_Tag_Plan: gold',
  ])('%s does not reach the server', async (line) => {
    const authorize = { url: 'http://127.0.0.1:1/', timeoutMs: 1000, headers: ['x-user'] };
    const { send, server } = await relayBench({ handshake: { authorize }, http: { authorize: false } });
    await send(head('GET / HTTP/1.1', [line]));
    const value = line.slice(line.indexOf(' ') + 1);
    expect(server.seen[0]!.rawHeaders).not.toContain(value);
  });

  test('a Connection header does not take the edge’s own words away', async () => {
    const { send, server } = await relayBench();
    const nominated = 'Connection: close, X-Forwarded-For, X-Real-IP, Host, Origin, X-Mine';
    await send(`GET / HTTP/1.1\r\nHost: localhost\r\n${nominated}\r\nOrigin: https://a.example\r\nX-Mine: 1\r\n\r\n`);
    const { headers } = server.seen[0]!;
    expect(headers).toMatchObject({ host: 'localhost', 'x-forwarded-for': '127.0.0.1', origin: 'https://a.example' });
    expect(headers['x-mine']).toBeUndefined();
  });
});

describe('answers that no client should get as they are', () => {
  test.each([
    ['status 000', 'HTTP/1.1 000 Zero\r\nContent-Length: 2\r\n\r\nhi', 502],
    ['status 099', 'HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\nhi', 502],
    ['an escape in the reason', 'HTTP/1.1 200 \x1b[2J\r\nContent-Length: 2\r\n\r\nhi', 200],
    ['a Trailer beside a Content-Length', 'HTTP/1.1 200 OK\r\nTrailer: X\r\nContent-Length: 2\r\n\r\nhi', 200],
    ['a Trailer with a 304', 'HTTP/1.1 304 Not Modified\r\nTrailer: X\r\n\r\n', 304],
    ['an upgrade that nobody asked for', 'HTTP/1.1 101 Up\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', 502],
    ['100 Continue without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000), 502],
    ['102 Processing without end', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1000), 502],
    ['early hints without end', 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'.repeat(1000), 502],
    ['other interim answers without end', 'HTTP/1.1 199 Soon\r\n\r\n'.repeat(1000), 502],
    [
      'early hints, then an answer',
      `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(8)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi`,
      200,
    ],
    [
      'both lengths',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      502,
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!', 502],
    ['a header with a control byte', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 2\r\n\r\nhi', 502],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nhi', 502],
    ['a head over 16 KiB', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 502],
    ['no HTTP', 'hello\r\n\r\n', 502],
  ])('%s', async (_what, answer, status) => {
    const server = await rawServer((socket) =>
      socket.socket.once('data', () => socket.write(Buffer.from(answer, 'latin1'))),
    );
    onCleanUp(() => server.close());
    const edge = await edgeBeside(server.url);
    const got = await sendTo(edge.port, head('GET / HTTP/1.1', []));
    expect(statusOf(got)).toBe(status);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none.
    expect(got).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/);
  });

  test('what the server’s Connection header nominates stays with it', async () => {
    const answer =
      'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop, content-length\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nProxy-Connection: x\r\nContent-Length: 2\r\nX-End: 1\r\n\r\nhi';
    const server = await rawServer((socket) => socket.socket.once('data', () => socket.write(answer)));
    onCleanUp(() => server.close());
    const got = await sendTo((await edgeBeside(server.url)).port, head('GET / HTTP/1.1', []));
    expect(got).toMatch(/X-End: 1\r\nContent-Length: 2\r\n/);
    expect(got).not.toMatch(/X-Hop|timeout=9|Proxy-Connection/);
  });

  test('an answer that is longer than its length is for nobody', async () => {
    let connections = 0;
    const server = await rawServer((socket) => {
      connections++;
      socket.socket.on('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil'),
      );
    });
    onCleanUp(() => server.close());
    const edge = await edgeBeside(server.url);
    for (let i = 0; i < 3; i++) expect(await sendTo(edge.port, head('GET / HTTP/1.1', []))).not.toContain('evil');
    expect(connections).toBe(3);
  });
});
