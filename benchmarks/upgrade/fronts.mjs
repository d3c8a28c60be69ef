// What stands in front, and how each takes on a new version of itself, as its manual has it.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { haproxyDefaults } from '../haproxy-defaults.mjs';
import { freePort, listening } from '../ports.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const fronts = [
  { name: 'Holdline: `upgrade`, three times', times: 3, start: holdline },
  { name: 'nginx: USR2, WINCH, QUIT', times: 1, start: (at) => nginx(at, '') },
  {
    name: 'nginx: the same, `worker_shutdown_timeout 5s`',
    times: 1,
    start: (at) => nginx(at, 'worker_shutdown_timeout 5s;'),
  },
  { name: 'Caddy: reload', times: 1, start: caddy },
  { name: 'HAProxy: reload', times: 1, start: (at) => haproxy(at, '') },
  { name: 'HAProxy: the same, `hard-stop-after 5s`', times: 1, start: (at) => haproxy(at, 'hard-stop-after 5s') },
];

async function holdline({ directory, server, probationMs }) {
  const [port, control] = [await freePort(), await freePort()];
  cpSync(path.join(root, 'dist'), path.join(directory, 'dist'), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
  const builds = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const build = (version) =>
    writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ ...builds, version }));
  const versions = ['1.0.0', '2.0.0'];
  build(versions[0]);
  writeFileSync(path.join(directory, 'hooks.mjs'), 'export const onMessage = () => undefined;\n');
  writeFileSync(
    path.join(directory, 'holdline.yaml'),
    `hooks: ./hooks.mjs
listen: 127.0.0.1:${port}
control: 127.0.0.1:${control}
workers: 2
upstreams: { app: { servers: ${server} } }
routes:
  - { match: { path: /hooked/ }, upstream: app, origins: any, hooks: { messages: on } }
  - { match: { path: / }, upstream: app, origins: any }
drain: { deadline: 0s }
`,
  );
  const main = path.join(directory, 'dist/cli/main.js');
  const child = started(process.execPath, [main, 'up', path.join(directory, 'holdline.yaml')]);
  await listening(port, child, () => child.said);
  let number = 0;
  const ask = (where, body) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    return fetch(`http://127.0.0.1:${control}${where}`, body && init).then((answer) => answer.json());
  };
  return {
    port,
    pid: child.pid,
    async change() {
      build(versions[++number % 2]);
      // As the command begins one, but for the time of its probation.
      if (probationMs !== undefined) await ask('/upgrade', { probationMs });
      await run(process.execPath, [main, 'upgrade', '--control', `127.0.0.1:${control}`]);
    },
    async processes() {
      const { supervisor, workers } = await ask('/version');
      return {
        supervisor: supervisor.pid,
        workers: workers.map(({ pid }) => pid),
        children: childrenOf(child.pid).length,
      };
    },
    async note() {
      const { version, workers } = await ask('/version');
      const text = await run(process.execPath, [main, 'workers', '--control', `127.0.0.1:${control}`]);
      console.log(text.trimEnd());
      return `supervisor ${version}, workers ${workers.map((each) => each.version).join(' and ')}, pid ${child.pid} as before`;
    },
    close: () => ended(child),
  };
}

async function nginx({ directory, server }, more) {
  const port = await freePort();
  const file = path.join(directory, 'nginx.conf');
  const pid = path.join(directory, 'nginx.pid');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    file,
    `worker_processes 2; ${more} pid ${pid}; error_log ${directory}/error.log;
events { worker_connections 12000; }
http {
  access_log off; ${temporary.map((each) => `${each}_temp_path ${directory}/${each};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${server}; proxy_http_version 1.1; proxy_read_timeout 1h;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
    }
  }
}
`,
  );
  // The old master starts the new one by the name that it was started with, and looks for that nowhere else.
  const program = spawnSync('which', ['nginx'], { encoding: 'utf8' }).stdout.trim();
  await run(program, ['-e', `${directory}/error.log`, '-c', file, '-p', directory]);
  const pidIn = (name) => Number(readFileSync(name, 'utf8'));
  await listening(port, { exitCode: null }, () => '');
  const first = pidIn(pid);
  return {
    port,
    async change() {
      process.kill(first, 'SIGUSR2');
      await pause(1000);
      process.kill(first, 'SIGWINCH');
      await pause(1000);
      process.kill(first, 'SIGQUIT');
      await pause(6000);
    },
    note() {
      const old = titlesOfChildren(first).filter((title) => title.includes('shutting down')).length;
      return `${old} old workers stay`;
    },
    async close() {
      for (const each of new Set([first, pidIn(pid)])) {
        try {
          process.kill(each, 'SIGTERM');
        } catch {
          // The old master has ended.
        }
      }
    },
  };
}

async function caddy({ directory, server }) {
  const [port, admin] = [await freePort(), await freePort()];
  const file = path.join(directory, 'Caddyfile');
  const env = { ...process.env, HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
  writeFileSync(
    file,
    `{\n  admin 127.0.0.1:${admin}\n  auto_https off\n}\nhttp://:${port} {\n  bind 127.0.0.1\n  reverse_proxy ${new URL(server).host}\n}\n`,
  );
  const child = started('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], env);
  await listening(port, child, () => child.said);
  const reload = ['reload', '--force', '--config', file, '--adapter', 'caddyfile', '--address', `127.0.0.1:${admin}`];
  return {
    port,
    change: () => run('caddy', reload, env).then(() => pause(3000)),
    note: () => '',
    close: () => ended(child),
  };
}

async function haproxy({ directory, server }, more) {
  const port = await freePort();
  const file = path.join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `global\n  nbthread 2\n  maxconn 9000\n  ${more}\n${haproxyDefaults}\nlisten edge\n  bind 127.0.0.1:${port}\n  server s0 ${new URL(server).host}\n`,
  );
  const child = started('haproxy', ['-W', '-db', '-f', file]);
  await listening(port, child, () => child.said);
  return {
    port,
    async change() {
      child.kill('SIGUSR2');
      await pause(8000);
    },
    note: () => `${titlesOfChildren(child.pid).length - 1} old workers stay`,
    close: () => ended(child),
  };
}

function started(program, argv, env = process.env) {
  const child = spawn(program, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      child.said = (child.said + text).slice(-4000);
    });
  return child;
}

function run(program, argv, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = started(program, argv, env);
    child.once('exit', (code) =>
      code === 0 ? resolve(child.said) : reject(new Error(`${program} ${argv[0]}: ${child.said}`)),
    );
  });
}

function ended(child) {
  if (child.exitCode !== null) return undefined;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  return gone.then(() => clearTimeout(timer));
}

function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1].split(' ')[1] === String(pid)
      );
    } catch {
      return false;
    }
  });
}

const titlesOfChildren = (pid) =>
  childrenOf(pid).flatMap((name) => {
    try {
      return [readFileSync(`/proc/${name}/cmdline`, 'utf8')];
    } catch {
      return [];
    }
  });
