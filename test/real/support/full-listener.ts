/** A server that does not answer to being called: its queue is full, and the kernel drops what else comes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

const program = `
import socket, sys
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(0)
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
`;

export async function startFullListener(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const child = spawn('/usr/bin/python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  const port = Number(line.toString());
  // A queue of length 0 takes one; the next one waits for ever.
  const callers: net.Socket[] = [];
  const waits = (socket: net.Socket) =>
    Promise.race([
      once(socket, 'connect').then(() => false),
      new Promise<boolean>((resolve) => setTimeout(resolve, patienceMs, true)),
    ]);
  for (let full = false; !full; ) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => socket.destroy());
    callers.push(socket);
    full = await waits(socket);
  }
  return {
    port,
    close: async () => {
      for (const socket of callers) socket.destroy();
      child.stdin!.end();
      await ended;
    },
  };
}

/** On loopback a connection stands within a millisecond; what has not after this waits for room. */
const patienceMs = 500;
