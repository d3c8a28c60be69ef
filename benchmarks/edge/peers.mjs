// Who is measured: a table. Each has one core's worth of worker and, beyond what it needs to pass WebSockets on, its
// defaults.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { bringNode, nodeVersions } from '../../scripts/node-versions.mjs';
import { haproxyDefaults } from '../haproxy-defaults.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const here = (file) => path.join(import.meta.dirname, file);

/** On a Node other than the one that runs this: what the edge itself takes, and no more. */
const rowsOfOtherNodes = ['64x1', '64x16', '4kx4', 'churn', 'tls64', 'idle'];

/**
 * `command` answers what to run, given a directory of its own, the port to listen on, that for TLS with `cert` and
 * `key` (files), and the port of the server behind it. The order is that of the tables; nginx is what the others are
 * compared with. `rows`, when it is not for all.
 */
export const peers = [
  {
    id: 'nginx',
    package: 'nginx',
    name: 'nginx',
    setting: 'worker_processes 1',
    version: () => said('nginx', ['-v'], /nginx\/(\S+)/),
    command: ({ directory, port, tlsPort, cert, key, target }) => {
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
    listen 127.0.0.1:${tlsPort} ssl backlog=4096; ssl_certificate ${cert}; ssl_certificate_key ${key}; ssl_protocols TLSv1.2 TLSv1.3;
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
    command: ({ directory, port, tlsPort, cert, key, target }) => {
      const pair = written(directory, 'pair.pem', `${readFileSync(cert)}${readFileSync(key)}`);
      const file = written(
        directory,
        'haproxy.cfg',
        `global
  nbthread 1
  maxconn 9000
${haproxyDefaults}
listen edge
  bind 127.0.0.1:${port} backlog 4096
  bind 127.0.0.1:${tlsPort} backlog 4096 ssl crt ${pair}
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
    command: ({ directory, port, tlsPort, cert, key, target }) => {
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
https://:${tlsPort} {
  bind 127.0.0.1
  tls ${cert} ${key}
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
    command: (way) => node([here('node-relay.mjs'), 'http-proxy', ...relayArgs(way)]),
  },
  {
    id: 'httpxy',
    node: true,
    name: 'httpxy',
    setting: 'one process',
    version: () => packageVersion('httpxy'),
    command: (way) => node([here('node-relay.mjs'), 'httpxy', ...relayArgs(way)]),
  },
  {
    id: 'ws',
    node: true,
    name: '`ws` relay',
    setting: 'one process',
    version: () => packageVersion('ws'),
    command: (way) => node([here('ws-relay.mjs'), ...relayArgs(way)]),
  },
  {
    id: 'holdline',
    name: 'Holdline',
    setting: 'workers: 1, supervisor counted too',
    version: holdlineVersion,
    command: (way) => node(holdlineArgs(way)),
  },
  ...otherNodes(),
];

/** Every limit that a route can have, none of which is ever reached; and a hook that is asked of every message. */
const limits = { connections: 15_000, perIp: 15_000, message: '64m', messages: '1000000/s', buffer: '16m' };
const hooks = 'export function onMessage() {}\n';

/** YAML is a superset of JSON. */
function holdlineArgs({ directory, port, tlsPort, cert, key, target }) {
  const route = (path, more) => ({ match: { path }, upstream: 'server', origins: 'any', ...more });
  const spec = {
    listen: [`127.0.0.1:${port}`, { address: `127.0.0.1:${tlsPort}`, tls: { cert, key } }],
    control: '127.0.0.1:0',
    workers: 1,
    hooks: written(directory, 'hooks.mjs', hooks),
    upstreams: { server: { servers: `http://127.0.0.1:${target}` } },
    routes: [
      route('/limits/', { limits, heartbeat: { every: '25s' }, lifetime: '24h', hooks: false }),
      route('/whole/', { hooks: { messages: true }, limits: { message: '1m' } }),
      route('/', { hooks: false }),
    ],
  };
  const file = written(directory, 'holdline.yaml', JSON.stringify(spec, null, 1));
  return [path.join(root, 'dist/cli/main.js'), 'up', file];
}

function otherNodes() {
  return nodeVersions
    .filter((version) => Number.parseInt(version, 10) >= 24)
    .map((nodeVersion) => ({
      id: `holdline-${Number.parseInt(nodeVersion, 10)}`,
      name: `on Node ${Number.parseInt(nodeVersion, 10)}`,
      setting: `Holdline on Node ${nodeVersion}`,
      rows: rowsOfOtherNodes,
      version: holdlineVersion,
      command: (way) => {
        const { node: binary, problem } = bringNode(nodeVersion);
        if (binary === undefined) throw new Error(`Node ${nodeVersion}: ${problem}`);
        return [binary, holdlineArgs(way)];
      },
    }));
}

function holdlineVersion() {
  return JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

function relayArgs({ port, tlsPort, cert, key, target }) {
  return [port, tlsPort, cert, key, target];
}

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
