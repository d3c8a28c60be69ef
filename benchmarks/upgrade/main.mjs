// What clients notice while the workers are exchanged three times: `npm run bench:upgrade -- [connections]`.
// A copy of the package runs with two workers; its version is changed on the disk and `holdline upgrade` asked for, to a new version, back, and to a
// new one. Nine tenths of the clients send numbered messages of 64 bytes twice a second, a tenth of 256 KB every ten seconds, a tenth of the rest
// reads slowly, a tenth is in message mode. Everything on loopback, each part in a process of its own.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const connections = Number(process.argv[2] ?? 5000);
const copy = mkdtempSync(path.join(tmpdir(), 'holdline-upgrade-'));
const manifest = path.join(copy, 'package.json');
const own = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
const part = (name) => path.join(import.meta.dirname, name);

cpSync(path.join(root, 'dist'), path.join(copy, 'dist'), { recursive: true });
setVersion(own);
symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));

const server = fork(part('server.mjs'));
const [{ port: serverPort }] = await once(server, 'message');
writeFileSync(path.join(copy, 'hooks.mjs'), 'export const onMessage = () => undefined;\n');
writeFileSync(
  path.join(copy, 'holdline.yaml'),
  `listen: [{ address: '127.0.0.1:0' }]
workers: 2
hooks: hooks.mjs
upstreams: { app: { servers: ['http://127.0.0.1:${serverPort}'] } }
routes:
  - { name: mode, match: { path: /mode }, upstream: app, origins: any, hooks: { messages: true }, heartbeat: { every: 20s, timeout: 15s } }
  - { name: all, match: { path: / }, upstream: app, origins: any, heartbeat: { every: 20s, timeout: 15s } }
control: { address: 127.0.0.1:0 }
`,
);
const edge = spawn(process.execPath, [path.join(copy, 'dist/cli/main.js'), 'up', path.join(copy, 'holdline.yaml')], {
  cwd: copy,
  stdio: ['ignore', 'pipe', 'inherit'],
});
let banner = '';
edge.stdout.setEncoding('utf8').on('data', (text) => (banner += text));
await until(() => /Ctrl-C|http:\/\/127\.0\.0\.1:\d+/.test(banner) && /ws:\/\/127\.0\.0\.1:(\d+)/.test(banner));
const edgePort = Number(/ws:\/\/127\.0\.0\.1:(\d+)/.exec(banner)[1]);
const control = /http:\/\/127\.0\.0\.1:\d+/.exec(banner)[0];

const clients = fork(part('clients.mjs'), [String(edgePort), String(connections)]);
await once(clients, 'message');
console.log(`${connections} connections are open; ten seconds without an upgrade`);
await new Promise((resolve) => setTimeout(resolve, 10_000));
console.log('before:', await ask());

for (const version of ['99.0.0', own, '99.0.1']) {
  setVersion(version);
  const startedMs = performance.now();
  let state = await call('POST', '/upgrade', { probationMs: 10_000 });
  while (state.phase === 'probation' || state.phase === 'exchange') {
    await new Promise((resolve) => setTimeout(resolve, 200));
    state = await call('GET', '/upgrade');
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(
    `to ${version}: ${state.phase} in ${seconds} s, ${state.moved} handed over, stayed: ${JSON.stringify(state.stayed)} ${state.problem ?? ''}`,
  );
  console.log('  clients:', await ask());
}
await new Promise((resolve) => setTimeout(resolve, 12_000));
console.log('afterwards:', await ask());
const { workers } = await call('GET', '/workers');
for (const { pid, version, connections: held, leaving, stayed } of workers)
  console.log(
    `worker ${pid}: version ${version}, ${held} connections${leaving ? `, leaves: ${JSON.stringify(stayed)}` : ''}`,
  );

clients.kill();
edge.kill('SIGKILL');
await once(edge, 'exit');
server.kill();
rmSync(copy, { recursive: true });

function setVersion(version) {
  writeFileSync(
    manifest,
    JSON.stringify({ ...JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')), version }),
  );
}

async function call(method, where, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${control}${where}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** What the clients saw since they were asked last. */
async function ask() {
  clients.send('report');
  const [report] = await once(clients, 'message');
  return report;
}

async function until(isThere) {
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
}
