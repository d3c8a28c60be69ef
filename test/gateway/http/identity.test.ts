/**
 * What a route says of a client, said by the client in another spelling: by neither way to the server does it arrive.
 */
import { afterEach, expect, test } from 'vitest';
import { readSpec } from '../../../src/spec/read.ts';
import { acceptPeer, handshakeText } from '../../support/raw-peer.ts';
import { dialRaw, headEnd, rawServer } from '../../support/raw-socket.ts';
import { cleanUp, edgeFor, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

const route = readSpec(
  `upstreams: { app: { servers: "http://127.0.0.1:1" } }
routes:
  - upstream: app
    origins: any
    headers:
      toServer: { set: { X-User: nobody, X_Tenant: one }, remove: [X-Debug] }
`,
  { file: 'f' },
).value!.routes[0]!;

const spellings = ['X-User', 'X_User', 'x_uSER', 'X.User', 'X_Tenant', 'X-Tenant', 'X-Debug', 'X_Debug', 'x.debug'];

test.each(['handshake', 'plain request'])('%s', async (kind) => {
  const heads: string[] = [];
  const server = await rawServer(async (socket) => {
    const end = await socket.until(headEnd);
    heads.push(socket.received.toString('latin1', 0, end));
    if (kind === 'handshake') await acceptPeer(socket);
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  onCleanUp(() => server.close());
  const edge = await edgeFor([server.url], { headers: route.headers });
  const claims = spellings.map((name) => `${name}: root`);
  const raw = await dialRaw(edge.port);
  onCleanUp(() => raw.socket.destroy());
  if (kind === 'handshake') raw.write(handshakeText({ headers: claims }));
  else raw.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${claims.join('\r\n')}\r\n\r\n`);
  await raw.until(headEnd);
  expect(heads.join('')).not.toContain('root');
  expect(heads.join('')).toMatch(/^X-User: nobody\r$/m);
  expect(heads.join('')).toMatch(/^X_Tenant: one\r$/m);
});
