/**
 * Whatever is thrown where nobody catches it costs one socket where it is known whose it was, and nobody else notices.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ownerOf } from '../../../src/gateway/inside/owner.ts';
import { testPlan } from '../edge.ts';
import { cleanUp, connect, echoServer, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

async function start(servers?: readonly string[]) {
  const { url } = await echoServer();
  const child: ChildProcess = fork(new URL('./edge.mjs', import.meta.url), {
    env: { ...process.env, PLAN: JSON.stringify(testPlan(servers ?? [url], { idleTimeoutMs: 500 })) },
  });
  onCleanUp(() => child.kill('SIGKILL'));
  const said: string[] = [];
  child.on('message', (line: string) => said.push(line));
  const wait = async (start: string): Promise<string> => {
    for (;;) {
      const line = said.find((each) => each.startsWith(start));
      if (line !== undefined) return line;
      await once(child, 'message');
    }
  };
  const port = Number((await wait('port ')).slice(5));
  return { port, said, wait, child };
}

async function echoes(socket: Awaited<ReturnType<typeof connect>>): Promise<void> {
  socket.send('still there?');
  const [data] = await once(socket, 'message');
  expect(String(data)).toBe('still there?');
}

interface Site {
  readonly name: string;
  readonly path: string;
  readonly message: string;
  /** What the registry says of the connection that met it; null where there is none yet. */
  readonly closed: string | null;
  /** Only Node knows whose event it was. */
  readonly byNode?: true;
}

/** Over public sockets Node is not asked whose event it was: such a fault is the worker's, which ends in order. */
const asksNode = process.env.TEST_SOCKETS !== 'public';

const sites: readonly Site[] = [
  { name: 'while a tunnel opens', path: '/opening', message: 'while opening', closed: null },
  { name: 'at a deadline', path: '/deadline', message: 'at a deadline', closed: 'closed fault' },
  { name: 'while bytes pass', path: '/bytes', message: 'at bytes', closed: 'closed fault', byNode: true },
];

describe('a fault', () => {
  test.each(sites)('$name ends that one connection', async ({ path, message, closed, byNode }) => {
    const edge = await start();
    const bystander = await connect(`ws://127.0.0.1:${edge.port}/`);
    // Its own idle timeout must not end it.
    const talk = setInterval(() => bystander.send('still there?'), 100);
    onCleanUp(() => clearInterval(talk));
    const socket = net.connect(edge.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    if (path !== '/opening') {
      await once(socket, 'data');
      socket.write(Buffer.from([0x81, 0x82, 1, 2, 3, 4, 5, 6]));
    }
    socket.resume();
    if (byNode && !asksNode) {
      expect(await edge.wait('fault ')).toBe(`fault worker ${message}`);
      socket.destroy();
      return;
    }
    await once(socket, 'close');
    expect(await edge.wait('fault ')).toBe(`fault socket ${message}`);
    if (closed !== null) expect(await edge.wait('closed ')).toBe(closed);
    await echoes(bystander);
  });

  test('in plain HTTP ends that one request', async () => {
    const nobody = net.createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as net.AddressInfo;
    nobody.close();
    const edge = await start([`http://127.0.0.1:${port}`]);
    const socket = net.connect(edge.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await edge.wait('fault ')).toBe(`fault ${asksNode ? 'socket' : 'worker'} in the relay`);
    expect(edge.child.exitCode).toBeNull();
    socket.destroy();
  });

  test('of which nobody knows whose it is is said to be the worker’s', async () => {
    const edge = await start();
    await connect(`ws://127.0.0.1:${edge.port}/nothing-known`);
    expect(await edge.wait('fault ')).toBe('fault worker of nobody');
  });
});

describe('whose event it was', () => {
  const socket = new net.Socket();
  const handle = { [Symbol('owner_symbol')]: socket };
  const own = { destroy: () => undefined };
  const ownedHandle = { owner: own };
  test.each([
    ['a handle', handle, socket],
    ['a handle that its user has named', ownedHandle, own],
    ['a request of node:http', { type: 'HTTPINCOMINGMESSAGE', socket }, socket],
    ['a request to a server', { type: 'HTTPCLIENTREQUEST', req: { socket } }, socket],
    ['a tick for a socket', { callback: () => undefined, args: [new Error('x'), socket] }, socket],
    ['a tick for an answer', { callback: () => undefined, args: [{ socket }] }, socket],
    ['a tick for a stream', { callback: () => undefined, args: [{ stream: socket }] }, socket],
    ['a timer', { _onTimeout: () => undefined }, null],
    ['a listening handle', { [Symbol('owner_symbol')]: net.createServer() }, null],
    ['nothing', undefined, null],
  ])('%s', (_name, resource, owner) => expect(ownerOf(resource)).toBe(owner));
});
