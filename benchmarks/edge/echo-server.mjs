// The server behind every proxy, a process of its own. A client's path says what to do: /echo?bytes=N answers each message of N bytes
// with one of N bytes, made before; /flood?bytes=N sends N bytes in messages of 16 KB as fast as they are taken, and no more.
import net from 'node:net';
import { handshakeAnswer, message } from './frames.mjs';

/** A masked close frame starts with this byte; status 1000 is the answer. */
const closeByte = 0x88;
const closeAnswer = Buffer.from([closeByte, 2, 0x03, 0xe8]);
const floodMessage = message(16_384, { masked: false });
/** Whole messages of each size, shared by all connections. */
const sizes = new Map();

const server = net.createServer({ noDelay: true }, (socket) => {
  let head = '';
  socket.on('error', () => socket.destroy());
  const read = (bytes) => {
    head += bytes.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    const [, kind, bytesText] = /^GET \/(\w+)\?bytes=(\d+) /.exec(head) ?? [];
    const key = /^sec-websocket-key: (\S+)\r$/im.exec(head)?.[1];
    if (kind === undefined || key === undefined) {
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    socket.off('data', read);
    socket.write(handshakeAnswer(key));
    if (kind === 'flood') flood(socket, Number(bytesText));
    else echo(socket, Number(bytesText));
  };
  socket.on('data', read);
});

function echo(socket, payloadBytes) {
  if (!sizes.has(payloadBytes))
    sizes.set(payloadBytes, {
      inBytes: message(payloadBytes, { masked: true }).length,
      answer: message(payloadBytes, { masked: false }),
    });
  const { inBytes, answer } = sizes.get(payloadBytes);
  let pendingBytes = 0;
  socket.on('data', (bytes) => {
    pendingBytes += bytes.length;
    // A write for each message, as servers do: an application answers messages one by one.
    while (pendingBytes >= inBytes) {
      pendingBytes -= inBytes;
      socket.write(answer);
    }
    // A proxy that says goodbye waits for the answer, as it would get it from any server.
    if (pendingBytes > 0 && bytes[bytes.length - pendingBytes] === closeByte) socket.end(closeAnswer);
  });
}

function flood(socket, bytes) {
  let left = bytes;
  const push = () => {
    while (left > 0) {
      left -= floodMessage.length;
      if (!socket.write(floodMessage)) return;
    }
  };
  // Whatever comes back is a goodbye.
  socket.on('drain', push).on('data', () => socket.destroy());
  push();
}

server.listen(0, '127.0.0.1', 4096, () => process.send({ port: server.address().port }));
// How many connections it holds: a measurement is over when the proxy has let go of the last one.
process.on('message', () => server.getConnections((_error, connections) => process.send({ connections })));
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group: the parent ends this one when it is through.
process.on('SIGINT', () => undefined);
