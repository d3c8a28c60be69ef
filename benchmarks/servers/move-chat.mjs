// A rolling restart of a chat of three instances under clients in Chromium and of `ws`, compressed: with `move` nobody
// notices, with `close` everybody comes back. `node benchmarks/servers/move-chat.mjs [move|close] [clients] [rate]`
// after a build; loopback only.
import net from 'node:net';
import { chromium } from 'playwright-core';
import { WebSocket } from 'ws';
import { startEdge } from './edge.mjs';

const [mode = 'move', count = 500, rate = 50] = process.argv.slice(2).map((word, i) => (i === 0 ? word : Number(word)));
const inBrowser = Math.floor(count / 5);
/** The chat says so much a second, whoever it is. */
const wordsPerSecond = 4;

const ends = new Set();
const bus = net.createServer((socket) => {
  ends.add(socket);
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('close', () => ends.delete(socket));
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) for (const end of ends) end.write(`${line}\n`);
  });
});
await new Promise((resolve) => bus.listen(0, '127.0.0.1', resolve));

const spec = {
  upstreams: {
    chat: {
      command: `${process.execPath} ${new URL('./chat-server.mjs', import.meta.url).pathname}`,
      instances: 3,
      health: { path: '/', every: '500ms' },
      slowStart: 'off',
    },
  },
  routes: [
    {
      upstream: 'chat',
      origins: 'any',
      onServerLoss: mode,
      ...(mode === 'move' ? { replay: 1 } : {}),
      drain: { rate: `${rate}/s` },
    },
  ],
  drain: { budget: `${rate}/s`, deadline: '0s' },
};
const moves = {};
let restarted;
const ended = new Promise((resolve) => {
  restarted = resolve;
});
const edge = await startEdge(
  spec,
  (event) => {
    if (event.kind === 'moved') moves[event.reason] = (moves[event.reason] ?? 0) + 1;
    if (event.kind === 'restart-ended') restarted(event);
    if (event.kind === 'drain-started' && event.total > 0) console.log(`  ${event.what}: ${event.total}`);
  },
  { ...process.env, CHAT_BUS: String(bus.address().port) },
);
const url = `ws://127.0.0.1:${edge.addresses[0].port}/`;

/** Runs here and in the page, so it may lean on nothing around it. */
function member(url, name, Socket) {
  const state = { name, heard: [], twice: 0, closes: 0, codes: {}, awayMs: 0, open: null };
  let first = true;
  const connect = (resolve) => {
    const sinceMs = performance.now();
    const socket = new Socket(url);
    socket.onopen = () => {
      socket.send(`join ${name}`);
      if (!first) state.awayMs = Math.max(state.awayMs, performance.now() - state.closedMs);
      first = false;
      resolve();
    };
    socket.onmessage = ({ data }) => {
      const number = Number(String(data).split(' ')[1]);
      if (state.heard[number]) state.twice++;
      state.heard[number] = true;
    };
    socket.onerror = () => undefined;
    socket.onclose = ({ code }) => {
      if (state.over) return;
      state.closes++;
      state.codes[code] = (state.codes[code] ?? 0) + 1;
      state.closedMs = performance.now();
      // Without backoff: what is measured is the edge.
      setTimeout(() => connect(() => undefined), sinceMs === 0 ? 0 : 10);
    };
    state.socket = socket;
  };
  state.open = new Promise(connect);
  return state;
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--headless'] });
const page = await browser.newPage();
await page.evaluate(
  async ({ source, url, count }) => {
    const make = new Function(`return ${source}`)();
    window.members = Array.from({ length: count }, (_, i) => make(url, `page-${i}`, WebSocket));
    await Promise.all(window.members.map(({ open }) => open));
  },
  { source: member.toString(), url, count: inBrowser },
);
const members = [];
for (let made = 0; made < count - inBrowser; made += 50) {
  const some = Array.from({ length: Math.min(50, count - inBrowser - made) }, (_, i) =>
    member(url, `ws-${made + i}`, WebSocket),
  );
  await Promise.all(some.map(({ open }) => open));
  members.push(...some);
}
console.log(`${count} clients, ${inBrowser} of them in Chromium, on 3 instances; ${mode}, at ${rate}/s`);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await pause(1500);

let said = 0;
const talk = setInterval(() => {
  const who = members[Math.floor(Math.random() * members.length)];
  if (who.socket.readyState === WebSocket.OPEN) who.socket.send(`word ${said++}`);
}, 1000 / wordsPerSecond);
await pause(2000);
const beganMs = performance.now();
edge.restart('chat');
const outcome = await Promise.race([ended, pause(180_000).then(() => ({ outcome: 'did not end' }))]);
const tookMs = performance.now() - beganMs;
await pause(2000);
clearInterval(talk);
await pause(2000);

const seen = await page.evaluate((said) => {
  for (const each of window.members) each.over = true;
  return window.members.map(({ heard, twice, closes, codes, awayMs }) => {
    let missed = 0;
    for (let number = 0; number < said; number++) if (!heard[number]) missed++;
    return { missed, twice, closes, codes, awayMs };
  });
}, said);
for (const each of members) each.over = true;
const here = members.map(({ heard, ...rest }) => ({
  ...rest,
  missed: Array.from({ length: said }, (_, number) => heard[number]).filter((each) => !each).length,
}));
for (const [what, list] of [
  ['Chromium', seen],
  ['ws', here],
]) {
  const sum = (field) => list.reduce((total, each) => total + each[field], 0);
  const codes = {};
  for (const each of list)
    for (const [code, times] of Object.entries(each.codes)) codes[code] = (codes[code] ?? 0) + times;
  const away = Math.max(...list.map(({ awayMs }) => awayMs));
  console.log(
    `${what.padEnd(9)} ${list.length} clients: closed ${sum('closes')} ${JSON.stringify(codes)}, longest away ${away.toFixed(0)} ms; of ${said} words each, missed ${sum('missed')}, heard twice ${sum('twice')}`,
  );
}
console.log(
  `the restart: ${JSON.stringify(outcome)}, ${(tookMs / 1000).toFixed(1)} s; at ${rate}/s ${count} clients take ${(count / rate).toFixed(1)} s; moves ${JSON.stringify(moves)}`,
);
await browser.close();
for (const { socket } of members) socket.terminate();
await edge.close({ graceMs: 500, deadlineMs: 0 });
bus.close();
process.exit(0);
