// Memory and descriptors of every process of an edge after each of many upgrades: what grows with each is a leak.
// node benchmarks/upgrade/leaks.mjs [--upgrades 10] [--connections 500]
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { fronts } from './fronts.mjs';

const { values } = parseArgs({
  options: { upgrades: { type: 'string', default: '10' }, connections: { type: 'string', default: '500' } },
});
const [upgrades, connections] = [Number(values.upgrades), Number(values.connections)];

const directory = mkdtempSync(path.join(tmpdir(), 'holdline-leaks-'));
const server = fork(path.resolve(import.meta.dirname, '../servers/echo-server.mjs'));
const port = await new Promise((resolve) => server.once('message', resolve));
const edge = await fronts[0].start({ directory, server: `http://127.0.0.1:${port}`, probationMs: 300 });

let closed = 0;
const sockets = [];
for (let index = 0; index < connections; index++) {
  const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('close', () => closed++);
  sockets.push(socket);
}

const megabytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const show = (pids) => pids.map((pid) => `${megabytes(pid).toFixed(0)} MB, ${descriptors(pid)} descriptors`).join('; ');

console.log(
  '| upgrade | the process that stays | supervisor | workers | children | closed |\n|---|---|---|---|---:|---:|',
);
for (let time = 0; time <= upgrades; time++) {
  if (time > 0) await edge.change();
  // Old workers end within a second, and what is left is collected two seconds later.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const { supervisor, workers, children } = await edge.processes();
  console.log(`| ${time} | ${show([edge.pid])} | ${show([supervisor])} | ${show(workers)} | ${children} | ${closed} |`);
}
for (const socket of sockets) socket.removeAllListeners('close');
await edge.close();
server.kill();
rmSync(directory, { recursive: true, force: true });
process.exit(0);
