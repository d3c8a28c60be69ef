/**
 * Many raw WebSockets from a process of their own, and a server for them in another: descriptors and time apart from
 * the test's.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const script = path.resolve(import.meta.dirname, '../../../benchmarks/nginx-load.mjs');

export interface LoadServer {
  readonly port: number;
  readonly close: () => void;
}

export async function startLoadServer(): Promise<LoadServer> {
  const child = fork(script, ['server'], { execArgv: [] });
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return { port: message.port, close: () => child.kill() };
}

export interface OpenOptions {
  readonly port: number;
  readonly count: number;
  readonly secure?: boolean;
  readonly atOnce?: number;
  readonly pastRefusals?: boolean;
}

export interface LoadClient {
  /** How many are held in all, and how often each status came. */
  readonly open: (options: OpenOptions) => Promise<{ held: number; statuses: readonly (readonly [number, number])[] }>;
  /** A message on each connection there and back. */
  readonly echo: (bytes: number) => Promise<void>;
  readonly close: () => void;
}

export async function startLoadClient(): Promise<LoadClient> {
  const child = fork(script, ['client'], { execArgv: [] });
  await once(child, 'message');
  let id = 0;
  return {
    open: async (options) =>
      (await asked(child, { id: ++id, ask: 'open', options })) as Awaited<ReturnType<LoadClient['open']>>,
    echo: async (bytes) => {
      await asked(child, { id: ++id, ask: 'echo', options: { bytes } });
    },
    close: () => child.kill(),
  };
}

function asked(child: ChildProcess, question: { id: number; ask: string; options: object }): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const read = (answer: { id?: number }) => {
      if (answer.id !== question.id) return;
      child.off('message', read).off('exit', reject);
      resolve(answer);
    };
    child.on('message', read).once('exit', reject);
    child.send(question);
  });
}
