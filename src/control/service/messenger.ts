/**
 * Tells the service manager something, as sd_notify(3) has it. Node knows no Unix datagram sockets, and an addon would
 * have to be compiled or downloaded for each platform. So systemd's own program carries each message: a few
 * milliseconds of another process, for a message every half a minute. It waits until the manager has read the message,
 * so one that ends early is not lost.
 */
import { execFile } from 'node:child_process';

/** `{ READY: '1', STATUS: '12 connections' }`. */
export type ServiceMessage = Readonly<Record<string, string>>;

export interface Messenger {
  /** In order, one after the other. Never rejects. */
  send(message: ServiceMessage): void;
  /** Resolves when everything that was sent has left, or never will. */
  sent(): Promise<void>;
}

export interface MessengerOptions {
  readonly socket: string;
  /** Called once, for the first message that cannot be delivered. */
  readonly onProblem: (message: string) => void;
  /** The program that carries a message; tests bring another one. */
  readonly program?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** systemd-notify itself gives up after five seconds. */
const timeoutMs = 7000;
/** Of a manager that reads so slowly. The oldest is left out: what it says is overtaken by those after it. */
const waitingMax = 16;

export function messenger(options: MessengerOptions): Messenger {
  const { socket, onProblem, program = 'systemd-notify', env } = options;
  const waiting: ServiceMessage[] = [];
  let running: Promise<void> | null = null;
  let complained = false;

  function deliver(message: ServiceMessage): Promise<void> {
    const lines = Object.entries(message).map(([name, value]) => `${name}=${oneLine(value)}`);
    return new Promise((resolve) => {
      const done = (error: Error | null, _stdout: string, stderr: string) => {
        if (error !== null && !complained) {
          complained = true;
          onProblem(problemOf(error as NodeJS.ErrnoException, program, stderr));
        }
        resolve();
      };
      try {
        execFile(program, lines, { env: { ...env, NOTIFY_SOCKET: socket }, timeout: timeoutMs }, done);
      } catch (error) {
        // No descriptor or no process is left for it.
        done(error as Error, '', '');
      }
    });
  }

  async function run(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await deliver(next);
    running = null;
  }

  return {
    send(message) {
      waiting.push(message);
      if (waiting.length > waitingMax) waiting.shift();
      running ??= run();
    },
    sent: () => running ?? Promise.resolve(),
  };
}

function oneLine(value: string): string {
  return value.replaceAll(/\s+/g, ' ');
}

function problemOf(error: NodeJS.ErrnoException, program: string, stderr: string): string {
  if (error.code === 'ENOENT') return `there is no ${program} here`;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return said === '' ? error.message.split('\n')[0]! : said;
}
