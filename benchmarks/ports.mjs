// Ports of loopback, for programs that cannot be told to choose one and that do not say when they listen.
import net from 'node:net';

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when somebody listens there; throws what `said` returns when the child has ended before. */
export async function listening(port, child, said) {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended before it listened: ${said()}`);
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
