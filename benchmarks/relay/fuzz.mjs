// Mutated request heads, and mutated answers, through the relay of plain HTTP: does the server ever believe to have got
// a request that was not sent, and does a bystander's echo notice? node benchmarks/relay/fuzz.mjs [requests] [seed]
// (after a build)
//
// Every request that is meant carries a nonce in its target. What the attacker hides in bodies and headers asks for
// /smuggled. The server is node:http, which answers each request and writes its target down. Some answers are mutated
// as well, and there the client's side is held to it: no client may see the answer to another one's nonce.
import http from 'node:http';
import net from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../dist/base/clock.js';
import { startGateway } from '../../dist/gateway/gateway.js';
import { planEdge } from '../../dist/plan/edge/plan.js';
import { readSpec } from '../../dist/spec/read.js';

const total = Number(process.argv[2] ?? 200_000);
const seed = Number(process.argv[3] ?? 1);
const lanes = 24;

let state = seed >>> 0 || 1;
function random() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 4_294_967_296;
}
const pick = (list) => list[Math.floor(random() * list.length)];
const chance = (share) => random() < share;

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: internal\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n';

const sent = new Set();
const faults = [];
const seen = { requests: 0, answers: 0, mutatedAnswers: 0 };

const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  seen.requests++;
  const nonce = /\d+/.exec(request.url ?? '')?.[0];
  if (nonce === undefined || !sent.has(nonce)) faults.push(`the server got ${request.method} ${request.url}`);
  if (request.headers['x-forwarded-for'] !== '127.0.0.1')
    faults.push(`X-Forwarded-For is ${request.headers['x-forwarded-for']}`);
  request.resume().on('end', () => {
    if (chance(0.1)) {
      seen.mutatedAnswers++;
      const { socket } = response;
      // The edge has left: nobody is there to be answered.
      if (socket === null) return;
      socket.write(Buffer.from(mutatedAnswer(nonce), 'latin1'));
      if (chance(0.5)) socket.end();
      else setTimeout(() => socket.destroy(), 20);
      return;
    }
    // Only behind a whole answer may the client's connection be used again: what else comes there is somebody else's.
    response.setHeader('X-Whole', 'yes').end(`answer to ${nonce}.`);
  });
});
const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
echo.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const spec = readSpec(
  JSON.stringify({
    listen: '127.0.0.1:0',
    workers: 1,
    upstreams: {
      app: { servers: `http://127.0.0.1:${server.address().port}` },
      echo: { servers: `http://127.0.0.1:${echo.address().port}` },
    },
    routes: [
      // What is smuggled names another host: sent openly, behind a request without a body, it finds no route.
      {
        match: { host: 'localhost' },
        upstream: 'app',
        origins: 'any',
        http: { answerTimeout: '5s', bodyTimeout: '1s' },
      },
      { match: { path: '/echo' }, upstream: 'echo', origins: 'any' },
    ],
  }),
  { file: 'fuzz' },
).value;
const { value: plan } = planEdge(spec, { cores: 1, memoryBytes: 4e9, descriptors: 65_536 });
const gateway = await startGateway({
  plan,
  idPrefix: 'fuzz',
  handles: [null],
  certificates: [null],
  clock: systemClock,
  random: Math.random,
  onEvent: () => {},
});
const { port } = gateway.addresses[0];

const bystander = await watch(`ws://127.0.0.1:${port}/echo`);
const startedMs = performance.now();
let next = 0;
await Promise.all(Array.from({ length: lanes }, () => lane()));

console.log(
  `${total} requests, seed ${seed}: the server got ${seen.requests}, clients ${seen.answers} answers, ${seen.mutatedAnswers} of them mutated;`,
  `${Math.round((performance.now() - startedMs) / 1000)} s; the bystander's worst delay ${bystander.worstMs().toFixed(0)} ms`,
);
for (const fault of [...new Set(faults)].slice(0, 20)) console.log(`FAULT ${fault}`);
if (faults.length === 0) console.log('none that was not sent, and nobody got the answer of another');
process.exit(faults.length === 0 ? 0 : 1);

/** Sends one after the other, several on a connection while it holds. */
async function lane() {
  let socket = null;
  while (next < total) {
    const nonce = String(next++);
    if (next % 10_000 === 0)
      console.log(`${next} sent, ${faults.length} faults${faults.length > 0 ? `: ${faults[0]}` : ''}`);
    sent.add(nonce);
    socket = await exchange(socket, nonce);
  }
  socket?.destroy();
}

function exchange(kept, nonce) {
  return new Promise((resolve) => {
    const socket = kept?.writable ? kept : net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let got = '';
    const over = (left) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      if (left === null) socket.destroy();
      const others = [...got.matchAll(/answer to (\d+)\./g)].filter((match) => match[1] !== nonce);
      if (others.length > 0) faults.push(`the client of ${nonce} got ${JSON.stringify(got.slice(0, 600))}`);
      if (got !== '') seen.answers++;
      resolve(left);
    };
    const timer = setTimeout(() => over(null), 1000);
    socket.on('error', () => over(null));
    socket.on('end', () => over(null));
    socket.on('close', () => over(null));
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      if (got.endsWith(`answer to ${nonce}.`) && got.includes('X-Whole: yes') && !/connection: close/i.test(got))
        over(socket);
    });
    socket.write(Buffer.from(mutatedRequest(nonce), 'latin1'));
    // Most say that nothing follows, so that half a body is not waited for.
    if (chance(0.8)) socket.end();
  });
}

/** What may stand where framing, hop and identity are decided. */
function mutatedRequest(nonce) {
  const method = pick(['GET', 'GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'get', 'PROPFIND']);
  const version = chance(0.95) ? 'HTTP/1.1' : pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.2', 'HTTP/0.9', 'http/1.1', '']);
  const lines = ['Host: localhost'];
  const body = chance(0.5)
    ? smuggled
    : pick(['', 'hi', `0\r\n\r\n${smuggled}`, chunked(smuggled), `${chunked('hi')}${smuggled}`]);
  if (chance(0.6)) lines.push(`${spelt('Content-Length')}: ${lengthText(body.length)}`);
  if (chance(0.35)) lines.push(`${spelt('Transfer-Encoding')}: ${codingText()}`);
  if (chance(0.1)) lines.push(`Content-Length: ${lengthText(body.length)}`);
  if (chance(0.4)) lines.push(`Connection: ${nominations()}`);
  if (chance(0.1))
    lines.push(
      pick(['Trailer: X', 'TE: trailers, chunked', 'Upgrade: h2c', 'Expect: 100-continue', 'Keep-Alive: max=1']),
    );
  if (chance(0.1)) lines.push(`${pick(['X-Forwarded-For', 'X_Forwarded_For', 'x-forwarded_for'])}: 10.0.0.1`);
  if (chance(0.05))
    lines.push(pick([' folded', 'no colon', ': empty', 'X\0: 1', `X: ${'a'.repeat(3000)}`, 'Host: other']));
  for (let i = lines.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [lines[i], lines[j]] = [lines[j], lines[i]];
  }
  const target = chance(0.95) ? `/n/${nonce}` : `http://localhost/n/${nonce}`;
  let text = `${method} ${target} ${version}\r\n${lines.join('\r\n')}\r\n\r\n`;
  if (chance(0.1)) text = damaged(text);
  return text + body;
}

function damaged(text) {
  const at = Math.floor(random() * text.length);
  // The nonce itself stays: another one would be a request that was sent all the same.
  if (/\d/.test(text[at])) return text;
  const byte = pick(['\r', '\n', '\0', ' ', '\t', ':', ',', ';', '\x0b', '\x7f', '\xff', '']);
  return text.slice(0, at) + byte + text.slice(at + (chance(0.5) ? 1 : 0));
}

function mutatedAnswer(nonce) {
  const body = `answer to ${nonce}.`;
  const lines = ['X: 1'];
  if (chance(0.6)) lines.push(`${spelt('Content-Length')}: ${lengthText(body.length)}`);
  if (chance(0.3)) lines.push(`${spelt('Transfer-Encoding')}: ${codingText()}`);
  if (chance(0.3)) lines.push(`Connection: ${nominations()}`);
  if (chance(0.1))
    lines.push(pick(['Trailer: X', 'Upgrade: websocket', 'X: \x01', 'no colon', `X: ${'a'.repeat(20_000)}`]));
  const status = chance(0.7)
    ? '200'
    : pick(['000', '099', '100', '101', '103', '204', '205', '304', '600', '999', '2000', 'abc']);
  const reason = chance(0.8) ? 'OK' : pick(['', '\x1b[2J', 'O\0K', '\xe2\x9c\x93']);
  const text = `HTTP/1.1 ${status} ${reason}\r\n${lines.join('\r\n')}\r\n\r\n`;
  const behind = chance(0.3) ? 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain' : '';
  return (
    (chance(0.1) ? damaged(text) : text) +
    (chance(0.5) ? body : chunked(body)) +
    (behind === '' ? '' : `${behind} answer to ${nonce}.`)
  );
}

function spelt(name) {
  return chance(0.85)
    ? name
    : pick([name.toLowerCase(), name.replace('-', '_'), `${name} `, ` ${name}`, `${name}\t`, name.toUpperCase()]);
}

function lengthText(length) {
  return chance(0.7)
    ? String(length)
    : pick([
        '0',
        '',
        `+${length}`,
        `-${length}`,
        `0x${length.toString(16)}`,
        `${length}, ${length}`,
        `${length} 0`,
        `0${length}`,
        '99999999999999999999',
      ]);
}

function codingText() {
  return chance(0.5)
    ? 'chunked'
    : pick([
        '',
        'Chunked',
        'xchunked',
        'chunked, chunked',
        'gzip, chunked',
        'chunked, identity',
        'identity',
        ' chunked',
        'chunked;q=1',
        '\x0bchunked',
        '"chunked"',
      ]);
}

function nominations() {
  const names = [
    'close',
    'keep-alive',
    'content-length',
    'transfer-encoding',
    'host',
    'x-forwarded-for',
    'upgrade',
    'trailer',
    'te',
    'x',
  ];
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(names)).join(chance(0.5) ? ', ' : ',');
}

function chunked(text) {
  const size = chance(0.8)
    ? text.length.toString(16)
    : pick(['0', 'ffffffffffffffff', '-1', '0x2', ' 2', `${text.length.toString(16)};x=1`]);
  return `${size}\r\n${text}\r\n0\r\n\r\n`;
}

async function watch(url) {
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.once('open', resolve));
  let atMs = 0;
  let worstMs = 0;
  setInterval(() => {
    if (atMs !== 0) return;
    atMs = performance.now();
    socket.send('x');
  }, 20);
  socket.on('message', () => {
    worstMs = Math.max(worstMs, performance.now() - atMs);
    atMs = 0;
  });
  socket.on('close', () => faults.push('the bystander was cut'));
  return { worstMs: () => worstMs };
}
