// The real programs that the tests run against. On Debian and Ubuntu, as root, what is missing gets installed.
import { spawnSync } from 'node:child_process';

const programs = [
  { package: 'nginx', present: ['nginx', '-v'] },
  { package: 'libnginx-mod-http-lua', present: ['test', '-e', '/usr/lib/nginx/modules/ngx_http_lua_module.so'] },
  { package: 'haproxy', present: ['haproxy', '-v'] },
  { package: 'caddy', present: ['caddy', 'version'] },
  { package: 'chromium', present: ['chromium', '--version'] },
  { package: 'python3', present: ['/usr/bin/python3', '--version'] },
  { package: 'python3-websockets', present: ['/usr/bin/python3', '-c', 'import websockets'] },
  { package: 'websocketd', present: ['websocketd', '--version'] },
  { package: 'iproute2', present: ['ip', '-V'] },
  { package: 'openssl', present: ['openssl', 'version'] },
  { package: 'prometheus', present: ['promtool', '--version'] },
  { package: 'procps', present: ['ps', '--version'] },
  { package: 'systemd', present: ['systemd-notify', '--version'] },
  { package: 'tini', present: ['tini', '--version'] },
  { package: 'curl', present: ['curl', '--version'] },
];

// /usr/sbin is missing from the path of ordinary Debian users, and nginx lives there.
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

const works = ([command, ...args]) =>
  spawnSync(command, args, { stdio: 'ignore' }).error === undefined &&
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/**
 * True when every program (or those of the packages named) is there at the end; otherwise it has said what to install.
 */
export function ensureTestPrograms(packages = programs.map((program) => program.package)) {
  const wanted = programs.filter((program) => packages.includes(program.package));
  let missing = wanted.filter((program) => !works(program.present));
  if (missing.length === 0) return true;
  const names = missing.map((program) => program.package);
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (mayInstall) {
    console.log(`Installing programs to run against: ${names.join(' ')}`);
    const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['update', '-q'], options);
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], options);
    missing = wanted.filter((program) => !works(program.present));
    if (missing.length === 0) return true;
  }
  console.error(`Programs are needed that are not installed: ${missing.map((program) => program.package).join(' ')}`);
  console.error(
    `On Debian or Ubuntu: sudo apt-get install --no-install-recommends ${missing.map((program) => program.package).join(' ')}`,
  );
  return false;
}
