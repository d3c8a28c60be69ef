// Three servers, of which one ends each connection right after the 101: how many of the clients that come one after the
// other go to it, with Holdline and with nginx, both by least connections. `node benchmarks/servers/drops.mjs
// [clients]` after a build; loopback only; for nginx apt-get install nginx.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { changes } from './changes.mjs';

const clients = Number(process.argv[2] ?? 40);

for (const name of ['Holdline', 'nginx']) {
  const proxy = changes.find((change) => change.name.startsWith(name));
  if (spawnSync(proxy.program, proxy.versionArguments).error !== undefined) {
    console.log(`${name}: left out, as it is not installed`);
    continue;
  }
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-drops-'));
  const servers = await Promise.all([server(true), server(false), server(false)]);
  const edge = await proxy.start({ directory, servers: servers.map(({ url }) => url) });
  const sockets = [];
  for (let client = 0; client < clients; client++) {
    sockets.push(await connected(edge.url));
    // As people would: the next one comes a moment later.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  console.log(`${name}: ${servers[0].got()} of ${clients} clients got the server that drops them`);
  for (const socket of sockets) socket.terminate();
  await edge.close();
  for (const each of servers) each.close();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);

async function server(drops) {
  let got = 0;
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => sockets.once('listening', resolve));
  sockets.on('connection', (socket) => {
    got++;
    socket.on('error', () => undefined);
    if (drops) socket.terminate();
  });
  return {
    url: `http://127.0.0.1:${sockets.address().port}`,
    got: () => got,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function connected(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.on('open', () => resolve(socket));
    socket.on('error', () => resolve(socket));
  });
}
