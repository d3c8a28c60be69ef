// node burst.mjs PORT HANDSHAKES AT_ONCE: makes handshakes from many addresses of loopback, keeps those that succeed
// until it is ended, and prints [address, status, Retry-After] of each as JSON. In a process of its own, so that
// whoever measures is not held up by it.
import net from 'node:net';

const [port, handshakes, atOnce] = process.argv.slice(2).map(Number);
const addresses = Array.from({ length: 50 }, (_, index) => `127.0.1.${index + 1}`);
const request =
  'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/**
 * Every second handshake comes from one of five greedy addresses, which reach their own cap before the route reaches
 * its.
 */
const addressOf = (index) => addresses[index % (index % 2 === 0 ? addresses.length : 10)];

function handshake(address) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress: address });
    socket.on('error', reject);
    socket.write(request);
    socket.once('data', (chunk) => {
      const head = chunk.toString('latin1');
      const status = Number(head.slice(9, 12));
      if (status === 101) socket.resume();
      else socket.destroy();
      resolve([address, status, Number(/^retry-after: (\d+)/im.exec(head)?.[1] ?? Number.NaN)]);
    });
  });
}

const answers = [];
let next = 0;
const lane = async () => {
  while (next < handshakes) answers.push(await handshake(addressOf(next++)));
};
await Promise.all(Array.from({ length: atOnce }, lane));
process.stdout.write(`${JSON.stringify(answers)}\n`);
