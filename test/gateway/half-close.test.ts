/** A client that has finished its side is still heard out by its server, whatever kind of listener it came in by. */
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { opcodes } from '../../src/ws/opcode.ts';
import { testCertificate } from '../support/certificate.ts';
import { acceptPeer, handshakeText, RawPeer } from '../support/raw-peer.ts';
import { headEnd, rawServer, rawSocket } from '../support/raw-socket.ts';
import { startEdge, testPlan } from './edge.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const kinds = {
  plain: { tls: false, proxyProtocol: false },
  tls: { tls: true, proxyProtocol: false },
  'PROXY protocol': { tls: false, proxyProtocol: true },
  'PROXY protocol and tls': { tls: true, proxyProtocol: true },
} as const;

test.each(Object.entries(kinds))('%s', async (_title, kind) => {
  const server = await rawServer((socket) => {
    void acceptPeer(socket, {}, { manners: 'mute' }).then(async ({ peer }) => {
      // The edge's close frame says that the client has finished; what follows is the server's last word.
      await peer.next('close');
      peer.frame(opcodes.text, 'last words');
      peer.close(1001);
      await socket.over;
      socket.socket.end();
    });
  });
  cleanups.push(() => server.close());
  const plan = testPlan([server.url]);
  const listen = [{ ...plan.listen[0]!, proxyProtocol: kind.proxyProtocol }];
  const edge = await startEdge(
    [],
    {},
    {
      plan: { ...plan, listen, trustedProxies: ['127.0.0.0/8'] },
      certificates: [kind.tls ? testCertificate : null],
    },
  );
  cleanups.push(() => edge.close());

  const socket = await dial(edge.port, kind);
  const raw = rawSocket(socket);
  raw.write(handshakeText());
  const end = await raw.until(headEnd);
  const client = new RawPeer(raw, 'client', raw.received.subarray(end), { manners: 'mute' });
  socket.end();
  expect((await client.next('text')).data).toBe('last words');
  expect(await client.ending()).toBe('close 1001');
  expect((await edge.ended()).end.cause).toBe('client-gone');
});

async function dial(port: number, kind: { readonly tls: boolean; readonly proxyProtocol: boolean }): Promise<Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  if (kind.proxyProtocol) socket.write('PROXY TCP4 192.0.2.7 192.0.2.1 4000 443\r\n');
  if (!kind.tls) return socket;
  const secure = tls.connect({
    socket,
    ca: testCertificate.cert,
    servername: 'localhost',
    allowHalfOpen: true,
  } as tls.ConnectionOptions);
  await once(secure, 'secureConnect');
  return secure;
}
