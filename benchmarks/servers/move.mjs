// Servers are added, drained, removed, killed with kill -9 and flap in their health checks, under connections that echo
// numbered messages through two workers on a route that moves. Which were closed, which messages were lost, doubled or
// out of order, and how long each connection had to wait at the worst. `node benchmarks/servers/move.mjs [connections]
// [seconds]` after a build; loopback only.
import { fork } from 'node:child_process';
import { WebSocket } from 'ws';
import { startEdge } from './edge.mjs';

const [connections = 5000, seconds = 120] = process.argv.slice(2).map(Number);
/** Each connection says something so often. */
const everyMs = 4000;
/** A killed server takes with it what it had received; nobody hears of the kill for a moment. */
const killWindowMs = 1500;

const servers = new Map();
async function startServer() {
  const child = fork(new URL('./echo-server.mjs', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await new Promise((resolve) => child.once('message', resolve));
  const url = `http://127.0.0.1:${port}`;
  servers.set(url, child);
  return url;
}

const first = await Promise.all([startServer(), startServer(), startServer()]);
const spec = {
  upstreams: {
    app: { servers: first, health: { path: '/', every: '500ms', timeout: '2s', fall: 2, rise: 2 }, slowStart: '2s' },
  },
  routes: [{ upstream: 'app', origins: 'any', onServerLoss: 'move', drain: { rate: '500/s' } }],
  drain: { budget: '500/s', deadline: '0s' },
};
const moved = {};
const edge = await startEdge(spec, (event) => {
  if (event.kind === 'moved') moved[event.reason] = (moved[event.reason] ?? 0) + 1;
  if (event.kind === 'move-failed') console.log(`  could not be moved: ${event.detail}`);
});
const url = `ws://127.0.0.1:${edge.addresses[0].port}`;
const startedMs = performance.now();
const atSecond = () => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`.padStart(8);
const say = (text) => console.log(`${atSecond()}  ${text}`);

const clients = [];
const closes = {};
let over = false;
const kills = [];

async function connect() {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const client = { socket, said: 0, sentMs: [], heard: -1, longestMs: 0, lost: [], doubled: 0, disordered: 0 };
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('message', (data) => {
    const number = Number(String(data));
    if (number <= client.heard) {
      if (client.lost.some((each) => each.number === number)) client.disordered++;
      else client.doubled++;
      return;
    }
    for (let missing = client.heard + 1; missing < number; missing++)
      client.lost.push({ number: missing, sentMs: client.sentMs[missing] });
    client.longestMs = Math.max(client.longestMs, performance.now() - client.sentMs[number]);
    client.heard = number;
  });
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    if (!over) closes[code] = (closes[code] ?? 0) + 1;
  });
  clients.push(client);
}

function speak(client) {
  if (over || client.socket.readyState !== WebSocket.OPEN) return;
  client.sentMs.push(performance.now());
  client.socket.send(String(client.said++));
}

for (let opened = 0; opened < connections; opened += 50)
  await Promise.all(Array.from({ length: Math.min(50, connections - opened) }, connect));
say(`${clients.length} connections are open`);
const speaking = clients.map((client) => {
  const begin = setTimeout(() => {
    speak(client);
    client.timer = setInterval(() => speak(client), everyMs);
  }, Math.random() * everyMs);
  return () => {
    clearTimeout(begin);
    clearInterval(client.timer);
  };
});

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const pace = { rate: null, order: null, code: null, reason: null, force: true };
const holding = () =>
  edge.servers
    .rows()
    .filter(({ state }) => state !== 'gone')
    .sort((a, b) => b.connections - a.connections);
const held = () =>
  edge.servers
    .rows()
    .map((row) => `${row.state}:${row.connections}`)
    .join(' ');

async function add() {
  const added = await startServer();
  edge.servers.add({ upstream: 'app', url: added, weight: 1, connectionsMax: null });
  say(`added ${added}`);
}

const acts = [
  add,
  async () => {
    const { url: drained } = holding()[0];
    const { drain } = await edge.servers.drain({ upstream: 'app', url: drained }, pace);
    say(`drains ${drained}: ${drain.total} connections`);
    await Promise.race([edge.drains.ended(drain.id), pause(15_000)]);
    edge.servers.undrain({ upstream: 'app', url: drained });
    say(`drained and back: ${held()}`);
  },
  async () => {
    const { drain, ...done } = await edge.rebalances.rebalance({
      upstream: 'app',
      dryRun: false,
      rate: null,
      order: null,
    });
    say(`evens out: ${done.moves} to move`);
    if (drain !== null) await Promise.race([edge.drains.ended(drain.id), pause(15_000)]);
  },
  async () => {
    const { url: killed } = holding()[0];
    const taken = holding()[0].connections;
    kills.push(performance.now());
    servers.get(killed).kill('SIGKILL');
    servers.delete(killed);
    say(`kill -9 of ${killed}, with ${taken} connections`);
    await pause(3000);
    await edge.servers.remove({ upstream: 'app', url: killed }, pace);
    await add();
  },
  async () => {
    const { url: flapping } = holding()[0];
    servers.get(flapping)?.send('flap');
    say(`${flapping} flaps in its health checks`);
    await pause(6000);
    servers.get(flapping)?.send('well');
  },
  async () => {
    const { url: removed } = holding()[0];
    const { drain } = await edge.servers.remove({ upstream: 'app', url: removed }, pace);
    say(`removes ${removed}: ${drain.total} connections`);
    await Promise.race([edge.drains.ended(drain.id), pause(15_000)]);
    await pause(6000);
    say(`removed: ${held()}`);
    servers.get(removed)?.kill();
    servers.delete(removed);
  },
];

for (let step = 0; performance.now() - startedMs < seconds * 1000; step++) {
  await acts[step % acts.length]();
  await pause(1500);
}
for (const stop of speaking) stop();
await pause(5000);
over = true;

const unanswered = clients.flatMap((client) =>
  client.sentMs.slice(client.heard + 1).map((sentMs, i) => ({ number: client.heard + 1 + i, sentMs })),
);
const lost = [...clients.flatMap((client) => client.lost), ...unanswered];
const byKill = lost.filter(({ sentMs }) =>
  kills.some((at) => sentMs > at - killWindowMs && sentMs < at + killWindowMs),
);
const sum = (field) => clients.reduce((total, client) => total + client[field], 0);
const stalls = clients.map(({ longestMs }) => longestMs).sort((a, b) => a - b);
const at = (share) => `${stalls[Math.min(stalls.length - 1, Math.floor(stalls.length * share))].toFixed(0)} ms`;
console.log(`
${clients.length} connections, ${sum('said')} messages, ${kills.length} servers killed, moves: ${JSON.stringify(moved)}
closed: ${JSON.stringify(closes)}
messages lost ${lost.length}, of them around a kill ${byKill.length}; doubled ${sum('doubled')}, out of order ${sum('disordered')}
longest wait of each connection for an answer: p50 ${at(0.5)}, p99 ${at(0.99)}, worst ${at(1)}`);
for (const client of clients) client.socket.terminate();
await edge.close({ graceMs: 500, deadlineMs: 0 });
for (const child of servers.values()) child.kill();
