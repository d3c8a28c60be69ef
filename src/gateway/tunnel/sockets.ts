/** The direct way with sockets (`sockets-way`) is tried for real before an edge takes it. */
import { once } from 'node:events';
import net from 'node:net';
import { Wire } from './wire.ts';

/** Loopback answers within a millisecond; a machine that is held up for so long has other troubles. */
const deadlineMs = 5000;
/** More than the kernel takes at once toward a reader that does not read (4 MB by default), so that the last writes stay behind. */
const blocks = 12;
const block = 1_048_576;
const greeting = Buffer.from('are you there?');

/**
 * Sends bytes through a direct wire on loopback, there and back, those included that the kernel does not take at once. Returns why the direct
 * way cannot be taken, as the end of a sentence, or null when it can.
 */
export async function tryDirectSockets(): Promise<string | null> {
  const server = net.createServer({ noDelay: true, allowHalfOpen: true });
  let client: net.Socket | null = null;
  let accepted: net.Socket | null = null;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`nothing came back within ${deadlineMs / 1000} s`)), deadlineMs);
  try {
    await once(server.listen({ host: '127.0.0.1', port: 0 }), 'listening', { signal: late.signal });
    client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    [accepted] = (await once(server, 'connection', { signal: late.signal })) as [net.Socket];
    return await carries(client, accepted, late.signal);
  } catch (error) {
    return reasonOf(late.signal.aborted ? late.signal.reason : error);
  } finally {
    clearTimeout(timer);
    client?.destroy();
    accepted?.destroy();
    server.close();
  }
}

/** Echoes through a direct wire on `accepted`; then lets it write more than the kernel takes. */
async function carries(client: net.Socket, accepted: net.Socket, signal: AbortSignal): Promise<string | null> {
  const wire = new Wire(accepted, 'direct');
  let problem: Error | null = null;
  wire.start(
    {
      borrows: true,
      bytesAhead: 0,
      onBytes: (chunk) => wire.write(chunk),
      onDrain: nothing,
      onEnd: () => wire.end(),
      onClosed: (error) => {
        problem = error;
      },
    },
    null,
  );
  if (!wire.direct) return 'this Node has no such sockets';
  client.write(greeting);
  if (!(await read(client, greeting.length, signal)).equals(greeting)) return 'an echo came back changed';
  const sent = Array.from({ length: blocks }, (_, index) => Buffer.alloc(block, index + 1));
  for (const bytes of sent) wire.write(bytes);
  if (!(await read(client, blocks * block, signal)).equals(Buffer.concat(sent))) return 'bytes came out of order';
  client.end();
  await once(client, 'close', { signal });
  return problem === null ? null : reasonOf(problem);
}

/** The next `length` bytes; fewer when the other side ends before. */
async function read(socket: net.Socket, length: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let missing = length;
  for (;;) {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      chunks.push(chunk);
      missing -= chunk.length;
    }
    if (missing <= 0 || socket.readableEnded) return Buffer.concat(chunks);
    await once(socket, 'readable', { signal });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nothing(): void {
  // The check does not ask whether anything waits.
}
