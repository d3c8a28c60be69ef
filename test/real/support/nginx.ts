/**
 * Starts a real nginx for a test: in a directory of its own, on ports that were free, and stopped by its process id.
 * The caller writes the configuration; what every such nginx needs (pid, logs, temporary paths) is added around it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findVersion, type NginxVersion } from '../../../src/base/nginx-version.ts';

/** Debian's, unless TEST_NGINX names another one (scripts/other-nginx.mjs fetches some). */
const binary = process.env.TEST_NGINX ?? '/usr/sbin/nginx';

/** The version of the nginx under test: what tests lint, generate and expect for. */
export const nginxVersion: NginxVersion = findVersion(spawnSync(binary, ['-v'], { encoding: 'utf8' }).stderr ?? '') ?? [
  1, 22, 1,
];

export interface NginxOptions {
  /** How many free ports the configuration wants. Default 1. */
  readonly ports?: number;
  /** The whole configuration, with `listen 127.0.0.1:PORT`. `preamble` stands before it and must not be repeated. */
  readonly conf: (ports: readonly number[], directory: string) => string;
  /** More files, by their path relative to the directory, which is also where relative includes start. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Modules of Debian to load, such as `http_lua`; a module that another needs comes before it. */
  readonly modules?: readonly string[];
  /** Level of error_log. Default `info`, because nginx tells of closed tunnels there. */
  readonly logLevel?: 'debug' | 'info' | 'notice' | 'warn' | 'error';
}

export interface RunningNginx {
  readonly ports: readonly number[];
  readonly directory: string;
  readonly pid: number;
  readonly confPath: string;
  /** The text of error.log so far. */
  readonly errorLog: () => string;
  /** A file below the directory, such as `access.log`; empty when it does not exist. */
  readonly file: (name: string) => string;
  readonly signal: (name: 'HUP' | 'USR1' | 'QUIT' | 'WINCH') => void;
  /** Rewrites the configuration and reloads; resolves when the new workers are there. */
  readonly reload: (conf: string) => Promise<void>;
  /** Ends master and workers and removes the directory. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Ends when nginx accepts connections on all its ports; rejects with its own words when it does not start. */
export async function startNginx(options: NginxOptions): Promise<RunningNginx> {
  const directory = makeDirectory(options.files);
  const ports = await freePorts(options.ports ?? 1);
  const confPath = path.join(directory, 'nginx.conf');
  writeFileSync(confPath, whole(options, options.conf(ports, directory), directory));
  const child = spawn(binary, ['-c', confPath, '-p', `${directory}/`, '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const file = (name: string) => readOr(path.join(directory, name), '');
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= end(child, ended).then(() => rmSync(directory, { recursive: true, force: true }));
    return closing;
  };
  try {
    for (const port of listeningPorts(ports, readFileSync(confPath, 'utf8'))) await accepting(port, child);
  } catch (error) {
    const log = said + file('error.log');
    await close();
    throw new Error(`nginx did not start: ${log.trim() || String(error)}`);
  }
  return {
    ports,
    directory,
    pid: child.pid!,
    confPath,
    file,
    errorLog: () => file('error.log'),
    signal: (name) => process.kill(child.pid!, `SIG${name}`),
    reload: async (conf) => {
      writeFileSync(confPath, whole(options, conf, directory));
      const before = workersOf(child.pid!);
      process.kill(child.pid!, 'SIGHUP');
      await until(() => workersOf(child.pid!).some((pid) => !before.includes(pid)), 'new workers');
    },
    close,
  };
}

export interface NginxVerdict {
  readonly accepted: boolean;
  /**
   * nginx's first complaint (emerg), without time, process ids and path, with the line: `unknown directive "x" (line
   * 2)`; null without one.
   */
  readonly message: string | null;
  readonly line: number | null;
  /** All that nginx said. */
  readonly output: string;
}

/** What `nginx -t` says of a configuration, which is taken as it is: no preamble is added. */
export function testNginx(
  conf: string | Uint8Array,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): NginxVerdict {
  const directory = makeDirectory(files);
  try {
    const confPath = path.join(directory, 'nginx.conf');
    writeFileSync(confPath, typeof conf === 'string' ? Buffer.from(conf, 'latin1') : conf);
    const result = spawnSync(binary, ['-t', '-c', confPath, '-p', `${directory}/`], { encoding: 'latin1' });
    if (result.error !== undefined) throw result.error;
    const output = result.stderr.replaceAll(`${directory}/`, '');
    const emerg = /\[emerg\] \d+#\d+: (.*?)(?: in ([^\s]+):(\d+))?\n(?:nginx:|\d{4}\/)/s.exec(output);
    const line = emerg?.[3] === undefined ? null : Number(emerg[3]);
    const message = emerg === null ? null : line === null ? emerg[1]! : `${emerg[1]} (line ${line})`;
    return { accepted: result.status === 0, message, line, output };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Ports that nothing listened on a moment ago; different from one another. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function makeDirectory(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-nginx-'));
  for (const [name, text] of Object.entries(files)) {
    const target = path.join(directory, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return directory;
}

/** Directives that every nginx under test needs, so that it writes nowhere but in its directory. */
function whole({ modules = [], logLevel = 'info' }: NginxOptions, conf: string, directory: string): string {
  const loads = modules.map((name) => `load_module /usr/lib/nginx/modules/${moduleFile(name)};\n`).join('');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  const http = conf.replace(/\bhttp\s*\{/, (start) => `${start} ${temporary.join(' ')} `);
  return `${loads}pid ${directory}/nginx.pid; error_log ${directory}/error.log ${logLevel};\n${http}`;
}

function moduleFile(name: string): string {
  return name === 'ndk_http' ? 'ndk_http_module.so' : `ngx_${name}_module.so`;
}

/** Only those that the configuration mentions are waited for; a test may want a port where nothing listens. */
function listeningPorts(ports: readonly number[], conf: string): number[] {
  return ports.filter((port) => new RegExp(`listen[^;]*\\b${port}\\b`).test(conf));
}

const patienceMs = 10_000;

async function accepting(port: number, child: ChildProcess): Promise<void> {
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    return new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }, `port ${port}`);
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms for ${what}`);
    await delay(10);
  }
}

/** TERM ends nginx at once, tunnels included; KILL only when that does not help. */
async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const workers = workersOf(child.pid!);
  child.kill('SIGTERM');
  const timer = setTimeout(() => {
    for (const pid of [child.pid!, ...workers]) tryKill(pid);
  }, 5000);
  await ended;
  clearTimeout(timer);
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended between the look and the kill, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function workersOf(pid: number): number[] {
  return readOr(`/proc/${pid}/task/${pid}/children`, '').split(' ').filter(Boolean).map(Number);
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
