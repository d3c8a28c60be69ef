import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DialOptions } from '../../../src/client/dial/options.ts';
import { answerWith, echoServer, makeCertificates, proxyServer, rawServer } from '../servers.ts';
import { failure, opened } from './dialling.ts';

describe('a dial that succeeds', () => {
  test('has its phases in order, the request and the answer', async () => {
    const server = await echoServer();
    const { handshake } = await opened(server.url);
    const { dnsMs, tcpMs, proxyMs, tlsMs, requestMs, firstByteMs, answerMs } = handshake.timings;
    expect([proxyMs, tlsMs]).toEqual([null, null]);
    const passed = [0, dnsMs!, tcpMs!, requestMs!, firstByteMs!, answerMs!];
    expect(passed).toEqual([...passed].sort((a, b) => a - b));
    expect(Buffer.from(handshake.request).toString()).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: localhost:\d+\r\n/);
    expect(handshake.answer.status).toBe(101);
    expect(handshake.address).toBe(`127.0.0.1:${server.port}`);
  });

  test('sends what it was told', async () => {
    const server = await echoServer({ handleProtocols: () => 'b' });
    const { handshake } = await opened(`ws://me:secret@localhost:${server.port}/x?y=1`, {
      origin: 'https://app.example',
      subprotocols: ['a', 'b'],
      rawHeaders: ['X-One', '1', 'X-One', '2'],
    });
    expect(handshake.subprotocol).toBe('b');
    expect(server.requests[0]).toMatchObject({
      url: '/x?y=1',
      headers: { origin: 'https://app.example', 'x-one': '1, 2', authorization: `Basic ${btoa('me:secret')}` },
    });
  });

  test('over TLS', async () => {
    const { ca, good } = makeCertificates();
    const server = await echoServer({ tls: good });
    const { connection, handshake } = await opened(server.url, { tls: { ca } });
    expect(handshake.timings.tlsMs).toBeGreaterThanOrEqual(handshake.timings.tcpMs!);
    expect(connection.tlsFacts()).toMatchObject({
      version: 'TLSv1.3',
      alpn: 'http/1.1',
      distrust: null,
      certificate: { subject: 'CN=localhost', issuer: 'CN=Test CA', names: 'DNS:localhost, IP Address:127.0.0.1' },
    });
  });

  test('through a proxy, plain and with TLS', async () => {
    const { ca, good } = makeCertificates();
    const [plain, secured, proxy] = [await echoServer(), await echoServer({ tls: good }), await proxyServer()];
    for (const server of [plain, secured]) {
      const { handshake } = await opened(server.url, { proxy: `http://u:p@127.0.0.1:${proxy.port}`, tls: { ca } });
      expect(handshake.timings.proxyMs).not.toBe(null);
      expect(proxy.heads.at(-1)).toContain(`CONNECT localhost:${server.port} HTTP/1.1\r\n`);
      expect(proxy.heads.at(-1)).toContain(`Proxy-Authorization: Basic ${btoa('u:p')}\r\n`);
    }
  });

  test('over a unix socket', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'holdline-unix-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const socketPath = path.join(directory, 'socket');
    await echoServer({ socketPath });
    const { handshake } = await opened('ws://anything.example/', { socketPath });
    expect([handshake.address, handshake.timings.dnsMs]).toEqual([socketPath, null]);
  });

  test('to an address that is given, from an address that is given', async () => {
    const server = await echoServer();
    const { connection, handshake } = await opened(`ws://no-such-name.invalid:${server.port}/`, {
      resolve: (host) => (host === 'no-such-name.invalid' ? '127.0.0.1' : null),
      localAddress: '127.0.0.7',
    });
    expect(connection.socket.localAddress).toBe('127.0.0.7');
    expect(Buffer.from(handshake.request).toString()).toContain(`Host: no-such-name.invalid:${server.port}\r\n`);
  });

  test('after interim answers', async () => {
    const server = await rawServer((socket) => {
      answerWith(socket, (accept) => `HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${accept}`);
    });
    await opened(server.url);
  });
});

describe('handshakes that are wrong on purpose', () => {
  const tweaks: [string, DialOptions['tweaks'] & object, number][] = [
    ['the method', { method: 'POST' }, 405],
    ['the key', { key: 'short' }, 400],
    [
      'a header',
      { headers: (list) => list.map((text, i) => (list[i - 1] === 'Sec-WebSocket-Version' ? '99' : text)) },
      400,
    ],
    [
      'the bytes',
      { request: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n') },
      400,
    ],
  ];

  test.each(tweaks)('%s', async (_what, changes, status) => {
    const server = await echoServer();
    expect(await failure(server.url, { tweaks: changes })).toMatchObject({ phase: 'upgrade', answer: { status } });
  });

  test('a key of its own is what the answer is held against', async () => {
    const server = await echoServer();
    const { handshake } = await opened(server.url, { tweaks: { key: 'dGhlIHNhbXBsZSBub25jZQ==' } });
    expect(handshake.answer.rawHeaders).toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});
