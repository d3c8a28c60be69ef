// A drain of many connections at a pace, seen from its clients: closes a second, their codes, how fast a cancel works,
// and how those who come back with backoff arrive. `node benchmarks/servers/drain.mjs [connections] [rate] [budget]`
// after a build; loopback only.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WebSocket, WebSocketServer } from 'ws';
import { startEdge } from './edge.mjs';

const [connections = 2000, rate = 100, budget = 150] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
await new Promise((resolve) => server.once('listening', resolve));

const spec = {
  upstreams: { app: { servers: [`http://127.0.0.1:${server.address().port}`] } },
  routes: [{ upstream: 'app', origins: 'any', heartbeat: 'off', drain: { rate: `${rate}/s`, code: 4012 } }],
  drain: { budget: `${budget}/s`, deadline: '0s' },
};
const edge = await startEdge(spec, () => undefined);
const url = `ws://127.0.0.1:${edge.addresses[0].port}`;
const closes = [];
const returns = [];
const codes = {};
let drained = false;

/** A client that comes back with backoff and jitter, as a careful page does: 0.5 to 1.5 s after the first close. */
function client(isReturn) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.on('open', () => {
      if (isReturn) returns.push(performance.now());
      resolve();
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      if (!drained) return;
      closes.push(performance.now());
      codes[code] = (codes[code] ?? 0) + 1;
      setTimeout(() => client(true), 500 + Math.random() * 1000);
    });
  });
}

for (let opened = 0; opened < connections; opened += 50)
  await Promise.all(Array.from({ length: Math.min(50, connections - opened) }, () => client(false)));
console.log(`${connections} connections are open; the drain begins at ${rate}/s, the budget is ${budget}/s`);

const standstill = monitorEventLoopDelay();
standstill.enable();
drained = true;
const startedMs = performance.now();
const request = {
  target: { filter: {}, ids: null, worker: null },
  what: 'everybody',
  rate: null,
  order: null,
  code: null,
  reason: null,
  cause: 'drain',
};
const first = await edge.drains.start(request);
const perSecond = (times, from) => {
  const counts = [];
  for (const at of times) {
    const second = Math.floor((at - from) / 1000);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return Array.from(counts, (count) => count ?? 0);
};
while ((edge.drains.get(first.id)?.closed ?? 0) < connections / 2) await pause(20);
const cancelledMs = performance.now();
const row = edge.drains.cancel(first.id);
const before = closes.length;
await pause(2000);
const late = closes.filter((at) => at > cancelledMs);
console.log(
  `cancelled after ${row.closed}: ${closes.length - before} closes arrived after it, the last ${Math.round(Math.max(cancelledMs, ...late) - cancelledMs)} ms later`,
);
const whole = perSecond(closes, startedMs).slice(0, Math.floor((cancelledMs - startedMs) / 1000));
console.log(`closes a second: ${whole.join(' ')}`);
console.log(`  worst deviation from ${rate}: ${Math.max(...whole.map((count) => Math.abs(count - rate)))}`);
console.log(`codes: ${JSON.stringify(codes)}`);
const back = perSecond(returns, startedMs);
console.log(
  `handshakes a second of those who came back: ${back.join(' ')}; most ${Math.max(...back)}, budget ${budget}`,
);
// Supervisor, server and clients are one process here: while it stands still nobody closes, comes back or counts.
console.log(
  `longest standstill of this process: ${Math.round(standstill.max / 1e6)} ms; above 100 the figures say more of the machine`,
);
await edge.close({ graceMs: 500, deadlineMs: 0 });
server.close();
for (const socket of server.clients) socket.terminate();
process.exit(0);

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
