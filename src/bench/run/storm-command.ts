/** The command that makes a server, a worker or a proxy drop its connections: run once, bounded in time. */
import { spawn } from 'node:child_process';

export interface CommandOutcome {
  readonly line: string;
  /** Null: it was ended by a signal, or could not be started. */
  readonly exitCode: number | null;
  /** The beginning of what it wrote, or why it did not run; empty when it wrote nothing. */
  readonly said: string;
}

/** A reload that waits for old workers takes some seconds; nobody waits a minute for a command that hangs. */
const commandMsMax = 60_000;
const saidBytesMax = 2000;

/** Words without anything that a shell would read in its own way are run without one. */
const plainWords = /^[\w@%+=:,./ -]+$/;

export function runStormCommand(line: string, options: { readonly signal: AbortSignal }): Promise<CommandOutcome> {
  const [file, ...args] =
    plainWords.test(line) && !/^\S*=/.test(line.trim()) ? line.trim().split(/ +/) : ['sh', '-c', line];
  return new Promise((resolve) => {
    let said = '';
    // A group of its own, so that what a shell has started ends with it.
    const child = spawn(file!, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    };
    const timer = setTimeout(end, commandMsMax);
    options.signal.addEventListener('abort', end, { once: true });
    const done = (exitCode: number | null, why = '') => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', end);
      resolve({ line, exitCode, said: (said + why).trim() });
    };
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8').slice(0, saidBytesMax - said.length);
      });
    child.on('error', (error) => done(null, error.message));
    // `exit`, not `close`: what it leaves running in the background may keep its output open.
    child.on('exit', (code, signal) => done(code, signal === null ? '' : `ended by ${signal}`));
  });
}
