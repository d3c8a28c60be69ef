// Who is measured: a table. Each has one core's worth of worker and, beyond what it needs to pass WebSockets on, its defaults.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const here = (file) => path.join(import.meta.dirname, file);

/**
 * `command` answers what to run, given a directory of its own, the port to listen on and the port of the server behind it.
 * The order is that of the tables; nginx is what the others are compared with.
 */
export const peers = [
  {
    id: 'nginx',
    package: 'nginx',
    name: 'nginx',
    setting: 'worker_processes 1',
    version: () => said('nginx', ['-v'], /nginx\/(\S+)/),
    command: ({ directory, port, target }) => {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const file = written(
        directory,
        'nginx.conf',
        `daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid ${directory}/nginx.pid; error_log ${directory}/error.log;
events { worker_connections 19000; }
http {
  access_log off; ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://127.0.0.1:${target}; proxy_http_version 1.1; proxy_read_timeout 1h;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; proxy_set_header Host $http_host;
    }
  }
}
`,
      );
      return ['nginx', ['-e', `${directory}/error.log`, '-c', file, '-p', directory]];
    },
  },
  {
    id: 'haproxy',
    package: 'haproxy',
    name: 'HAProxy',
    setting: 'nbthread 1',
    version: () => said('haproxy', ['-v'], /version (\d[\d.]*)/),
    command: ({ directory, port, target }) => {
      const file = written(
        directory,
        'haproxy.cfg',
        `global
  nbthread 1
  maxconn 9000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
listen edge
  bind 127.0.0.1:${port} backlog 4096
  server s 127.0.0.1:${target}
`,
      );
      return ['haproxy', ['-db', '-f', file]];
    },
  },
  {
    id: 'caddy',
    package: 'caddy',
    name: 'Caddy',
    setting: 'GOMAXPROCS=1',
    version: () => said('caddy', ['version'], /v?(\d[\d.]*)/),
    env: (directory) => ({ GOMAXPROCS: '1', HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory }),
    command: ({ directory, port, target }) => {
      const file = written(
        directory,
        'Caddyfile',
        `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${target}
}
`,
      );
      return ['caddy', ['run', '--config', file, '--adapter', 'caddyfile']];
    },
  },
  {
    id: 'http-proxy',
    node: true,
    name: 'http-proxy',
    setting: 'one process',
    version: () => packageVersion('http-proxy'),
    command: ({ port, target }) => node([here('node-relay.mjs'), 'http-proxy', port, target]),
  },
  {
    id: 'httpxy',
    node: true,
    name: 'httpxy',
    setting: 'one process',
    version: () => packageVersion('httpxy'),
    command: ({ port, target }) => node([here('node-relay.mjs'), 'httpxy', port, target]),
  },
  {
    id: 'ws',
    node: true,
    name: '`ws` relay',
    setting: 'one process',
    version: () => packageVersion('ws'),
    command: ({ port, target }) => node([here('ws-relay.mjs'), port, target]),
  },
  {
    id: 'holdline',
    name: 'Holdline',
    setting: '--workers 1, supervisor counted too',
    version: () => JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version,
    command: ({ port, target }) =>
      node([
        path.join(root, 'dist/cli/main.js'),
        'up',
        ...['--to', `http://127.0.0.1:${target}`, '--listen', `127.0.0.1:${port}`],
        ...['--control', '127.0.0.1:0', '--workers', '1'],
      ]),
  },
];

function node(args) {
  return [process.execPath, args.map(String)];
}

function written(directory, name, text) {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

function said(command, args, pattern) {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown';
}

/** Not every package lets its package.json be imported, so it is looked for where the package's entry lies. */
function packageVersion(name) {
  let directory = path.dirname(require.resolve(name));
  for (;;) {
    try {
      const found = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
      if (found.name === name) return found.version;
    } catch {
      // Not in this folder.
    }
    directory = path.dirname(directory);
  }
}
