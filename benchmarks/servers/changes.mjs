// The change that is compared, a server that leaves, as the manual of each program has it. Each starts in front of two
// servers, and `leave` takes the first one off.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { haproxyDefaults } from '../haproxy-defaults.mjs';
import { freePort, listening } from '../ports.mjs';

const main = path.resolve(import.meta.dirname, '../../dist/cli/main.js');

export const changes = [
  holdline('Holdline: `servers drain`, 50/s', ''),
  holdline('Holdline: the same, `onServerLoss: move`', ', onServerLoss: move'),
  nginx('nginx: reload', ''),
  nginx('nginx: reload, `worker_shutdown_timeout 5s`', 'worker_shutdown_timeout 5s;'),
  caddy('Caddy: reload'),
  haproxy('HAProxy: `set server … state drain`', []),
  haproxy('HAProxy: the same, then `shutdown sessions server`', ['shutdown sessions server edge/s0']),
];

function holdline(name, route) {
  return {
    name,
    program: process.execPath,
    versionArguments: ['--version'],
    async start({ directory, servers }) {
      const port = await freePort();
      const control = await freePort();
      const file = path.join(directory, 'holdline.yaml');
      writeFileSync(
        file,
        `listen: 127.0.0.1:${port}
control: 127.0.0.1:${control}
workers: 1
upstreams: { app: { servers: ${JSON.stringify(servers)} } }
routes: { upstream: app, origins: any, drain: { rate: 50/s }${route} }
drain: { deadline: 0s }
`,
      );
      const child = started(process.execPath, [main, 'up', file]);
      await listening(port, child, () => child.problem);
      return {
        url: `ws://127.0.0.1:${port}`,
        leave: (url) =>
          run(process.execPath, [main, 'servers', 'drain', url, '--control', `http://127.0.0.1:${control}`]),
        close: () => ended(child),
      };
    },
  };
}

function nginx(name, more) {
  return {
    name,
    program: 'nginx',
    versionArguments: ['-v'],
    async start({ directory, servers }) {
      const port = await freePort();
      const file = path.join(directory, 'nginx.conf');
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const write = (list) =>
        writeFileSync(
          file,
          `daemon off; worker_processes 1; ${more} pid ${directory}/nginx.pid; error_log ${directory}/error.log;
events { worker_connections 4000; }
http {
  access_log off; ${temporary.map((each) => `${each}_temp_path ${directory}/${each};`).join(' ')}
  upstream app { least_conn; ${list.map((url) => `server ${new URL(url).host};`).join(' ')} }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app; proxy_http_version 1.1; proxy_read_timeout 1h;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
    }
  }
}
`,
        );
      write(servers);
      const child = started('nginx', ['-e', `${directory}/error.log`, '-c', file, '-p', directory]);
      await listening(port, child, () => child.problem);
      return {
        url: `ws://127.0.0.1:${port}`,
        leave(url) {
          write(servers.filter((each) => each !== url));
          child.kill('SIGHUP');
        },
        note() {
          const old = titlesOfChildren(child.pid).filter((title) => title.includes('shutting down')).length;
          return old === 0 ? '' : `${old} old worker stays`;
        },
        async close() {
          await ended(child);
        },
      };
    },
  };
}

function caddy(name) {
  return {
    name,
    program: 'caddy',
    versionArguments: ['version'],
    async start({ directory, servers }) {
      const port = await freePort();
      const admin = await freePort();
      const file = path.join(directory, 'Caddyfile');
      const env = { ...process.env, HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
      const write = (list) =>
        writeFileSync(
          file,
          `{
  admin 127.0.0.1:${admin}
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy ${list.map((url) => new URL(url).host).join(' ')} {
    lb_policy least_conn
  }
}
`,
        );
      write(servers);
      const child = started('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], env);
      await listening(port, child, () => child.problem);
      return {
        url: `ws://127.0.0.1:${port}`,
        leave(url) {
          write(servers.filter((each) => each !== url));
          return run(
            'caddy',
            ['reload', '--config', file, '--adapter', 'caddyfile', '--address', `127.0.0.1:${admin}`],
            env,
          );
        },
        close: () => ended(child),
      };
    },
  };
}

function haproxy(name, commands) {
  return {
    name,
    program: 'haproxy',
    versionArguments: ['-v'],
    async start({ directory, servers }) {
      const port = await freePort();
      const socket = path.join(directory, 'haproxy.sock');
      const file = path.join(directory, 'haproxy.cfg');
      writeFileSync(
        file,
        `global
  nbthread 1
  maxconn 4000
  stats socket ${socket} level admin
${haproxyDefaults}
listen edge
  bind 127.0.0.1:${port}
  balance leastconn
${servers.map((url, index) => `  server s${index} ${new URL(url).host}`).join('\n')}
`,
      );
      const child = started('haproxy', ['-db', '-f', file]);
      await listening(port, child, () => child.problem);
      return {
        url: `ws://127.0.0.1:${port}`,
        async leave() {
          for (const command of ['set server edge/s0 state drain', ...commands]) await say(socket, command);
        },
        close: () => ended(child),
      };
    },
  };
}

function started(program, argv, env = process.env) {
  const child = spawn(program, argv, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  child.problem = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    child.problem = (child.problem + text).slice(-2000);
  });
  return child;
}

function run(program, argv, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = started(program, argv, env);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${argv[0]}: ${child.problem}`)),
    );
  });
}

function say(socket, command) {
  return new Promise((resolve, reject) => {
    const connection = net.connect(socket, () => connection.end(`${command}\n`));
    connection.on('error', reject);
    connection.resume();
    connection.on('end', resolve);
  });
}

/** Asked to end, and made to when it does not, with what it started. */
async function ended(child) {
  const children = childrenOf(child.pid);
  child.kill('SIGTERM');
  const over = new Promise((resolve) => child.once('exit', resolve));
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    for (const pid of children) if (titleOf(pid) !== '') process.kill(pid, 'SIGKILL');
  }, 3000);
  if (child.exitCode === null) await over;
  clearTimeout(timer);
}

function childrenOf(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
}

function titlesOfChildren(pid) {
  return childrenOf(pid).map(titleOf);
}

function parentOf(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]);
  } catch {
    // It has just ended.
    return null;
  }
}

function titleOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has just ended.
    return '';
  }
}
