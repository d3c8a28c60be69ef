/**
 * Tries at start, over loopback, whether handles do what `handles.ts` says of them: an opinion on names would not be
 * enough.
 */

import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HandleWire } from '../sockets/handle-wire.ts';
import type { Handle } from './handle.ts';
import { connectTo, connectToPath, missing, newHandle, systemError } from './handles.ts';
import { expect, floodBytes, outcomeOf, TrialEnd, type Used } from './trial-end.ts';

/**
 * Null when handles may be used; otherwise why not, as the end of a sentence. What does not fit may end the process
 * with an assertion, so that whoever must not end has it done by another one.
 */
export async function tryHandles(): Promise<string | null> {
  return missing ?? outcomeOf(run);
}

async function run(used: Used): Promise<void> {
  const listener = newHandle('listener');
  used.handles.push(listener);
  expect(listener.bind('127.0.0.1', 0) === 0 && listener.listen(16) === 0, 'a handle does not listen');
  const bound = { address: '', port: 0 };
  listener.getsockname(bound);

  await tryEcho(await pairOf(listener, bound.port, used));
  await tryBackpressure(await pairOf(listener, bound.port, used));
  await tryReset(await pairOf(listener, bound.port, used));
  await tryRefusal(used);
  await tryPipe(used);
}

/** Both ends of one connection. */
interface Pair {
  readonly near: TrialEnd;
  readonly far: TrialEnd;
  readonly nearHandle: Handle;
}

async function pairOf(listener: Handle, place: number | string, used: Used): Promise<Pair> {
  const accepted = new Promise<Handle>((resolve, reject) => {
    listener.onconnection = (status, handle) => {
      if (handle === undefined) reject(systemError(status, 'accept'));
      else resolve(handle);
    };
  });
  const dialled = newHandle('socket', typeof place === 'number' ? 'tcp' : 'unix');
  const connected = new Promise<number>((resolve) => {
    const begun =
      typeof place === 'number'
        ? connectTo(dialled, { host: '127.0.0.1', port: place, family: 4 }, resolve)
        : connectToPath(dialled, place, resolve);
    if (begun !== 0) resolve(begun);
  });
  const [handle, status] = await Promise.all([accepted, connected]);
  expect(status === 0, 'a connect request does not connect');
  if (typeof place === 'number') {
    expect(dialled.setNoDelay(true) === 0, 'a handle does not take TCP_NODELAY');
    const peer = { address: '', port: 0 };
    dialled.getpeername(peer);
    expect(peer.address === '127.0.0.1' && peer.port === place, 'a handle does not know its peer');
  }
  const near = new TrialEnd(new HandleWire(dialled));
  const far = new TrialEnd(new HandleWire(handle));
  used.wires.push(near.wire, far.wire);
  return { near, far, nearHandle: dialled };
}

async function tryEcho({ near, far }: Pair): Promise<void> {
  far.onChunk = (chunk) => far.wire.write(chunk);
  near.wire.start(near, null);
  far.wire.start(far, null);
  near.wire.write(Buffer.from('an echo'));
  await near.until(() => near.text === 'an echo', 'bytes do not come back');

  near.wire.end();
  await far.until(() => far.ended, 'a FIN does not arrive');
  far.wire.write(Buffer.from(', and last words'));
  await near.until(() => near.text === 'an echo, and last words', 'a half-closed handle does not carry on');
  far.wire.end();
  await near.until(() => near.ended, 'the second FIN does not arrive');
  await near.until(() => near.over, 'a finished handle does not close');
  expect(near.error === null, 'an end in order is taken for an error');
}

async function tryBackpressure({ near, far }: Pair): Promise<void> {
  near.wire.start(near, null);
  near.wire.write(Buffer.alloc(floodBytes));
  expect(near.wire.queuedBytes > 0, 'a write that must wait is said to have left');
  near.wire.write(Buffer.from('y'));
  far.wire.start(far, null);
  await far.until(() => far.bytes === floodBytes + 1, 'bytes that had to wait do not arrive');
  await near.until(() => near.drained, 'a write that has left is not told of');
  expect(near.wire.queuedBytes === 0, 'a queue that is empty has a size');
}

async function tryReset({ far, nearHandle }: Pair): Promise<void> {
  far.wire.start(far, null);
  // Behind the wire's back, which is told nothing any more.
  nearHandle.reset();
  await far.until(() => far.over, 'a reset does not arrive');
  expect((far.error as NodeJS.ErrnoException | null)?.code === 'ECONNRESET', 'a reset is not told from an end');
}

async function tryRefusal(used: Used): Promise<void> {
  const nobody = newHandle('listener');
  nobody.bind('127.0.0.1', 0);
  const bound = { address: '', port: 0 };
  nobody.getsockname(bound);
  const dialled = newHandle('socket');
  used.handles.push(nobody, dialled);
  const status = await new Promise<number>((resolve) => {
    const begun = connectTo(dialled, { host: '127.0.0.1', port: bound.port, family: 4 }, resolve);
    if (begun !== 0) resolve(begun);
  });
  const { code } = systemError(status, 'connect') as NodeJS.ErrnoException;
  expect(status < 0 && code === 'ECONNREFUSED', 'a refused connection is not told from another');
}

/** The same bytes over a Unix socket. Where there is no room for one, nothing is said against handles. */
async function tryPipe(used: Used): Promise<void> {
  const path = join(tmpdir(), `holdline-${process.pid}-${randomBytes(4).toString('hex')}`);
  const listener = newHandle('listener', 'unix');
  used.handles.push(listener);
  if (listener.bind(path) !== 0) return;
  expect(listener.listen(16) === 0, 'the handle of a Unix socket does not listen');
  await tryEcho(await pairOf(listener, path, used));
}
