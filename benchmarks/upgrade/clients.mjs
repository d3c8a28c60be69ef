// The clients, in a process of their own. Every message is numbered and timed, and the next one follows its echo after
// a pause. A tenth send 256 KB, a tenth read slowly, a tenth are on a route in message mode; the rest send 64 bytes.
import { WebSocket } from 'ws';

const [url, count, pauseMs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const kinds = ['large', 'slow', 'hooked', 'small', 'small', 'small', 'small', 'small', 'small', 'small'];
const bytesOf = { large: 256 * 1024, slow: 16 * 1024, hooked: 64, small: 64 };
const pauseOf = { large: 20 * pauseMs, slow: 4 * pauseMs, hooked: pauseMs, small: pauseMs };

const seen = { closed: 0, wrong: 0, echoes: 0 };
/** Of the 64-byte messages, and of all. */
let waits = { small: [], all: [] };
let ends = false;

function connect(index) {
  const kind = kinds[index % kinds.length];
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url + (kind === 'hooked' ? '/hooked/' : '/'), { perMessageDeflate: false });
    let number = 0;
    let sentMs = 0;
    let waiting = false;
    const say = () => {
      if (ends || socket.readyState !== WebSocket.OPEN) return;
      sentMs = performance.now();
      waiting = true;
      socket.send(`${++number}:`.padEnd(bytesOf[kind], '.'));
      if (kind !== 'slow') return;
      // It leaves what comes lying for half a second.
      socket.pause();
      setTimeout(() => {
        sentMs = performance.now();
        socket.resume();
      }, 500);
    };
    socket.on('message', (data) => {
      if (!waiting || data.length !== bytesOf[kind] || Number.parseInt(data.toString('latin1', 0, 20), 10) !== number)
        seen.wrong++;
      waiting = false;
      seen.echoes++;
      waits.all.push(performance.now() - sentMs);
      if (bytesOf[kind] === 64) waits.small.push(performance.now() - sentMs);
      setTimeout(say, pauseOf[kind]);
    });
    socket.on('close', () => {
      if (!ends) seen.closed++;
    });
    socket.on('error', reject);
    socket.on('open', () => {
      resolve();
      setTimeout(say, Math.random() * pauseOf[kind]);
    });
  });
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

process.on('message', (message) => {
  if (message === 'end') {
    ends = true;
    process.exit(0);
  }
  const [small, all] = [waits.small, waits.all].map((each) => each.sort((a, b) => a - b));
  waits = { small: [], all: [] };
  const worst = small.at(-1) ?? 0;
  process.send({ ...seen, p50: at(small, 0.5), p99: at(small, 0.99), worst, worstOfAll: all.at(-1) ?? 0 });
});

for (let index = 0; index < count; index += 50)
  await Promise.all(Array.from({ length: Math.min(50, count - index) }, (_, more) => connect(index + more)));
process.send('open');
