import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { dial } from '../../../src/client/dial/dial.ts';
import { answerWith, closedPort, echoServer, makeCertificates, proxyServer, rawServer } from '../servers.ts';
import { failure, opened } from './dialling.ts';

/** For the cases in which the other side falls silent: long enough for what it says first, on a busy machine too. */
const short = { tlsMs: 700, answerMs: 700 };

describe('a dial that fails names its phase', () => {
  test('url', async () => {
    expect(await failure('nonsense')).toMatchObject({ phase: 'url', code: 'malformed' });
  });

  test('dns', async () => {
    const found = await failure('ws://no-such-name.invalid/', { timeouts: { dnsMs: 3000 } });
    // Without a network the resolver may say "try again", or nothing.
    expect(found.phase).toBe('dns');
    expect(['ENOTFOUND', 'EAI_AGAIN', 'timeout']).toContain(found.code);
  });

  test('tcp: nobody listens', async () => {
    const port = await closedPort();
    expect(await failure(`ws://127.0.0.1:${port}/`)).toMatchObject({
      phase: 'tcp',
      code: 'ECONNREFUSED',
      attempts: [{ address: `127.0.0.1:${port}`, code: 'ECONNREFUSED' }],
    });
  });

  test('tcp: no such unix socket', async () => {
    expect(await failure('ws://a/', { socketPath: '/nonexistent/socket' })).toMatchObject({
      phase: 'tcp',
      code: 'ENOENT',
    });
  });

  test('tcp: a source address that is not here', async () => {
    const server = await echoServer();
    const found = await failure(`ws://127.0.0.1:${server.port}/`, { localAddress: '192.0.2.1' });
    expect(found).toMatchObject({ phase: 'tcp', code: 'EADDRNOTAVAIL' });
  });

  test('tcp: a source address that is none', async () => {
    const server = await echoServer();
    const found = await failure(`ws://127.0.0.1:${server.port}/`, { localAddress: 'nonsense' });
    expect(found).toMatchObject({ phase: 'tcp', code: 'ERR_INVALID_IP_ADDRESS' });
  });

  test('proxy', async () => {
    const proxy = await proxyServer('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const refused = await failure('ws://127.0.0.1:1/', { proxy: `http://127.0.0.1:${proxy.port}` });
    expect(refused).toMatchObject({ phase: 'proxy', code: 'refused', answer: { status: 407 } });
    expect(await failure('ws://a/', { proxy: 'nonsense' })).toMatchObject({ phase: 'proxy', code: 'proxy-url' });
    const silent = await rawServer((socket) => void socket.once('data', () => socket.end()));
    const closed = await failure('ws://127.0.0.1:1/', { proxy: `http://127.0.0.1:${silent.port}` });
    expect(closed).toMatchObject({ phase: 'proxy', code: 'closed', answer: null });
  });

  describe('tls', () => {
    const certificates = makeCertificates();

    test('an unknown authority; insecure passes', async () => {
      const server = await echoServer({ tls: certificates.good });
      expect(await failure(server.url)).toMatchObject({
        phase: 'tls',
        code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        facts: { certificate: { subject: 'CN=localhost' } },
      });
      const { connection } = await opened(server.url, { tls: { insecure: true } });
      expect(connection.tlsFacts()?.distrust).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    });

    test('an expired certificate, and nothing was asked of the server', async () => {
      const server = await echoServer({ tls: certificates.expired });
      const result = await dial(server.url, { tls: { ca: certificates.ca } });
      expect(result).toMatchObject({ ok: false, request: null, failure: { phase: 'tls', code: 'CERT_HAS_EXPIRED' } });
      expect(server.requests).toEqual([]);
    });

    test('a certificate for another name', async () => {
      const server = await echoServer({ tls: certificates.good });
      const found = await failure(`wss://other.example:${server.port}/`, {
        resolve: () => '127.0.0.1',
        tls: { ca: certificates.ca },
      });
      expect(found).toMatchObject({ phase: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    });

    test('a server that speaks no TLS, ends the connection, or is silent', async () => {
      const plain = await echoServer();
      const speaks = await failure(`wss://127.0.0.1:${plain.port}/`);
      expect(speaks).toMatchObject({ phase: 'tls', code: 'ERR_SSL_WRONG_VERSION_NUMBER' });
      const ends = await rawServer((socket) => void socket.once('data', () => socket.end()));
      expect(await failure(ends.url.replace('ws:', 'wss:'))).toMatchObject({ phase: 'tls' });
      const silent = await rawServer(() => undefined);
      const waits = await failure(silent.url.replace('ws:', 'wss:'), { timeouts: short });
      expect(waits).toMatchObject({ phase: 'tls', code: 'timeout' });
    });

    test('options that cannot be used', async () => {
      const server = await echoServer({ tls: certificates.good });
      expect(await failure(server.url, { tls: { cert: 'nonsense' } })).toMatchObject({ phase: 'tls', facts: null });
    });
  });

  test('request: what cannot be written', async () => {
    const found = await failure('ws://127.0.0.1:1/', { rawHeaders: ['X', 'a\r\nY: b'] });
    expect(found).toMatchObject({ phase: 'request', code: 'unwritable' });
  });

  const answers: [string, (socket: Socket) => void, object][] = [
    ['silence', () => undefined, { code: 'timeout', received: Buffer.alloc(0) }],
    ['the end', (socket) => void socket.once('data', () => socket.end()), { code: 'closed' }],
    ['a reset', (socket) => void socket.once('data', () => socket.resetAndDestroy()), { code: 'ECONNRESET' }],
    [
      'another protocol',
      (socket) => void socket.write('SSH-2.0-x\r\n'),
      { code: 'not-http', received: Buffer.from('SSH-2.0-x\r\n') },
    ],
    [
      'half an answer',
      (socket) => void socket.write('HTTP/1.1 101'),
      { code: 'timeout', received: Buffer.from('HTTP/1.1 101') },
    ],
    [
      'half an answer and the end',
      (socket) => void socket.once('data', () => socket.end('HTTP/1.1 101')),
      { code: 'closed' },
    ],
    [
      'headers without an end',
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(99)}B: ${'x'.repeat(20_000)}`),
      { code: 'head-too-long' },
    ],
    [
      'interim answers without an end',
      (socket) => void socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(50)),
      { phase: 'upgrade', code: 'status' },
    ],
  ];

  test.each(answers)('answer: %s', async (_what, serve, expected) => {
    const server = await rawServer(serve);
    const timeouts = 'code' in expected && expected.code === 'timeout' ? short : {};
    expect(await failure(server.url, { timeouts })).toMatchObject({ phase: 'answer', ...expected });
  });

  const upgrades: [string, (accept: string) => string, object][] = [
    [
      'a page',
      () => 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello, not this',
      { code: 'status', answer: { status: 200 }, body: Buffer.from('Hello') },
    ],
    [
      'a chunked refusal',
      () => 'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n',
      { code: 'status', body: Buffer.from('no') },
    ],
    [
      'a body without an end',
      () => `HTTP/1.1 500 Oh\r\n\r\n${'x'.repeat(100_000)}`,
      { code: 'status', body: Buffer.alloc(65_536, 'x') },
    ],
    [
      'a body that stops',
      () => 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nhalf',
      { code: 'status', body: Buffer.from('half') },
    ],
    ['another accept', (right) => right.replace(/Accept: ./, 'Accept: _'), { code: 'accept' }],
    [
      'an extension nobody offered',
      (right) => right.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n'),
      { code: 'extension-unoffered' },
    ],
  ];

  test.each(upgrades)('upgrade: %s', async (what, make, expected) => {
    const server = await rawServer((socket) => answerWith(socket, make));
    const timeouts = what === 'a body that stops' ? short : {};
    expect(await failure(server.url, { timeouts })).toMatchObject({ phase: 'upgrade', ...expected });
  });

  test('upgrade: parameters that the offer does not allow', async () => {
    const server = await rawServer((socket) =>
      answerWith(socket, (right) =>
        right.replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=9\r\n\r\n'),
      ),
    );
    expect(await failure(server.url, { deflate: {} })).toMatchObject({
      phase: 'upgrade',
      code: 'extension-parameters',
    });
  });

  test('aborted, before and during', async () => {
    expect(await failure('ws://127.0.0.1:1/', { signal: AbortSignal.abort() })).toMatchObject({ code: 'aborted' });
    const abort = new AbortController();
    const server = await rawServer((socket) => void socket.once('data', () => abort.abort()));
    expect(await failure(server.url, { signal: abort.signal })).toMatchObject({ phase: 'answer', code: 'aborted' });
  });
});
