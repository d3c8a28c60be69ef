/** Debian's python3-websockets, which is a WebSocket stack that shares no line with those of Node. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** The distribution's own: the package is not there for any other. */
const python = '/usr/bin/python3';

export interface PythonServer {
  readonly url: string;
  /** What was printed of the connections that have ended. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

export async function startPythonServer(): Promise<PythonServer> {
  const child: ChildProcess = spawn(python, [script('echo_server.py')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout! });
  const [first] = (await Promise.race([once(reader, 'line'), once(child, 'exit')])) as [string | number];
  const port = /^port (\d+)$/.exec(String(first))?.[1];
  if (port === undefined) throw new Error(`the python server did not start: ${first}`);
  reader.on('line', (line) => lines.push(line));
  return {
    url: `http://127.0.0.1:${port}`,
    lines,
    close: async () => {
      const exited = once(child, 'exit');
      if (child.kill('SIGKILL')) await exited;
    },
  };
}

/** Runs the client to its end and returns what it printed. */
export async function runPythonClient(url: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(python, [script('echo_client.py'), url], { timeout: 60_000 });
  return JSON.parse(stdout);
}

/** Runs one that says so many compressible messages, and returns what it printed. */
export async function runTalkingClient(url: string, count: number): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(python, [script('talk_client.py'), url, String(count)], {
    timeout: 60_000,
  });
  return JSON.parse(stdout);
}

function script(name: string): string {
  return path.join(import.meta.dirname, name);
}
