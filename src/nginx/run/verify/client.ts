/** A client that shows what nginx answers: one request on one connection, whose socket then stays. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { keyFrom } from '../../../ws/client-handshake.ts';

export interface Ask {
  readonly port: number;
  readonly secure: boolean;
  readonly host: string;
  readonly path: string;
  readonly origin?: string | undefined;
  /** The Upgrade header; null for a plain request. */
  readonly upgrade: string | null;
}

export interface TrialAnswer {
  /** 0: closed without an answer. */
  readonly status: number;
  readonly milliseconds: number;
  readonly socket: net.Socket;
}

const patienceMs = 10_000;
/** An answer's head is some hundred bytes. */
const headBytesMax = 16_384;

export async function askTrial(request: Ask): Promise<TrialAnswer> {
  const startedAt = performance.now();
  const socket = open(request);
  let head = '';
  const status = await new Promise<number>((resolve) => {
    const timer = setTimeout(() => resolve(0), patienceMs);
    const done = (value: number) => {
      clearTimeout(timer);
      socket.off('data', read);
      resolve(value);
    };
    const read = (bytes: Buffer) => {
      head += bytes.toString('latin1');
      if (head.includes('\r\n\r\n') || head.length > headBytesMax)
        done(Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0));
    };
    socket.on('data', read).once('close', () => done(0));
    socket.once(request.secure ? 'secureConnect' : 'connect', () => socket.write(headOf(request)));
  });
  // What comes after the head is of no interest, but must be read or the close is never seen.
  socket.resume();
  return { status, milliseconds: performance.now() - startedAt, socket };
}

/** Milliseconds from now until nginx closes; null when it has not within the limit. */
export async function closedWithin(socket: net.Socket, limitMs: number): Promise<number | null> {
  if (socket.closed) return 0;
  const startedAt = performance.now();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limitMs);
  try {
    await once(socket, 'close', { signal: stop.signal });
    return performance.now() - startedAt;
  } catch (error) {
    if ((error as Error).name === 'AbortError') return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function open({ port, secure, host }: Ask): net.Socket {
  // The certificate is one made for the trial, or the site's own for another name: neither is what is tried.
  const socket = secure
    ? tls.connect({
        port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
        ...(net.isIP(host) === 0 ? { servername: host } : {}),
      })
    : net.connect({ port, host: '127.0.0.1' });
  // A refusal may come as a reset; 'close' follows, and that is what is waited for.
  return socket.on('error', () => socket.destroy()).on('end', () => socket.end());
}

function headOf({ host, port, path, origin, upgrade }: Ask): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...(upgrade === null
      ? []
      : [
          `Upgrade: ${upgrade}`,
          'Connection: Upgrade',
          'Sec-WebSocket-Version: 13',
          `Sec-WebSocket-Key: ${keyFrom(randomBytes(16))}`,
        ]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
