// node slow-reader.mjs READERS BYTES_PER_SECOND: a feed through an edge of one worker to many readers, one of which
// stops reading. Prints what happened as JSON.

import { readFileSync } from 'node:fs';
import { WebSocket, WebSocketServer } from 'ws';
import { startSupervisor } from '../../../dist/control/supervisor.js';
import { planEdge } from '../../../dist/plan/edge/plan.js';
import { readSpec } from '../../../dist/spec/read.js';

const [readers, bytesPerSecond] = process.argv.slice(2).map(Number);
const tickMs = 100;
const messageBytes = 1000;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096 });
await new Promise((resolve) => server.once('listening', resolve));
const spec = readSpec(
  `listen: [ "127.0.0.1:18080" ]
workers: 1
upstreams: { feed: { servers: [ "http://127.0.0.1:${server.address().port}" ] } }
routes:
  - { match: { path: / }, upstream: feed, limits: { buffer: 64k, slowConsumer: 2s } }
control: { address: "127.0.0.1:0" }`,
  { file: 'slow-reader.yaml' },
);
const { value: plan } = planEdge(spec.value, { cores: 1, memoryBytes: 8e9, descriptors: 20_000 });
const events = [];
const supervisor = await startSupervisor({
  plan,
  certificates: [null],
  directory: import.meta.dirname,
  env: process.env,
  onEvent: (event) => events.push(event),
});

let closedOthers = 0;
const received = new Array(readers).fill(0);
const sockets = [];
while (sockets.length < readers) {
  const index = sockets.length;
  const socket = new WebSocket('ws://127.0.0.1:18080/', { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('message', () => received[index]++);
  socket.on('close', () => index > 0 && closedOthers++);
  sockets.push(socket);
}
const worker = events.find((event) => event.kind === 'worker-ready').worker;
const memoryMb = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))[1]) / 1024;
const memoryBeforeMb = memoryMb();
let memoryMaxMb = memoryBeforeMb;

sockets[0].pause();
// A message for one reader after the other, so that the whole feed has the rate asked for.
const payload = Buffer.alloc(messageBytes, 'x');
const perTick = (bytesPerSecond * tickMs) / 1000 / messageBytes;
let turn = 0;
const clients = [...server.clients];
const counts = new Map(clients.map((client) => [client, 0]));
const feed = setInterval(() => {
  for (let i = 0; i < perTick; i++) {
    const client = clients[turn++ % clients.length];
    if (client.readyState !== client.OPEN) continue;
    client.send(payload);
    counts.set(client, counts.get(client) + 1);
  }
  // What makes one reader slow is that more comes than it takes: the server pushes to the first connection as fast as
  // it may.
  const [slow] = clients;
  if (slow.readyState === slow.OPEN && slow.bufferedAmount < 1_000_000) for (let i = 0; i < 50; i++) slow.send(payload);
  memoryMaxMb = Math.max(memoryMaxMb, memoryMb());
}, tickMs);
const closed = await new Promise((resolve) => {
  const look = setInterval(() => {
    const found = events.find((event) => event.kind === 'close');
    if (found === undefined) return;
    clearInterval(look);
    resolve(found);
  }, 50);
});
clearInterval(feed);

// Everything that was sent to the others is on its way or there.
const expected = clients.slice(1).reduce((sum, client) => sum + counts.get(client), 0);
const arrived = () => received.slice(1).reduce((sum, count) => sum + count, 0);
const deadline = Date.now() + 20_000;
while (arrived() < expected && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
console.log(
  JSON.stringify({
    slowCause: closed.ended.cause,
    slowCode: closed.ended.code,
    closedOthers,
    missing: expected - arrived(),
    messages: Math.min(...clients.slice(1).map((client) => counts.get(client))),
    memoryBeforeMb: Math.round(memoryBeforeMb),
    memoryMaxMb: Math.round(memoryMaxMb),
  }),
);
await supervisor.close({ graceMs: 500 });
process.exit();
