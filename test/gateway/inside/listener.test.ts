/**
 * Binding without accepting has no public way beside it: a Node that cannot is told so in words, before anything has
 * started.
 */
import net from 'node:net';
import { expect, test } from 'vitest';
import { HoldlineError } from '../../../src/base/error.ts';
import { bindRaw, bindRawPath } from '../../../src/gateway/inside/listener.ts';

test('a bound address takes nobody, and gives its port back', async () => {
  const handle = bindRaw('127.0.0.1', 0);
  if (typeof handle === 'number') throw new Error(`error ${handle}`);
  const name: { port?: number } = {};
  handle.getsockname?.(name);
  const outcome = await new Promise((resolve) => {
    const socket = net.connect(name.port!, '127.0.0.1', () => resolve('accepted'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  expect(outcome).toBe('ECONNREFUSED');
  handle.close();
});

test('a Node without the call of node:cluster says which versions have it', () => {
  const inner = net as unknown as { _createServerHandle: unknown };
  const call = inner._createServerHandle;
  inner._createServerHandle = undefined;
  try {
    for (const bind of [() => bindRaw('127.0.0.1', 0), () => bindRawPath('/tmp/none.sock')]) {
      expect(bind).toThrow(HoldlineError);
      expect(bind).toThrow(`Node ${process.version} cannot bind an address without listening on it`);
    }
  } finally {
    inner._createServerHandle = call;
  }
});
