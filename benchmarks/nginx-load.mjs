// Raw WebSockets for measurements beside nginx: a server that echoes frames and a client that holds many, as cheap as
// Node allows. Run as a child, so that their processor time is nobody else's: node nginx-load.mjs server
import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * Echoes every byte after the 101 (masked frames come back masked, which measures the same). Plain requests get 200.
 */
export function startServer() {
  const state = { accepted: 0, sockets: new Set() };
  const server = net.createServer((socket) => {
    state.accepted++;
    state.sockets.add(socket);
    socket.once('close', () => state.sockets.delete(socket)).on('error', () => socket.destroy());
    let head = '';
    const read = (bytes) => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const key = /^sec-websocket-key: (\S+)\r$/im.exec(head)?.[1];
      const wants = /^upgrade: websocket\r$/im.test(head) && /^connection: .*upgrade.*\r$/im.test(head);
      head = '';
      if (!wants) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain');
        return;
      }
      socket.off('data', read);
      const accept = createHash('sha1').update(`${key}${guid}`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.on('data', (message) => socket.write(message));
    };
    socket.on('data', read);
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', 4096, () =>
      resolve({
        port: server.address().port,
        state,
        close: () => {
          for (const socket of state.sockets) socket.destroy();
          server.close();
        },
      }),
    ),
  );
}

/**
 * One handshake as a browser sends it, some 350 bytes. Resolves with the status, 0 for none; the socket stays open
 * after a 101.
 */
export function open({ port, secure = false, origin = 'https://app.example.com', path = '/' }) {
  const socket = secure
    ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : net.connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  return new Promise((resolve) => {
    let head = '';
    const done = (status) => {
      socket.off('data', read).off('close', none);
      resolve({ status, socket });
    };
    const none = () => done(0);
    const read = (bytes) => {
      head += bytes.toString('latin1');
      if (head.includes('\r\n\r\n')) done(Number(head.slice(9, 12)));
    };
    socket.on('data', read).once('close', none);
    socket.once(secure ? 'secureConnect' : 'connect', () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\nAccept-Language: en\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      ),
    );
  });
}

/** Opens up to `count`, some at a time; stops at the first refusal unless told otherwise. */
export async function openMany({ count, atOnce = 40, pastRefusals = false, ...way }) {
  const sockets = [];
  const statuses = new Map();
  let left = count;
  let refused = false;
  const worker = async () => {
    while (left > 0 && (pastRefusals || !refused)) {
      left--;
      const { status, socket } = await open(way);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 101) sockets.push(socket);
      else {
        refused = true;
        socket.destroy();
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { sockets, statuses };
}

/** Sends `bytes` on each socket and waits until as many came back. */
export async function echo(sockets, bytes, atOnce = 20) {
  const message = Buffer.alloc(bytes, 0x61);
  let next = 0;
  const worker = async () => {
    while (next < sockets.length) {
      const socket = sockets[next++];
      await new Promise((resolve, reject) => {
        let left = bytes;
        const read = (piece) => {
          left -= piece.length;
          if (left > 0) return;
          socket.off('data', read).off('close', reject);
          resolve();
        };
        socket.on('data', read).once('close', reject);
        socket.write(message);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, sockets.length) }, worker));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // As a child: the parent asks by messages and reads the answers.
  if (process.argv[2] === 'server') {
    const server = await startServer();
    process.send({ port: server.port });
  } else {
    let held = [];
    process.on('message', async ({ id, ask, options }) => {
      if (ask === 'open') {
        const { sockets, statuses } = await openMany(options);
        held.push(...sockets);
        process.send({ id, held: held.length, statuses: [...statuses] });
      } else if (ask === 'echo') {
        for (let round = 0; round < (options.rounds ?? 1); round++) await echo(held, options.bytes, options.atOnce);
        process.send({ id });
      } else if (ask === 'alive')
        process.send({ id, alive: held.filter((socket) => !socket.destroyed && !socket.readableEnded).length });
      else if (ask === 'close') {
        for (const socket of held) socket.destroy();
        held = [];
        process.send({ id });
      }
    });
    process.send({ ready: true });
  }
  process.on('disconnect', () => process.exit(0));
}
