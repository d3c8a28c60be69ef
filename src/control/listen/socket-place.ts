/**
 * Unix sockets that the edge listens on. A socket is bound under a name beside its place, given its mode and owner, and
 * then moved into it: nobody can open it before it is as it should be, and a stale file is exchanged in one step. And a
 * handle that is closed, here or in a process that has handed the socket on, unlinks the name that it was bound under,
 * which is gone by then.
 */
import { chmodSync, chownSync, existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import { HoldlineError } from '../../base/error.ts';
import type { SocketPlace } from '../../base/unix-socket.ts';
import { accountIds } from '../../host/accounts.ts';

/** A socket in its place. */
export interface PlacedSocket {
  /** Takes the file away, unless another program has put its own there meanwhile. */
  remove(): void;
}

/** The name that it is to be bound under; of the same folder, so that moving it is one step. */
export function nameBeside({ path }: SocketPlace): string {
  return `${path}.${process.pid % 1_000_000}`;
}

/**
 * A program that listens answers at once, or its backlog is full and the connection waits: it is there in both cases.
 */
const answerMs = 1000;

/** Throws when somebody answers there, or when something stands there that is no socket. */
export async function checkPlace({ path }: SocketPlace): Promise<void> {
  // libuv reports a folder that is missing as one that is closed to this user.
  if (!existsSync(dirname(path)))
    throw new HoldlineError('listen-failed', `there is no folder for unix:${path}`, {
      help: 'create the folder; RuntimeDirectory= of a systemd unit creates one below /run',
    });
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket())
    throw new HoldlineError('listen-failed', `${path} exists and is not a socket`, {
      help: 'remove it, or give the socket another name',
    });
  const outcome = await new Promise<string>((resolve) => {
    const socket = net.connect({ path });
    const settle = (text: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(settle, answerMs, 'answers');
    socket.once('connect', () => settle('answers'));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
  if (outcome === 'ECONNREFUSED' || outcome === 'ENOENT') return;
  if (outcome === 'EACCES')
    throw new HoldlineError('listen-not-permitted', `this user may not open the socket ${path} that already exists`);
  throw new HoldlineError('listen-port-taken', `another program listens on unix:${path} already`);
}

/** Takes a stale file away, for a program that binds its sockets itself. Throws as `checkPlace` does. */
export async function clearPlace(place: SocketPlace): Promise<void> {
  await checkPlace(place);
  rmSync(place.path, { force: true });
}

/** Moves what was bound under `nameBeside` into its place. */
export function putInPlace(place: SocketPlace): PlacedSocket {
  const beside = nameBeside(place);
  try {
    chmodSync(beside, place.mode);
    if (place.owner !== null) giveTo(beside, place.owner);
    renameSync(beside, place.path);
    return placedAt(place);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** What stands there is the edge's own. */
export function placedAt({ path }: SocketPlace): PlacedSocket {
  const ours = lstatSync(path, { throwIfNoEntry: false });
  return {
    remove() {
      const there = lstatSync(path, { throwIfNoEntry: false });
      if (there !== undefined && there.ino === ours?.ino && there.dev === ours.dev) rmSync(path, { force: true });
    },
  };
}

function giveTo(path: string, owner: string): void {
  const { user, group } = accountIds(owner);
  try {
    chownSync(path, user ?? -1, group ?? -1);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new HoldlineError('listen-not-permitted', `this user may not give a socket to ${owner} (${code})`, {
      cause: error,
      help: 'run the edge as root or as a member of that group, or remove owner',
    });
  }
}
