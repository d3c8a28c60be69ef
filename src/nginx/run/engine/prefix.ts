/**
 * The folder that a supervised nginx lives in: its configuration, its pid file, its logs. Nothing of it is anywhere
 * else.
 */
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { HoldlineError } from '../../../base/error.ts';
import { readProcess } from '../../../host/process-facts.ts';

export interface EnginePrefix {
  readonly path: string;
  readonly configuration: string;
  /** Where the next configuration is tried before it takes the place of the one that runs. */
  readonly candidate: string;
  /** The last one that nginx refused, to be read. */
  readonly refused: string;
  readonly pidFile: string;
  readonly connectionsLog: string;
  readonly errorLog: string;
  /** For bodies that do not fit into memory. */
  readonly temporary: string;
  /** Lets it go, for the next supervisor. */
  release(): void;
}

/** Makes the folder and takes hold of it. Throws `engine-prefix-held` and `engine-prefix-unusable`. */
export function takePrefix(directory: string): EnginePrefix {
  const file = (...names: string[]) => path.join(directory, ...names);
  const lock = file('supervisor.pid');
  try {
    // The workers may be another user's: they pass through, and see no names.
    for (const folder of [directory, file('log'), file('temp')]) {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o711);
    }
    const holder = Number(readOr(lock, ''));
    if (holder > 0 && holder !== process.pid && isSupervisor(holder))
      throw new HoldlineError('engine-prefix-held', `process ${holder} supervises the nginx in ${directory} already`);
    writeFileSync(lock, `${process.pid}\n`);
    for (const log of [file('log', 'connections.log'), file('log', 'error.log')]) makePrivate(log);
  } catch (error) {
    if (error instanceof HoldlineError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new HoldlineError('engine-prefix-unusable', `${directory} cannot be written (${code})`, { cause: error });
  }
  return {
    path: directory,
    configuration: file('nginx.conf'),
    candidate: file('nginx.next.conf'),
    refused: file('nginx.refused.conf'),
    pidFile: file('nginx.pid'),
    connectionsLog: file('log', 'connections.log'),
    errorLog: file('log', 'error.log'),
    temporary: file('temp'),
    release: () => rmSync(lock, { force: true }),
  };
}

/**
 * Sets the log aside, and begins a new one that only this user may read: addresses and paths of clients stand in it.
 */
export function beginAnew(log: string): void {
  renameSync(log, `${log}.1`);
  makePrivate(log);
}

export function logSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
}

/** A number that another program has by now holds nothing. */
function isSupervisor(pid: number): boolean {
  return /\b(?:node|holdline)\b/.test(readProcess(pid)?.title ?? '');
}

export function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not written yet.
    return otherwise;
  }
}
