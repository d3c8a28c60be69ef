import net from 'node:net';
import { expect, test } from 'vitest';
import { bindListeners } from '../../../src/control/listen/listeners.ts';

test('binds without listening, and fills in the port', async () => {
  const [listener] = await bindListeners([{ host: '127.0.0.1', port: 0 }]);
  expect(listener?.port).toBeGreaterThan(0);
  await expect(connect(listener!.port)).resolves.toBe('ECONNREFUSED');
  const server = net.createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(listener!.handle as never, resolve));
  await expect(connect(listener!.port)).resolves.toBe('connected');
  await new Promise((resolve) => server.close(resolve));
});

test('a name is looked up', async () => {
  const [listener] = await bindListeners([{ host: 'localhost', port: 0 }]);
  expect(listener?.host).toBe('localhost');
  listener?.handle.close();
});

test('a taken port is said by name, and what was bound before is let go', async () => {
  const other = net.createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const taken = (other.address() as net.AddressInfo).port;
  const [free] = await bindListeners([{ host: '127.0.0.1', port: 0 }]);
  free!.handle.close();
  const addresses = [
    { host: '127.0.0.1', port: free!.port },
    { host: '127.0.0.1', port: taken },
  ];
  await expect(bindListeners(addresses)).rejects.toMatchObject({
    code: 'listen-port-taken',
    message: `another program listens on 127.0.0.1:${taken} already`,
  });
  const [again] = await bindListeners([addresses[0]!]);
  again?.handle.close();
  await new Promise((resolve) => other.close(resolve));
});

test.each([
  ['192.0.2.1', 'listen-address-unknown'],
  ['no-such-host.invalid', 'listen-address-unknown'],
])('%s: %s', async (host, code) => {
  await expect(bindListeners([{ host, port: 0 }])).rejects.toMatchObject({ code });
});

function connect(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}
