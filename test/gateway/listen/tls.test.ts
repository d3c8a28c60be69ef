/** Clients that make trouble with TLS itself: they dribble it, stop in the middle, or begin it again and again. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls, { type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { testCertificate } from '../../support/certificate.ts';
import type { TestEdge } from '../edge.ts';
import { cleanUp, echoServer, edgeFor, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

const trust = { ca: testCertificate.cert, servername: 'localhost' };

async function tlsEdge(handshakeMs = 5000, ticketKeys = randomBytes(48)): Promise<TestEdge> {
  const { url } = await echoServer();
  const certificates = [{ ...testCertificate, ticketKeys }];
  return edgeFor([url], { handshake: { timeoutMs: handshakeMs } }, { certificates });
}

async function echo(socket: TLSSocket, text: string): Promise<string> {
  const client = new WebSocket('wss://localhost/', { createConnection: () => socket });
  onCleanUp(() => client.terminate());
  await once(client, 'open');
  client.send(text);
  return String((await once(client, 'message'))[0]);
}

async function dial(port: number, options: tls.ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = tls.connect({ port, host: '127.0.0.1', ...trust, ...options });
  onCleanUp(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** Writes byte by byte, each in a packet of its own. */
function dribbling(socket: net.Socket): Duplex {
  const duplex = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      const step = (at: number) => {
        if (at === chunk.length) return done();
        socket.write(chunk.subarray(at, at + 1), () => setImmediate(step, at + 1));
      };
      step(0);
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => duplex.push(chunk));
  socket.on('error', () => duplex.destroy());
  return duplex;
}

test('a handshake and a head that come byte by byte are heard out', async () => {
  const edge = await tlsEdge();
  const socket = net.connect({ port: edge.port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const secure = tls.connect({ socket: dribbling(socket), ...trust });
  expect(await echo(secure, 'slowly')).toBe('slowly');
});

test('a handshake that does not come to its end in time is cut, however busily it is sent', async () => {
  const edge = await tlsEdge(300);
  const socket = net.connect({ port: edge.port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  // The head of a record and of a ClientHello, which is never complete.
  socket.write(Buffer.from('1603010200010001fc0303', 'hex'));
  const timer = setInterval(() => socket.write(Buffer.alloc(1)), 20);
  await once(socket, 'close');
  clearInterval(timer);
  expect((await edge.next('refused')).refusal.detail).toBe('the TLS handshake failed: ERR_TLS_HANDSHAKE_TIMEOUT');
  expect(await echo(await dial(edge.port), 'next')).toBe('next');
});

test('a client that has made its handshake has the whole time for its head', async () => {
  const edge = await tlsEdge(300);
  const socket = await dial(edge.port);
  let said = '';
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString('latin1');
  });
  await once(socket, 'end');
  expect(said).toContain('408 ');
});

test('what is no TLS is told as such', async () => {
  const edge = await tlsEdge();
  const socket = net.connect({ port: edge.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  expect((await edge.next('refused')).refusal.detail).toBe('the TLS handshake failed: ERR_SSL_HTTP_REQUEST');
});

test('a client of TLS 1.2 that begins its handshake again and again is cut', async () => {
  const edge = await tlsEdge();
  const socket = await dial(edge.port, { maxVersion: 'TLSv1.2' });
  expect(await echo(socket, 'before')).toBe('before');
  let begun = 0;
  const again = () => {
    begun++;
    if (!socket.destroyed) socket.renegotiate({}, () => setImmediate(again));
  };
  again();
  await once(socket, 'close');
  expect(begun).toBeGreaterThan(3);
  expect((await edge.ended()).end.cause).toMatch(/^client-/);
  expect(await echo(await dial(edge.port), 'somebody else')).toBe('somebody else');
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a session of %s is resumed by another worker', async (version) => {
  const keys = randomBytes(48);
  const [one, other] = [await tlsEdge(5000, keys), await tlsEdge(5000, keys)];
  const first = tls.connect({ port: one.port, host: '127.0.0.1', ...trust, maxVersion: version });
  const [session] = (await once(first, 'session')) as [Buffer];
  first.destroy();
  const again = await dial(other.port, { maxVersion: version, session });
  expect(again.isSessionReused()).toBe(true);
  expect(await echo(again, 'again')).toBe('again');
});
