// Memory of idle WebSockets through one worker each: the Holdline edge, nginx, HAProxy and a plain ws relay, in one run.
//   node benchmarks/idle-memory.mjs [CONNECTIONS, default 5000]
// Prints user memory (PSS) per connection of the proxy's processes that hold connections, and the ratio to nginx.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const connections = Number(process.argv[2] ?? 5000);
const root = new URL('..', import.meta.url).pathname;
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-idle-'));
const children = [];

/** A server that takes every handshake and then says nothing. */
const server = net.createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', (head) => {
    const key = /sec-websocket-key: (.*)\r/i.exec(head.toString('latin1'))[1];
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.resume();
  });
});
server.listen(0, '127.0.0.1', 4096);
await new Promise((resolve) => server.once('listening', resolve));
const target = server.address().port;

const proxies = {
  nginx: async (port) => {
    const conf = `daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid ${directory}/nginx.pid; error_log ${directory}/nginx.log;
events { worker_connections 19000; }
http { access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/${name};`).join(' ')}
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${target}; proxy_http_version 1.1; proxy_read_timeout 1h;
proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; proxy_set_header Host $http_host; } } }`;
    writeFileSync(`${directory}/nginx.conf`, conf);
    return start('nginx', ['-c', `${directory}/nginx.conf`, '-p', directory], port);
  },
  haproxy: async (port) => {
    const conf = `global\n maxconn 9000\ndefaults\n mode http\n timeout connect 5s\n timeout client 1h\n timeout server 1h\n timeout tunnel 1h
frontend f\n bind 127.0.0.1:${port}\n default_backend b\nbackend b\n server s 127.0.0.1:${target}\n`;
    writeFileSync(`${directory}/haproxy.cfg`, conf);
    return start('haproxy', ['-db', '-f', `${directory}/haproxy.cfg`], port);
  },
  'ws relay': async (port) =>
    start(process.execPath, [path.join(root, 'benchmarks/edge/ws-relay.mjs'), String(port), String(target)], port),
  holdline: async (port) =>
    start(
      process.execPath,
      [
        path.join(root, 'dist/cli/main.js'),
        'up',
        '--to',
        `http://127.0.0.1:${target}`,
        '--listen',
        `127.0.0.1:${port}`,
        '--control',
        '127.0.0.1:0',
        '--workers',
        '1',
      ],
      port,
    ),
};

const results = {};
try {
  for (const [name, launch] of Object.entries(proxies)) {
    const port = await freePort();
    const child = await launch(port);
    // A few hundred first: what a proxy allocates once is not what a connection costs.
    for (const socket of await open(port, 300)) socket.destroy();
    await delay(2000);
    const before = pssBytes(child.pid);
    const sockets = await open(port, connections);
    await delay(3000);
    results[name] = (pssBytes(child.pid) - before) / connections;
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');
    for (const pid of descendants(child.pid)) process.kill(pid, 'SIGKILL');
    await delay(500);
  }
} finally {
  for (const child of children) child.kill('SIGKILL');
  server.close();
  rmSync(directory, { recursive: true, force: true });
}
console.log(`User memory per idle connection, ${connections} connections through one worker`);
for (const [name, bytes] of Object.entries(results)) {
  console.log(
    `  ${name.padEnd(10)} ${(bytes / 1000).toFixed(1).padStart(6)} kB   ${(bytes / results.nginx).toFixed(2)} of nginx`,
  );
}
process.exit(0);

async function start(command, args, port) {
  const child = spawn(command, args, {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  });
  children.push(child);
  for (let i = 0; i < 300; i++) {
    if (await connects(port)) return child;
    await delay(100);
  }
  throw new Error(`${command} did not start`);
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** Opens so many WebSockets, a hundred at a time; a browser's handshake is about this long. */
async function open(port, count) {
  const request = `GET /chat HTTP/1.1\r\nHost: app.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://app.example.com\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n\r\n`;
  const sockets = [];
  const one = () =>
    new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', () => socket.write(request));
      socket.on('error', reject);
      socket.once('data', (answer) => {
        if (!answer.toString('latin1').startsWith('HTTP/1.1 101'))
          reject(new Error(answer.toString('latin1').slice(0, 100)));
        sockets.push(socket);
        resolve();
      });
    });
  while (sockets.length < count) await Promise.all(Array.from({ length: Math.min(100, count - sockets.length) }, one));
  return sockets;
}

/** Proportional memory of a process and all below it. */
function pssBytes(pid) {
  return [pid, ...descendants(pid)].reduce(
    (sum, each) =>
      sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024,
    0,
  );
}

function descendants(pid) {
  const found = [];
  for (const task of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (Number(readFileSync(`/proc/${task}/stat`, 'utf8').split(') ')[1].split(' ')[1]) === pid)
        found.push(Number(task), ...descendants(Number(task)));
    } catch {
      // The process ended while it was looked at.
    }
  }
  return found;
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
