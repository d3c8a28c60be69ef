// The generated configuration against what people paste, on one machine and one nginx, with the same server behind it.
//   node scripts/build.mjs && node benchmarks/generated-against-folklore.mjs [connections]
// Prints a Markdown table. Numbers of descriptors bound it: nginx needs two for each connection.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../dist/host/free-ports.js';
import { findNginx } from '../dist/host/nginx-binary.js';
import { childrenOf, readProcess } from '../dist/host/process-facts.js';
import { generate } from '../dist/nginx/generate/generate.js';
import { listenCount, siteDefaults } from '../dist/nginx/generate/site.js';
import { makeTrialDirectory, startNginx } from '../dist/nginx/run/start.js';
import { completeMachine } from '../dist/plan/nginx/machine.js';
import { planNginx } from '../dist/plan/nginx/plan.js';
import { completeWorkload } from '../dist/plan/nginx/workload.js';
import { specFromObject } from '../dist/spec/read.js';

const wanted = Number(process.argv[2] ?? 6_000);
const script = new URL('nginx-load.mjs', import.meta.url).pathname;
const binary = findNginx(process.env.PATH ?? '');
if (binary === null) {
  console.error('There is no nginx here to measure.');
  process.exit(3);
}
const workers = os.availableParallelism();
const message = 16_384;
const talkers = 200;
const rounds = 20;
const origin = 'https://app.example.com';

// The text of each configuration for a port and a server's port. The directory stands for what every nginx of a trial
// needs.
const configurations = {
  generated: generated(),
  'worker_connections 1024': pasted({ events: 'worker_connections 1024;' }),
  'Debian’s nginx.conf and the documentation’s location': pasted({
    events: 'worker_connections 768;',
    http: 'sendfile on; tcp_nopush on; types_hash_max_size 2048; gzip on;',
    timeouts: '',
  }),
  'what nginxconfig.io emits': pasted({
    main: 'worker_rlimit_nofile 65535;',
    events: 'multi_accept on; worker_connections 65535;',
    http: 'sendfile on; tcp_nopush on; tcp_nodelay on; server_tokens off; log_not_found off; types_hash_max_size 2048; types_hash_bucket_size 64; client_max_body_size 16M;',
    location:
      'proxy_cache_bypass $http_upgrade; proxy_ssl_server_name on; proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;',
    timeouts: 'proxy_connect_timeout 60s; proxy_send_timeout 60s; proxy_read_timeout 60s;',
  }),
};

const rows = [];
for (const [name, textFor] of Object.entries(configurations)) rows.push(await measure(name, textFor));
print(rows);

/** What most tutorials have: the documentation’s map and headers, an hour’s timeouts, no upstream block. */
function pasted({
  main = '',
  events,
  http = '',
  location = '',
  timeouts = 'proxy_read_timeout 3600s; proxy_send_timeout 3600s;',
}) {
  return ({ port, server, directory }) => `worker_processes ${workers};
pid ${directory.file('nginx.pid')};
error_log ${directory.file('error.log')};
${process.getuid() === 0 ? 'user root;' : ''}
${main}
events { ${events} }
http {
    ${http}
    access_log ${directory.file('access.log')};
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    server {
        listen 127.0.0.1:${port};
        location / {
            proxy_pass http://127.0.0.1:${server};
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            ${location}
            ${timeouts}
        }
    }
}
`;
}

function generated() {
  return ({ port, server, directory }) => {
    const { value: spec } = specFromObject({
      listen: [`127.0.0.1:${port}`],
      upstreams: { app: { servers: [`http://127.0.0.1:${server}`] } },
      routes: [{ upstream: 'app', origins: [origin] }],
    });
    const site = {
      ...siteDefaults,
      ...spec,
      status: null,
      user: process.getuid() === 0 ? 'root' : null,
      paths: {
        ...siteDefaults.paths,
        pid: directory.file('nginx.pid'),
        accessLog: directory.file('access.log'),
        errorLog: directory.file('error.log'),
      },
    };
    const { value: plan } = planNginx({
      workload: completeWorkload({
        connections: wanted,
        messageBytes: message,
        listens: listenCount(site, 'whole'),
        messagesPerSecond: 0.1,
      }),
      machine: completeMachine({ cores: workers, memoryBytes: os.totalmem() }),
      target: binary.version,
    });
    return generate({ plan, site, form: 'whole', remarks: 'headings' }).value.configuration.text;
  };
}

async function measure(name, textFor) {
  const server = await child('server');
  const client = await child('client');
  const directory = makeTrialDirectory();
  const [port] = await freePorts(1);
  const text = textFor({ port, server: server.port, directory });
  const nginx = await startNginx({ binary, text, directory, ports: [port] });
  try {
    const shutdown = /worker_shutdown_timeout (\S+);/.exec(text)?.[1] ?? null;
    const base = family(nginx.pid);
    const { held } = await client.ask('open', { port, count: wanted, pastRefusals: true });
    const full = family(nginx.pid);
    const fullest = Math.max(...full.map(({ clients }) => clients));
    const memory = held === 0 ? 0 : (total(full) - total(base)) / held;
    await client.ask('close', {});
    await until(() => family(nginx.pid).every(({ clients }) => clients < 5));

    const { held: talking } = await client.ask('open', { port, count: talkers });
    const before = cpu(nginx.pid);
    await client.ask('echo', { bytes: message, rounds });
    const perMessage = ((cpu(nginx.pid) - before) * 1_000_000) / (talking * rounds * 2);

    for (const _ of [1, 2]) {
      const old = nginx.workers();
      nginx.signal('HUP');
      await until(() => family(nginx.pid).filter(({ pid }) => !old.includes(pid)).length >= workers);
      await client.ask('open', { port, count: 100 });
    }
    const afterReloads = family(nginx.pid);
    const oldWorkers = afterReloads.filter(({ title }) => title.includes('shutting down')).length;
    const { alive } = await client.ask('alive', {});
    const evil = await client.ask('open', { port, count: 1, origin: 'https://evil.example' });
    return {
      name,
      held,
      fullest,
      memory,
      perMessage,
      oldWorkers,
      alive,
      of: talking + 200,
      shutdown,
      evil: evil.statuses[0][0],
    };
  } finally {
    await nginx.close();
    client.kill();
    server.kill();
    directory.remove();
  }
}

function family(master) {
  return childrenOf(master).flatMap((pid) => {
    const facts = readProcess(pid);
    // Two sockets for each connection; a handful belong to nginx itself.
    return facts === null
      ? []
      : [
          {
            pid,
            title: facts.title,
            memoryBytes: facts.memoryBytes,
            cpuSeconds: facts.cpuSeconds,
            clients: Math.max(0, Math.floor(((facts.descriptors?.sockets.length ?? 0) - workers - 2) / 2)),
          },
        ];
  });
}

function total(processes) {
  return processes.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
}

function cpu(master) {
  return family(master).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

async function until(isSo) {
  const deadline = performance.now() + 20_000;
  while (!isSo() && performance.now() < deadline) await delay(50);
}

async function child(what) {
  const process = fork(script, [what]);
  const [ready] = await once(process, 'message');
  let last = 0;
  const ask = (question, options) =>
    new Promise((resolve) => {
      const id = ++last;
      const read = (answer) => {
        if (answer.id !== id) return;
        process.off('message', read);
        resolve(answer);
      };
      process.on('message', read);
      process.send({ id, ask: question, options });
    });
  return { ...ready, ask, kill: () => process.kill() };
}

function print(all) {
  console.log(
    `nginx ${binary.version}, ${workers} workers, ${os.cpus()[0]?.model ?? 'unknown processor'}; ${wanted.toLocaleString('en-US')} connections wanted\n`,
  );
  console.log(
    '| configuration | connections held | fullest worker | memory each | nginx CPU per 16 KB message | after two reloads | evil.example gets |',
  );
  console.log('|---|---:|---:|---:|---:|---|---|');
  for (const { name, held, fullest, memory, perMessage, oldWorkers, alive, of, shutdown, evil } of all)
    console.log(
      `| ${name} | ${held.toLocaleString('en-US')} | ${fullest.toLocaleString('en-US')} | ${(memory / 1000).toFixed(1)} kB | ${perMessage.toFixed(0)} µs | ${alive} of ${of} stay, on ${oldWorkers} old workers, ${shutdown === null ? 'for as long as they like' : `for at most ${shutdown}`} | ${evil} |`,
    );
}
