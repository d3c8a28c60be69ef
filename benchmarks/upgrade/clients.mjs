// The clients: every message is numbered, timed, and has to come back once and in order.
import { WebSocket } from 'ws';

const [port, count] = process.argv.slice(2).map(Number);
const largeBytes = 262_144;
const kinds = ['large', 'slow', 'mode', ...Array.from({ length: 7 }, () => 'plain')];
let times = [];
let closed = 0;
let wrong = 0;
let running = false;

const clients = [];
for (let at = 0; at < count; at += 50)
  clients.push(
    ...(await Promise.all(Array.from({ length: Math.min(50, count - at) }, (_, index) => open(at + index)))),
  );
running = true;
for (const client of clients) begin(client);
process.send('open');
process.on('message', () => {
  const sorted = times.sort((a, b) => a - b);
  times = [];
  const share = (part) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0);
  const report = { echoes: sorted.length, p50Ms: share(0.5), p99Ms: share(0.99), worstMs: share(1), closed, wrong };
  process.send(report);
});

function open(index) {
  const kind = kinds[index % kinds.length];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${kind}`, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ socket, kind, index }));
    socket.once('error', reject);
    socket.on('close', () => running && closed++);
  });
}

function begin({ socket, kind, index }) {
  const everyMs = kind === 'large' ? 10_000 : 500;
  const waiting = [];
  let number = 0;
  let expected = 0;
  const say = () => {
    const head = `${index} ${++number} `;
    socket.send(head.padEnd(kind === 'large' ? largeBytes : 64, '.'));
    waiting.push(performance.now());
  };
  socket.on('message', (data) => {
    const [who, which] = data.toString('latin1', 0, 24).split(' ');
    if (Number(who) !== index || Number(which) !== ++expected) wrong++;
    const sentMs = waiting.shift();
    // A slow reader waits for itself, and a large message for its length.
    if (kind !== 'slow' && kind !== 'large') times.push(performance.now() - sentMs);
  });
  setTimeout(() => setInterval(say, everyMs), Math.random() * everyMs);
  if (kind !== 'slow') return;
  // Reads a moment in every second.
  setInterval(() => {
    socket.resume();
    setTimeout(() => socket.pause(), 20);
  }, 1000);
}
