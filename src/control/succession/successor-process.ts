import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { exitText, lastError } from '../processes/child.ts';
import type { FromKeeper, ToKeeper } from './protocol.ts';
import { successorVariable } from './variable.ts';

/** How a supervisor of the code on disk is started. */
export interface SupervisorProgram {
  /** Path of the command line's entry, as it was typed: a link leads to whatever it points at now. */
  readonly main: string;
  readonly args: readonly string[];
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gets what it writes to its standard error. */
  readonly onErrors: (text: string) => void;
}

const beatEveryMs = 1000;

export interface SuccessorEars {
  message(message: ToKeeper, handle: unknown): void;
  /** It has ended; `how` is for people. */
  exit(how: string): void;
}

/** A supervisor in a process of its own, as the keeper sees it. */
export class SuccessorProcess {
  /** Children that it has started. */
  readonly started = new Set<string>();
  /** How long it may stand still; it is ended after that. */
  patienceMs: number;
  readonly #process: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  #missing = 0;
  #hung = false;
  #errors = '';

  constructor(program: SupervisorProgram, patienceMs: number, ears: SuccessorEars) {
    this.patienceMs = patienceMs;
    const { main, args, execArgv, env, onErrors } = program;
    this.#process = fork(main, [...args], {
      serialization: 'advanced',
      execArgv: [...execArgv],
      env: { ...env, [successorVariable]: '1' },
      stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4096);
      onErrors(text);
    });
    this.#process.on('message', (message, handle) => {
      this.#missing = 0;
      ears.message(message as ToKeeper, handle);
    });
    const over = (how: string) => {
      clearInterval(this.#timer);
      ears.exit(this.#hung ? `it stood still for ${this.patienceMs / 1000} s` : how);
    };
    // What it still said comes before its end.
    this.#process.once('exit', (code, signal) => {
      const end = () => over(`it ended (${exitText({ code, signal })})${lastError(this.#errors)}`);
      if (this.#process.connected) this.#process.once('disconnect', end);
      else end();
    });
    this.#process.once('error', (error) => {
      if (this.#process.pid === undefined) over(error.message);
    });
    this.#timer = setInterval(() => this.#beat(), beatEveryMs);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  tell(message: FromKeeper, handle?: unknown, sent?: () => void): void {
    if (this.#process.connected) this.#process.send(message, handle as never, {}, () => sent?.());
    else sent?.();
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /**
   * Counts answers that are missing rather than time: a keeper that was stopped itself must not take that for silence.
   */
  #beat(): void {
    this.#missing++;
    if (this.#missing * beatEveryMs > this.patienceMs) {
      this.#hung = true;
      this.kill();
    }
    this.tell({ kind: 'beat' });
  }
}
