// What a new version does to the clients that are connected: Holdline exchanged as a whole, three times between two
// builds, beside what the manuals of nginx, Caddy and HAProxy have for it. node benchmarks/upgrade/main.mjs
// [--connections 5000] [--only Holdline]
import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fronts } from './fronts.mjs';

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '5000' }, only: { type: 'string' } },
});
const connections = Number(values.connections);
/** Some 1,500 messages a second, whatever the number of connections. */
const pauseMs = Math.max(250, connections / 2);

const said = (child) => new Promise((resolve) => child.once('message', resolve));
const here = (file) => path.resolve(import.meta.dirname, file);
const rows = [];

for (const front of fronts) {
  if (values.only !== undefined && !front.name.startsWith(values.only)) continue;
  const program = front.name.split(':')[0].toLowerCase();
  if (program !== 'holdline' && spawnSync('which', [program]).status !== 0) {
    console.log(`${front.name}: not installed`);
    continue;
  }
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-upgrade-'));
  const server = fork(here('../servers/echo-server.mjs'));
  const port = await said(server);
  const edge = await front.start({ directory, server: `http://127.0.0.1:${port}` });
  const clients = fork(here('clients.mjs'), [`ws://127.0.0.1:${edge.port}`, String(connections), String(pauseMs)]);
  await said(clients);
  const look = () => {
    clients.send('look');
    return said(clients);
  };
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const before = await look();
  console.log(`${front.name}: before, p99 ${before.p99.toFixed(0)} ms, worst ${before.worst.toFixed(0)} ms`);
  for (let time = 1; time <= front.times; time++) {
    const startedMs = performance.now();
    await edge.change();
    const seen = await look();
    const took = ((performance.now() - startedMs) / 1000).toFixed(1);
    const note = await edge.note();
    console.log(
      `${front.name}: ${seen.closed} closed, ${seen.wrong} wrong, ${seen.echoes} echoes, p50 ${seen.p50.toFixed(1)} ms, p99 ${seen.p99.toFixed(0)} ms, worst ${seen.worst.toFixed(0)} ms (of all sizes ${seen.worstOfAll.toFixed(0)} ms), in ${took} s; ${note}`,
    );
    if (time === front.times) rows.push({ front, seen, note, before });
  }
  clients.send('end');
  await edge.close();
  server.kill();
  rmSync(directory, { recursive: true, force: true });
}

console.log(
  '\n| | closed | lost or out of order | p99 of 64 bytes before | p99 | worst | worst of all sizes | |\n|---|---:|---:|---:|---:|---:|---:|---|',
);
for (const { front, seen, note, before } of rows)
  console.log(
    `| ${front.name} | ${seen.closed} | ${seen.wrong} | ${before.p99.toFixed(0)} ms | ${seen.p99.toFixed(0)} ms | ${seen.worst.toFixed(0)} ms | ${seen.worstOfAll.toFixed(0)} ms | ${note} |`,
  );
process.exit(0);
