// Many clients of many kinds, a process of its own: holds raw sockets and sends so many messages a second over all of
// them.
import net from 'node:net';
// What comes back is read and dropped.
import { handshakeRequest, message } from '../edge/frames.mjs';

const frame = message(64, { masked: true });
const shared = Buffer.allocUnsafe(256 * 1024);
const browsers = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0',
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
];
const sockets = [];

function open(port, number) {
  const host = number % 5 === 0 ? 'feed.example.com' : 'chat.example.com';
  const request = handshakeRequest('/echo?bytes=64')
    .toString('latin1')
    .replace('Host: app.example.com', `Host: ${host}`)
    .replace(/User-Agent: .*\r/, `User-Agent: ${browsers[number % browsers.length]}\r`)
    .replace('Pragma:', `X-Forwarded-For: 203.0.${number >> 8}.${number & 255}\r\nPragma:`);
  return new Promise((resolve, reject) => {
    let upgraded = false;
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: shared,
        callback(length, buffer) {
          if (upgraded) {
            answerPings(socket, buffer, length);
            return true;
          }
          if (buffer.latin1Slice(0, 12) === 'HTTP/1.1 101') {
            upgraded = true;
            resolve(socket);
          } else reject(new Error(buffer.latin1Slice(0, length)));
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.once('connect', () => socket.write(request));
  });
}

/** Everything that comes is in short frames, whole in what is read. */
function answerPings(socket, bytes, length) {
  for (let at = 0; at + 2 <= length; at += 2 + (bytes[at + 1] & 0x7f)) {
    if (bytes[at] !== 0x89) continue;
    const payload = bytes.subarray(at + 2, at + 2 + bytes[at + 1]);
    socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]), payload]));
  }
}

async function openAll({ port, count }) {
  let next = 0;
  const one = async () => {
    while (next < count) sockets.push(await open(port, next++));
  };
  await Promise.all(Array.from({ length: 16 }, one));
}

/** In steps of 20 ms. Most speak now and then, a tenth of them half of the time. */
function speak(perSecond) {
  setInterval(() => {
    for (let each = 0; each < perSecond / 50; each++) {
      const busy = Math.random() < 0.5 ? sockets.length / 10 : sockets.length;
      sockets[Math.floor(Math.random() * busy)].write(frame);
    }
  }, 20);
}

process.on('message', async ({ port, count, perSecond }) => {
  await openAll({ port, count });
  speak(perSecond);
  process.send({ open: sockets.length });
});
process.on('disconnect', () => process.exit(0));
