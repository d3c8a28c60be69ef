// npm run bench:million -- [COUNT] [AT ONCE]: so many WebSockets (a million) are opened, say one message, hear its echo
// and are closed with a closing handshake, one after the other through one worker; memory and descriptors of that
// worker at the start, on the way, and at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { handshakeAnswer, handshakeRequest, message } from '../edge/frames.mjs';
import { accepts, family, freePort, privateBytes } from '../edge/processes.mjs';

const count = Number(process.argv[2] ?? 1_000_000);
const atOnce = Number(process.argv[3] ?? 32);
/** Before the first look, so that what a worker allocates once is not taken for what connections leave behind. */
const warmCount = Math.min(20_000, Math.ceil(count / 10));
/** A heap is tidied up once it is quiet. */
const quietMs = 12_000;
const looks = 5;

const request = handshakeRequest('/');
const ping = message(64, { masked: true });
const echo = message(64, { masked: false });
const closeFromClient = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
const closeFromServer = Buffer.from([0x88, 0x02, 0x03, 0xe8]);

const server = net.createServer({ noDelay: true }, serve).listen(0, '127.0.0.1', 4096);
await new Promise((resolve) => server.once('listening', resolve));
const port = await freePort();
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-million-'));
const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');
const flags = ['--to', `http://127.0.0.1:${server.address().port}`, '--listen', `127.0.0.1:${port}`];
const edge = spawn(process.execPath, [main, 'up', ...flags, '--control', '127.0.0.1:0', '--workers', '1'], {
  cwd: directory,
  stdio: 'ignore',
});
process.on('exit', () => {
  edge.kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});
while (!(await accepts(port))) await delay(50);
// The supervisor’s largest child: it may have short-lived ones beside it.
const children = family(edge.pid).filter((pid) => pid !== edge.pid);
const worker = children.sort((a, b) => privateBytes([b]) - privateBytes([a]))[0];

await many(warmCount);
await look('after warming up');
for (let part = 1; part <= looks; part++) {
  await many(Math.round(count / looks));
  await look(`after ${((part * count) / looks).toLocaleString('en')}`, part === looks ? quietMs : 3000);
}
process.exit(0);

async function look(when, waitMs = quietMs) {
  await delay(waitMs);
  const descriptors = readdirSync(`/proc/${worker}/fd`).length;
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))[1]) / 1024;
  const mb = (privateBytes([worker]) / 1e6).toFixed(1);
  console.log(
    `${when.padEnd(22)} ${mb.padStart(7)} MB private ${rss.toFixed(1).padStart(7)} MiB resident ${String(descriptors).padStart(4)} descriptors`,
  );
}

async function many(wanted) {
  let left = wanted;
  const one = async () => {
    while (left-- > 0) await life();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** One connection from its handshake to both FINs. */
function life() {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    let state = 'handshake';
    let bytes = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => (state === 'closed' ? resolve() : reject(new Error(`cut in ${state}`))));
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (state === 'handshake' && bytes.indexOf('\r\n\r\n') > 0) {
        if (!bytes.toString('latin1').startsWith('HTTP/1.1 101')) reject(new Error(bytes.toString('latin1')));
        bytes = Buffer.alloc(0);
        state = 'echo';
        socket.write(ping);
      } else if (state === 'echo' && bytes.length >= echo.length) {
        bytes = bytes.subarray(echo.length);
        state = 'closed';
        socket.write(closeFromClient);
      }
    });
    socket.on('connect', () => socket.write(request));
  });
}

function serve(socket) {
  let head = '';
  let pending = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    if (head !== null) {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.write(handshakeAnswer(/^sec-websocket-key: (\S+)\r$/im.exec(head)[1]));
      head = null;
      return;
    }
    pending += chunk.length;
    if (pending >= ping.length) {
      pending -= ping.length;
      socket.write(echo);
    }
    if (pending > 0) {
      socket.end(closeFromServer);
      pending = 0;
    }
  });
}
