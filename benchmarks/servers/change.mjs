// A server leaves: what that does to the clients of Holdline, nginx, Caddy and HAProxy, in one run and with the same
// clients. `node benchmarks/servers/change.mjs [connections]` after a build; loopback only. Needs on a Debian: apt-get
// install nginx caddy haproxy. Whoever is not installed is said to be missing and left out.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { changes } from './changes.mjs';
import { crowd, echoServer } from './crowd.mjs';

const connections = Number(process.argv[2] ?? 400);
/** Long enough for a drain of half of them at 50/s, and for a worker_shutdown_timeout of 5 s with what follows. */
const watchedMs = 15_000;

const rows = [];
for (const change of changes) {
  if (spawnSync(change.program, change.versionArguments).error !== undefined) {
    console.error(
      `${change.name}: left out, as ${change.program} is not installed (apt-get install ${change.program})`,
    );
    continue;
  }
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-change-'));
  const servers = [await echoServer('a'), await echoServer('b')];
  const proxy = await change.start({ directory, servers: servers.map(({ url }) => url) });
  try {
    const clients = await crowd(proxy.url, connections);
    const before = clients.mark();
    await proxy.leave(servers[0].url);
    await new Promise((resolve) => setTimeout(resolve, watchedMs));
    rows.push({ name: change.name, ...clients.seen(before), note: proxy.note?.() ?? '' });
    console.error(JSON.stringify(rows.at(-1)));
    clients.close();
  } finally {
    await proxy.close();
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const seconds = (ms) => (ms === null ? '' : `${(ms / 1000).toFixed(1)} s`);
console.log(
  `| change | of those on the server closed | of the others | close frame | most in one second | first, last | longest silence p50, p99, worst | handshakes in the worst second | messages lost | left on it after ${watchedMs / 1000} s |`,
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const row of rows)
  console.log(
    `| ${row.name}${row.note === '' ? '' : ` (${row.note})`} | ${row.closedThere} of ${row.there} | ${row.closedElsewhere} of ${row.elsewhere} | ${row.codes} | ${row.closesPeak} | ${row.closedThere + row.closedElsewhere === 0 ? 'none' : `${seconds(row.firstMs)}, ${seconds(row.lastMs)}`} | ${row.silence.map(seconds).join(', ')} | ${row.handshakesPeak} | ${row.lost} | ${row.left} |`,
  );
process.exit(0);
