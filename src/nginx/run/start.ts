/** Starts a generated configuration as a real nginx in a directory of its own, and ends it by its process id. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HoldlineError } from '../../base/error.ts';
import type { NginxBinary } from '../../host/nginx-binary.ts';
import { childrenOf } from '../../host/process-facts.ts';

export interface TrialDirectory {
  readonly path: string;
  readonly file: (name: string) => string;
  /** The text of a file below it so far; empty when it is not there. */
  readonly read: (name: string) => string;
  readonly remove: () => void;
}

export function makeTrialDirectory(): TrialDirectory {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-nginx-'));
  const file = (name: string) => path.join(directory, name);
  return {
    path: directory,
    file,
    read: (name) => readOr(file(name), ''),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface StartOptions {
  readonly binary: NginxBinary;
  /** With its logs and its pid file in the directory. */
  readonly text: string;
  readonly directory: TrialDirectory;
  /** Ports of loopback that it listens on. */
  readonly ports: readonly number[];
}

export interface RunningNginx {
  readonly pid: number;
  readonly workers: () => readonly number[];
  readonly signal: (name: 'HUP' | 'USR1' | 'QUIT') => void;
  /** Ends master and workers at once. Idempotent. */
  readonly close: () => Promise<void>;
}

export interface ConfigurationVerdict {
  readonly accepted: boolean;
  /** What nginx said. */
  readonly output: string;
}

/** What `nginx -t` says of the text. */
export function testConfiguration({ binary, text, directory }: Omit<StartOptions, 'ports'>): ConfigurationVerdict {
  const file = writeConfiguration(text, directory);
  const result = spawnSync(binary.path, ['-t', '-c', file, '-p', `${directory.path}/`], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { accepted: result.status === 0, output: (result.stderr ?? '').trim() };
}

/** Resolves when all ports accept. Throws verify-nginx-refused with nginx's own words when it does not start. */
export async function startNginx({ binary, text, directory, ports }: StartOptions): Promise<RunningNginx> {
  const file = writeConfiguration(text, directory);
  const child = spawn(binary.path, ['-c', file, '-p', `${directory.path}/`, '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (piece: string) => {
    // What nginx says at start is a few lines; after that it writes to its log.
    if (said.length < 16_384) said += piece;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let failure: unknown = null;
  child.once('error', (error) => {
    failure = error;
  });
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= end(child, ended);
    return closing;
  };
  try {
    for (const port of ports)
      await until(async () => {
        if (failure !== null || child.exitCode !== null) throw new Error('it ended');
        return accepts(port);
      }, `port ${port}`);
  } catch (error) {
    await close();
    throw new HoldlineError('verify-nginx-refused', `nginx did not start: ${said.trim() || String(failure ?? error)}`, {
      cause: error,
    });
  }
  return {
    pid: child.pid!,
    workers: () => childrenOf(child.pid!),
    signal: (name) => process.kill(child.pid!, `SIG${name}`),
    close,
  };
}

function writeConfiguration(text: string, directory: TrialDirectory): string {
  const file = directory.file('nginx.conf');
  writeFileSync(file, withTemporaryFolders(text, directory.path));
  return file;
}

/** nginx's default directories for bodies belong to the installed one, and are not ours to write to. */
export function withTemporaryFolders(text: string, directory: string): string {
  const lines = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `    ${name}_temp_path ${path.join(directory, name)};\n`)
    .join('');
  return text.replace(/^http \{\n/m, (start) => start + lines);
}

const patienceMs = 15_000;

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s for ${what}`);
    await delay(20);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Nothing listens there yet.
    return false;
  } finally {
    socket.destroy();
  }
}

/** TERM ends nginx at once, tunnels included; KILL only when that does not help. */
async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const family = [child.pid, ...childrenOf(child.pid)];
  child.kill('SIGTERM');
  const timer = setTimeout(() => {
    for (const pid of family) killIfThere(pid);
  }, 5_000);
  await ended;
  clearTimeout(timer);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended between the look and the kill, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not written yet.
    return otherwise;
  }
}
