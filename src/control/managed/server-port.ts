import net from 'node:net';
import { checkListenable } from '../listen/listeners.ts';

/** Often enough that a start costs no waiting a person would notice. */
const acceptCheckEveryMs = 50;

/**
 * A process that was killed lets go of its port only when the system has taken it down, which is milliseconds later.
 */
const portReleaseMs = 1000;

/** The same port as before when it gets free, so that the server keeps its name over a restart; otherwise any. */
export async function freePort(wanted: number): Promise<number> {
  const deadline = performance.now() + portReleaseMs;
  while (wanted !== 0 && performance.now() < deadline) {
    const free = await checkListenable({ host: '127.0.0.1', port: wanted }).then(
      () => true,
      () => false,
    );
    if (free) return wanted;
    await new Promise((resolve) => setTimeout(resolve, acceptCheckEveryMs));
  }
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The host part for URLs of the loopback address that accepts; null when none does before `signal` says stop. */
export async function waitUntilAccepting(port: number, signal: AbortSignal): Promise<string | null> {
  while (!signal.aborted) {
    // Servers that listen on "localhost" may have taken the IPv6 address only.
    for (const [host, shown] of [
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '[::1]'],
    ] as const) {
      if (await accepts(host, port)) return signal.aborted ? null : shown;
    }
    await new Promise((resolve) => setTimeout(resolve, acceptCheckEveryMs));
  }
  return null;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 1000 });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
