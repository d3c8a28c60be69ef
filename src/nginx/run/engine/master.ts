/**
 * The processes of a supervised nginx. It runs as a daemon, so that it outlives its supervisor and the next one takes
 * it over.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { HoldlineError } from '../../../base/error.ts';
import type { NginxBinary } from '../../../host/nginx-binary.ts';
import { childrenOf, type ProcessFacts, processIds, readProcess } from '../../../host/process-facts.ts';
import { isWorker } from '../live/master.ts';
import { type EnginePrefix, readOr } from './prefix.ts';

export interface NginxVerdict {
  readonly accepted: boolean;
  /** What nginx said, without time stamps and process ids. */
  readonly output: string;
}

/** The master of this folder; null when none runs. A number in the pid file that another program has by now is none. */
export function findMaster(prefix: EnginePrefix): ProcessFacts | null {
  const pid = Number(readOr(prefix.pidFile, ''));
  const facts = pid > 0 ? readProcess(pid) : null;
  return facts !== null && isMasterOf(facts, prefix) ? facts : null;
}

export function masterWorkers(master: number): ProcessFacts[] {
  return childrenOf(master).flatMap((pid) => {
    const facts = readProcess(pid);
    return facts !== null && isWorker(facts) ? [facts] : [];
  });
}

/**
 * Workers whose master was killed: they go on, keep their ports, and nobody replaces them. Found by the log that they
 * have open.
 */
export function orphansOf(prefix: EnginePrefix): number[] {
  return processIds().filter((pid) => {
    const facts = readProcess(pid);
    if (facts === null || !isWorker(facts)) return false;
    const parent = readProcess(facts.parent);
    return (parent === null || !isMasterOf(parent, prefix)) && hasOpen(pid, prefix.errorLog);
  });
}

/** `nginx -t`. */
export function tryConfiguration(prefix: EnginePrefix, binary: NginxBinary, file: string): Promise<NginxVerdict> {
  return run(prefix, binary, ['-t', '-q', '-c', file]);
}

/**
 * Starts the master; resolves when it has bound its ports. Throws `listen-port-taken`, `listen-not-permitted`,
 * `engine-nginx-refused`.
 */
export async function startMaster(prefix: EnginePrefix, binary: NginxBinary): Promise<ProcessFacts> {
  const { accepted, output } = await run(prefix, binary, ['-c', prefix.configuration]);
  // The pid file is written by the daemon, a moment after the process that was started has ended.
  for (let tries = 0; accepted && tries < 100; tries++) {
    const master = findMaster(prefix);
    if (master !== null && masterWorkers(master.pid).length > 0) return master;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw startProblem(output);
}

function startProblem(output: string): HoldlineError {
  const bind = /bind\(\) to (\S+) failed \((\d+):/.exec(output);
  const [address, number] = [bind?.[1], bind?.[2]];
  // EADDRINUSE and EACCES of Linux.
  if (number === '98') return new HoldlineError('listen-port-taken', `another program listens on ${address} already`);
  if (number === '13') return new HoldlineError('listen-not-permitted', `this user may not listen on ${address}`);
  return new HoldlineError(
    'engine-nginx-refused',
    `nginx did not start: ${output === '' ? 'it ended without a word' : output}`,
  );
}

type NginxSignal = 'HUP' | 'USR1' | 'QUIT' | 'TERM' | 'KILL';

/** False: there is no such process any more. */
export function signal(pid: number, name: NginxSignal): boolean {
  try {
    process.kill(pid, `SIG${name}`);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function isMasterOf({ title }: ProcessFacts, { configuration }: EnginePrefix): boolean {
  return title.startsWith('nginx: master process') && title.includes(` -c ${configuration}`);
}

function hasOpen(pid: number, file: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((name) => linkOf(`${folder}/${name}`) === file);
  } catch {
    // Another user's process, or it has just ended.
    return false;
  }
}

function linkOf(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    // Closed since the directory was read.
    return null;
  }
}

const outputMax = 16_384;

function run(prefix: EnginePrefix, binary: NginxBinary, args: readonly string[]): Promise<NginxVerdict> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary.path, ['-p', `${prefix.path}/`, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      if (said.length < outputMax) said += piece;
    });
    child.once('error', (error) =>
      reject(new HoldlineError('engine-nginx-missing', `${binary.path}: ${error.message}`)),
    );
    // Its end and not that of its output: the daemon may keep the pipe.
    child.once('exit', (code) => {
      child.stderr.destroy();
      resolve({ accepted: code === 0, output: withoutTimes(said) });
    });
  });
}

function withoutTimes(said: string): string {
  const lines = said
    .trim()
    .split('\n')
    .map((line) => line.replace(/^nginx: |^\d{4}\/\d\d\/\d\d [\d:]{8} /g, ''))
    // What is left says what is wrong; this only says that something is.
    .filter((line) => !/^configuration file .* test failed$/.test(line))
    .map((line) => line.replace(/^\[\w+\] (?:\d+#\d+: )?/, ''));
  return [...new Set(lines)].join('\n');
}
