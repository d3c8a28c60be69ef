// How long linting takes, and that the time grows with the size and no faster: a configuration of 20,000 lines over 50
// files (1 MB), then four and sixteen times that. Beside it, how long others take to parse the same text, where they
// are installed. Run after a build: node benchmarks/lint-speed.mjs [FACTORS, such as 1,4,16]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { effective } from '../dist/nginx/effective/effective.js';
import { validate } from '../dist/nginx/facts/validate.js';
import { examine } from '../dist/nginx/lint/examination.js';
import { readConfiguration } from '../dist/nginx/syntax/configuration.js';
import { memoryReader } from '../dist/nginx/syntax/reader.js';

const factors = (process.argv[2] ?? '1,4,16').split(',').map(Number);
/** Each time is the best of these runs: what the machine can do when nothing else has its processor. */
const runs = 5;
const target = [1, 22, 1];
const filesPerUnit = 50;
const sitesPerFile = 10;

function main() {
  console.log(`node ${process.version}, ${os.cpus()[0]?.model ?? 'unknown processor'}, best of ${runs} runs`);
  console.log('   size      lines  files      read  effective  validate     whole   findings  whole, to 1x');
  let first = null;
  for (const factor of factors) {
    const files = configuration(factor);
    const text = Object.values(files).join('');
    const reader = memoryReader(files);
    const read = best(() => readConfiguration('/nginx.conf', reader));
    const { value } = read.result;
    const model = best(() => effective(value, { target }));
    const checked = best(() => validate(value, { target }));
    const whole = best(() => examine(readConfiguration('/nginx.conf', reader), { target }));
    if (whole.result.diagnostics.some(({ code }) => code === 'nginx-limit-reached'))
      throw new Error('a limit was reached, so this measures too little');
    first ??= { ms: whole.ms, factor };
    console.log(
      [
        `${(text.length / 2 ** 20).toFixed(2)} MB`.padStart(8),
        String(text.split('\n').length).padStart(10),
        String(Object.keys(files).length).padStart(6),
        ...[read, model, checked, whole].map(({ ms }) => `${ms.toFixed(0)} ms`.padStart(9)),
        String(whole.result.diagnostics.length).padStart(10),
        `${(whole.ms / first.ms).toFixed(1)} for ${factor / first.factor}x the size`.padStart(22),
      ].join(' '),
    );
  }
  others();
}

/** What others need to parse the same 1 MB from one file, theirs and ours without includes. */
function others() {
  const files = configuration(1);
  const one = files['/nginx.conf'].replace('include /sites/*.conf;', Object.values(files).slice(1).join('\n'));
  const ours = best(() => readConfiguration('/nginx.conf', memoryReader({ '/nginx.conf': one })));
  console.log(`\nparsing ${(one.length / 2 ** 20).toFixed(2)} MB in one file:`);
  console.log(`  holdline      ${ours.ms.toFixed(0)} ms`);
  const directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-benchmark-'));
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(file, one, 'latin1');
  console.log(`  crossplane    ${crossplane(file)}`);
  console.log(`  nginx-conf    ${nginxConf(one)}`);
  rmSync(directory, { recursive: true });
}

/** Debian's python3-crossplane, or one that pip put there. */
function crossplane(file) {
  const program = `
import sys, time
try:
    import crossplane
except ImportError:
    sys.exit(7)
times = []
for _ in range(2):
    start = time.perf_counter()
    crossplane.parse(${JSON.stringify(file)}, single=True)
    times.append(time.perf_counter() - start)
print(round(min(times) * 1000), 'ms', 'version', crossplane.__version__)
`;
  const { status, stdout } = spawnSync(process.env.PYTHON ?? '/usr/bin/python3', ['-c', program], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'not measured: crossplane is not installed';
}

/** The npm package of that name, from this project or from the directory in NGINX_CONF_FROM. */
function nginxConf(text) {
  const program = `
const { performance } = require('node:perf_hooks');
const { NginxConfFile } = require('nginx-conf');
const text = require('node:fs').readFileSync(0, 'latin1');
const times = [];
const once = (left) => {
  const start = performance.now();
  NginxConfFile.createFromSource(text, (error) => {
    if (error) { console.error(String(error)); process.exit(8); }
    times.push(performance.now() - start);
    if (left > 0) once(left - 1);
    else console.log(Math.round(Math.min(...times)) + ' ms');
  });
};
once(2);
`;
  const from = process.env.NGINX_CONF_FROM ?? process.cwd();
  try {
    createRequire(path.join(from, 'x.js')).resolve('nginx-conf');
  } catch {
    return 'not measured: nginx-conf is not installed';
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: from,
    input: text,
    encoding: 'latin1',
  });
  return status === 0 ? stdout.trim() : `failed: ${stderr.trim().split('\n')[0]}`;
}

function best(work) {
  let ms = Number.POSITIVE_INFINITY;
  let result;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    result = work();
    ms = Math.min(ms, performance.now() - start);
  }
  return { ms, result };
}

/** `/nginx.conf` and the files it includes; each site differs a little, and every fifth has a fault. */
function configuration(factor) {
  const files = {
    '/nginx.conf': `worker_processes auto;
worker_rlimit_nofile 20000;
worker_shutdown_timeout 1h;
events {
    worker_connections 16384;
}
http {
    map $http_upgrade $connection_upgrade {
        default upgrade;
        '' '';
    }
    map $http_origin $origin_refused {
        default 1;
        "~^https://[a-z0-9-]+\\.example\\.com$" 0;
    }
    include /sites/*.conf;
}
`,
  };
  for (let index = 0; index < filesPerUnit * factor; index++) {
    const sites = Array.from({ length: sitesPerFile }, (_, inner) => site(index * sitesPerFile + inner));
    files[`/sites/${String(index).padStart(5, '0')}.conf`] = sites.join('\n');
  }
  return files;
}

function site(number) {
  const headers = (indent) =>
    ['Host $http_host', 'X-Real-IP $remote_addr', 'X-Forwarded-For $proxy_add_x_forwarded_for']
      .map((header) => `${indent}proxy_set_header ${header};\n`)
      .join('');
  const fault = number % 5 === 0;
  return `# Site ${number}, written by a generator for a benchmark of the linter.
upstream application-${number} {
    zone application-${number} 64k;
    least_conn;
    server 10.${number >> 16}.${(number >> 8) & 255}.${number & 255}:8080 max_fails=3 fail_timeout=10s;
    server 10.${(number >> 16) + 100}.${(number >> 8) & 255}.${number & 255}:8080 max_fails=3 fail_timeout=10s;
    keepalive 16;
}
server {
    listen 80;
    server_name site-${number}.example.com www.site-${number}.example.com;
    root /var/www/site-${number}/public;
    access_log /var/log/nginx/site-${number}.example.com/access.log combined buffer=32k flush=5s;
    error_log /var/log/nginx/site-${number}.example.com/error.log warn;
    add_header Content-Security-Policy "default-src 'self'; img-src 'self' data: https://images.example.com; connect-src 'self' wss://site-${number}.example.com; frame-ancestors 'none'";
    add_header Permissions-Policy "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
    add_header Referrer-Policy strict-origin-when-cross-origin;
    location / {
        try_files $uri $uri/ @application;
    }
    location @application {
        proxy_pass http://application-${number};
${headers('        ')}    }
    location ${fault ? '/socket' : '= /socket'} {
        if ($origin_refused) {
            return 403;
        }
        proxy_pass http://application-${number};
        proxy_http_version 1.1;
${headers('        ')}        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection ${fault ? '""' : '$connection_upgrade'};
        proxy_read_timeout 10m;
    }
    location ~* \\.(?:css|js|png|jpe?g|svg|woff2)$ {
        expires 30d;
        add_header Cache-Control "public, max-age=2592000, stale-while-revalidate=86400, immutable";
    }
}
`;
}

main();
