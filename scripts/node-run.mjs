// One real run of the edge on the Node that runs this: echoes of all sizes, plain HTTP, and a feed that is faster than
// its readers. Ends with 1 and says what was wrong; a worker that dies, a fault, and direct sockets that do not work
// are wrong.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';

const args = process.argv.slice(2);
const readers = 30;
const feedMs = 6000;
const problems = [];
const check = (right, problem) => right || problems.push(problem);

const server = http.createServer((_request, response) => response.end('plain'));
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket, request) => {
  socket.on('error', () => undefined);
  if (request.url === '/feed') feed(socket);
  else socket.on('message', (data, binary) => socket.send(data, { binary }));
});
await once(server.listen(0, '127.0.0.1'), 'listening');

const cli = path.resolve(import.meta.dirname, '../dist/cli/main.js');
const to = `http://127.0.0.1:${server.address().port}`;
const up = ['up', '--to', to, '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--workers', '2', ...args];
const edge = spawn(process.execPath, [cli, ...up], { stdio: ['ignore', 'pipe', 'pipe'] });
let output = '';
for (const stream of [edge.stdout, edge.stderr]) stream.on('data', (data) => (output += data));
process.on('exit', () => edge.kill('SIGKILL'));

const find = async (pattern) => {
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 50) {
    const found = pattern.exec(output);
    if (found !== null) return found[1];
    if (edge.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`the edge did not start:\n${output}`);
};

try {
  const port = new URL(await find(/^ {2}edge +(\S+)/m)).port;
  const control = await find(/^ {2}control +(\S+)/m);
  await echo(port);
  const page = await fetch(`http://127.0.0.1:${port}/page`);
  check((await page.text()) === 'plain', 'plain HTTP came back changed');
  const until = performance.now() + feedMs;
  await Promise.all(Array.from({ length: readers }, () => read(port, until)));
  await echo(port);
  const { restarts } = await (await fetch(new URL('/workers', control))).json();
  check(restarts === 0, `${restarts} workers died`);
  edge.kill('SIGINT');
  const [code] = await once(edge, 'exit');
  check(code === 0, `the edge ended with ${code}`);
  check(!/^(sockets|fault|worker) /m.test(output), 'the edge complained');
} catch (error) {
  problems.push(error.message);
}
if (problems.length > 0) console.error(`${problems.join('\n')}\n${output}`);
else
  console.log(`an edge on Node ${process.version}: echoes, plain HTTP, ${readers} slow readers for ${feedMs / 1000} s`);
process.exit(problems.length > 0 ? 1 : 0);

/** Messages as fast as they leave. */
function feed(socket) {
  const block = Buffer.alloc(60_000, 7);
  const more = () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(block, () => (socket.bufferedAmount < 1_000_000 ? setImmediate(more) : setTimeout(more, 5)));
  };
  more();
}

async function echo(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  await once(socket, 'open');
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
    const sent = randomBytes(size);
    socket.send(sent);
    const [data] = await once(socket, 'message');
    check(sent.equals(data), `a message of ${size} bytes came back changed`);
  }
  socket.close();
  await once(socket, 'close');
}

/** Connects, takes little, leaves, again and again. */
async function read(port, until) {
  while (performance.now() < until) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/feed`, { perMessageDeflate: false });
    socket.on('error', () => undefined);
    await Promise.race([once(socket, 'open'), sleep(5000)]);
    socket.pause();
    for (let round = 0; round < 8; round++) {
      await sleep(25);
      socket.resume();
      await sleep(1);
      socket.pause();
    }
    socket.terminate();
  }
}
