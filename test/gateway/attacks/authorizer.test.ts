/** Whatever an authorizer answers, its deadline holds: the client is told, and the handshake's place is free again. */
import { afterEach, expect, test } from 'vitest';
import { type RawSocket, rawServer } from '../../support/raw-socket.ts';
import { cleanUp, connect, echoServer, edgeFor, onCleanUp, refusalOf } from '../servers.ts';

afterEach(cleanUp);

const line = (status: string, ...headers: string[]) =>
  `HTTP/1.1 ${status}\r\n${headers.map((h) => `${h}\r\n`).join('')}\r\n`;
const upgrade = ['Upgrade: websocket', 'Connection: Upgrade'];

/** Every few milliseconds, for as long as somebody listens. */
function drip(socket: RawSocket, bytes: string): void {
  const timer = setInterval(() => (socket.ended ? clearInterval(timer) : socket.write(bytes)), 5);
}

type Conduct = (socket: RawSocket) => void;

const kinds: readonly (readonly [string, Conduct])[] = [
  ['an upgrade: 101', (socket) => socket.write(line('101 x', ...upgrade))],
  ['an upgrade: 101 that names nothing', (socket) => socket.write(line('101 x'))],
  ['an upgrade: 101, and then frames', (socket) => socket.write(`${line('101 x', ...upgrade)}\x81\x02hi`)],
  [
    'an upgrade: 101 to something else, and the end',
    (socket) => {
      socket.write(line('101 x', 'Upgrade: h2c', 'Connection: Upgrade'));
      socket.socket.end();
    },
  ],
  ['silence: nothing at all', () => {}],
  ['silence: behind half a head', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Le')],
  ['silence: behind a body that was announced', (socket) => socket.write(`${line('403 no', 'Content-Length: 5')}ab`)],
  ['a stream: 100 Continue without end', (socket) => drip(socket, line('100 Continue'))],
  ['a stream: 103 without end', (socket) => drip(socket, line('103 Early Hints', 'Link: </a>'))],
  [
    'a stream: headers without end',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      drip(socket, 'X-More: 1\r\n');
    },
  ],
  [
    'a stream: a body without end',
    (socket) => {
      socket.write(line('403 no', 'Transfer-Encoding: chunked'));
      drip(socket, '1\r\na\r\n');
    },
  ],
  ['nonsense: no HTTP', (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
  ['nonsense: status 000', (socket) => socket.write(line('000 x', 'Content-Length: 0'))],
  ['nonsense: two lengths', (socket) => socket.write(line('200 OK', 'Content-Length: 1', 'Content-Length: 2'))],
  ['an end: at once', (socket) => socket.socket.end()],
  ['an end: a reset', (socket) => socket.reset()],
  [
    'an end: within the head',
    (socket) => {
      socket.write('HTTP/1.1 200');
      socket.socket.end();
    },
  ],
];

test.each(kinds)('%s', async (_what, conduct) => {
  let answers: Conduct = conduct;
  const authorizer = await rawServer((socket) => socket.socket.on('data', () => answers(socket)));
  onCleanUp(() => authorizer.close());
  const { url } = await echoServer();
  const through = await edgeFor([url], {
    limits: { connections: 2 },
    handshake: { authorize: { url: `${authorizer.url}/may`, timeoutMs: 300, headers: [] } },
  });
  const refusals = await Promise.all([1, 2].map(() => refusalOf(through.url())));
  expect(refusals.map(({ status }) => status)).toEqual([503, 503]);
  expect((await through.next('refused')).refusal).toMatchObject({ outcome: 'authorize-failed' });
  // Both places are free again.
  answers = (socket) => socket.write(line('200 OK', 'Content-Length: 0', 'Connection: close'));
  await Promise.all([1, 2].map(() => connect(through.url())));
});
