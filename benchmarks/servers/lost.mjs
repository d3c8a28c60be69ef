// A server is killed with kill -9 under all of its clients, which have subscribed with their first message. With `move`
// (and `replay: 1`): who stays, who hears its subscription again, for how long it was silent, and how many handshakes a
// second the other servers got. With `close`: the codes and the pace. `node benchmarks/servers/lost.mjs move|close
// [connections] [rate] [budget]` after a build; loopback only.
import { fork } from 'node:child_process';
import { WebSocket } from 'ws';
import { startEdge } from './edge.mjs';

const [onServerLoss = 'move', ...numbers] = process.argv.slice(2);
const [connections = 1000, rate = 100, budget = 200] = numbers.map(Number);

async function startServer() {
  const child = fork(new URL('./topic-server.mjs', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await new Promise((resolve) => child.once('message', resolve));
  return { child, url: `http://127.0.0.1:${port}` };
}

const [doomed, ...others] = await Promise.all([startServer(), startServer(), startServer()]);
const spec = {
  upstreams: { app: { servers: [doomed.url] } },
  routes: [
    {
      upstream: 'app',
      origins: 'any',
      onServerLoss,
      ...(onServerLoss === 'move' ? { replay: 1 } : {}),
      drain: { rate: `${rate}/s` },
    },
  ],
  drain: { budget: `${budget}/s`, deadline: '0s' },
};
const moves = [];
const edge = await startEdge(spec, (event) => {
  if (event.kind === 'moved') moves.push(performance.now());
  if (event.kind === 'move-failed') console.log(`  could not be moved: ${event.detail}`);
});
const url = `ws://127.0.0.1:${edge.addresses[0].port}`;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let killedMs = Number.POSITIVE_INFINITY;
const closes = [];
const returns = [];
const clients = Array.from({ length: connections }, (_, index) => ({
  name: `n${index}`,
  heardMs: 0,
  silentMs: 0,
  foreign: 0,
  socket: null,
}));

function connect(client, isReturn) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  client.socket = socket;
  socket.on('message', (data) => {
    if (String(data) !== client.name) client.foreign++;
    const now = performance.now();
    if (client.heardMs > 0) client.silentMs = Math.max(client.silentMs, now - client.heardMs);
    client.heardMs = now;
  });
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    if (killedMs === Number.POSITIVE_INFINITY) return;
    closes.push({ at: performance.now(), code });
    // As a careful page does: half a second, and up to a second more by chance.
    setTimeout(() => void connect(client, true), 500 + Math.random() * 1000);
  });
  return new Promise((resolve) => {
    socket.once('close', resolve);
    socket.once('open', () => {
      if (isReturn) returns.push(performance.now());
      socket.send(`subscribe ${client.name}`);
      resolve();
    });
  });
}

for (let begun = 0; begun < connections; begun += 50)
  await Promise.all(clients.slice(begun, begun + 50).map((client) => connect(client, false)));
await pause(2000);
for (const other of others) edge.servers.add({ upstream: 'app', url: other.url, weight: 1, connectionsMax: null });
for (const client of clients) client.silentMs = 0;
console.log(
  `${connections} connections on one server; onServerLoss: ${onServerLoss}, rate ${rate}/s, budget ${budget}/s; kill -9`,
);
killedMs = performance.now();
doomed.child.kill('SIGKILL');
const deadlineMs = killedMs + 15_000 + (connections / Math.min(rate, budget)) * 1000;
const isOver = () =>
  clients.every((client) => client.heardMs > killedMs + 1000 && performance.now() - client.heardMs < 1000);
while (!isOver() && performance.now() < deadlineMs) await pause(100);
await pause(1500);

/** Most of them within any one second. */
function peak(times) {
  const sorted = times.toSorted((a, b) => a - b);
  let from = 0;
  return sorted.reduce((most, at, index) => {
    while (at - sorted[from] >= 1000) from++;
    return Math.max(most, index - from + 1);
  }, 0);
}
const codes = {};
for (const { code } of closes) codes[code] = (codes[code] ?? 0) + 1;
const silences = clients.map(({ silentMs }) => silentMs).sort((a, b) => a - b);
const at = (share) =>
  `${(silences[Math.min(silences.length - 1, Math.floor(silences.length * share))] / 1000).toFixed(2)} s`;
const hear = clients.filter(({ heardMs }) => performance.now() - heardMs < 1000).length;
const closeTimes = closes.map((close) => close.at);
const since = (times) =>
  `${((Math.min(...times) - killedMs) / 1000).toFixed(2)} s to ${((Math.max(...times) - killedMs) / 1000).toFixed(2)} s`;
console.log(
  `  closed: ${closes.length}${closes.length > 0 ? ` with ${JSON.stringify(codes)}, ${since(closeTimes)} after the kill, most in a second ${peak(closeTimes)}` : ''}`,
);
if (moves.length > 0)
  console.log(`  moved: ${moves.length}, ${since(moves)} after the kill, most in a second ${peak(moves)}`);
if (returns.length > 0) console.log(`  came back: ${returns.length}, most in a second ${peak(returns)}`);
console.log(
  `  hear their subscription: ${hear}; heard another's: ${clients.reduce((sum, { foreign }) => sum + foreign, 0)}`,
);
console.log(`  longest silence of each (a word each 0.25 s): p50 ${at(0.5)}, p99 ${at(0.99)}, worst ${at(1)}`);
console.log(
  `  ${edge.drains
    .rows()
    .map(
      ({ what, total, closed, gone, elapsedMs }) =>
        `${what}: ${closed} of ${total}, ${gone} had left, ${(elapsedMs / 1000).toFixed(1)} s`,
    )
    .join('\n  ')}`,
);
for (const client of clients) client.socket.terminate();
await edge.close({ graceMs: 500, deadlineMs: 0 });
for (const { child } of [doomed, ...others]) child.kill();
process.exit(0);
