/**
 * A machine with a systemd of its own: process 1 of namespaces of its own, in a cgroup of its own. It has its own /run,
 * /etc/systemd, /srv, /var/log, /var/lib and network, and nothing of the host's is changed. The package stands there in
 * a copy that a test may change.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../edge/edge.ts';
import { atTheEnd, whyNoNamespaces } from './namespaces.ts';

const init = '/lib/systemd/systemd';
const packageFolder = path.resolve(import.meta.dirname, '../../..');
const namespaces = ['--mount', '--pid', '--fork', '--uts', '--ipc', '--net', '--cgroup'];

/** Where the machine has Node, the command line and what it shares with the test. */
export const inside = { node: '/srv/bin/node', cli: '/srv/holdline/dist/cli/main.js', shared: '/srv/shared' };

/** null when there can be one; otherwise the reason for skipping. */
export function whyNoMachine(): string | null {
  if (!existsSync(init)) return `there is no ${init}`;
  if (cgroupRoot() === null) return 'no cgroup v2 is mounted';
  return whyNoNamespaces(namespaces);
}

export interface Machine {
  /** `inside.shared`, as the test sees it. */
  readonly shared: string;
  /** Runs a program inside and resolves with what it prints on both outputs. Rejects when it fails. */
  run(program: string, ...args: string[]): Promise<string>;
  close(): Promise<void>;
}

export async function startMachine(): Promise<Machine> {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdline-machine-'));
  const at = (name: string) => path.join(folder, name);
  for (const name of ['units', 'shared']) mkdirSync(at(name));
  execFileSync('chmod', ['-R', 'a+rx', folder]);
  for (const [name, text] of Object.entries(stubs)) writeFileSync(at(`units/${name}`), text);
  writeFileSync(at('boot.sh'), bootScript(folder));
  const group = path.join(cgroupRoot()!, path.basename(folder));
  mkdirSync(group);
  const enter = `echo $$ > ${group}/cgroup.procs && exec unshare ${namespaces.join(' ')} sh ${at('boot.sh')} > ${at('console')} 2>&1`;
  const outer = spawn('sh', ['-c', enter], { stdio: 'ignore' });
  const exited = once(outer, 'exit');
  const end = atTheEnd(`echo 1 > ${group}/cgroup.kill`);
  const env = { PATH: process.env.PATH, SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' };

  async function run(...command: string[]): Promise<string> {
    const place = ['-t', String(initOf(outer.pid!)), '-m', '-p', '-n', '-u', '-i', '-C'];
    const child = spawn('nsenter', [...place, ...command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        text += String(data);
      });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${command.join(' ')}: ${code}\n${text}`);
    return text;
  }

  await until(async () => {
    if (outer.exitCode !== null) throw new Error(`systemd did not come up: ${readFileSync(at('console'), 'utf8')}`);
    const state = initOf(outer.pid!) === null ? '' : await run('systemctl', 'is-system-running').catch(() => '');
    return state.trim() === 'running';
  });
  return {
    shared: at('shared'),
    run,
    async close() {
      await end();
      await exited;
      await removeGroups(group);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What every unit depends on by default, and what units are wanted by. */
const stubs = Object.fromEntries(
  ['sysinit', 'basic', 'shutdown', 'sockets', 'network-online', 'multi-user', 'test'].map((name) => [
    `${name}.target`,
    `[Unit]\nDescription=${name}\nDefaultDependencies=no\n`,
  ]),
);

/**
 * /srv, because a unit with a /tmp of its own would not see a clone that stands in /tmp, and one without /home none
 * below /home.
 */
function bootScript(folder: string): string {
  return `set -e
mount --make-rprivate /
mount -t proc proc /proc
mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys
mount -t tmpfs tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/log
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /etc/systemd
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir -p /srv/bin /srv/shared /srv/holdline/node_modules /etc/systemd/system
mount --bind ${folder}/shared /srv/shared
touch ${inside.node}
mount --bind ${realpathSync(process.execPath)} ${inside.node}
cp -r ${packageFolder}/dist ${packageFolder}/package.json /srv/holdline
mount --bind ${packageFolder}/node_modules /srv/holdline/node_modules
umount -R -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec env -i container=holdline-test PATH="$PATH" SYSTEMD_UNIT_PATH=/etc/systemd/system:${folder}/units ${init} --system --unit=test.target --log-target=console --show-status=no
`;
}

/** Process 1 of the machine, as the host counts. */
function initOf(outerPid: number): number | null {
  try {
    const [child] = readFileSync(`/proc/${outerPid}/task/${outerPid}/children`, 'utf8').split(' ');
    return readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'systemd' ? Number(child) : null;
  } catch {
    // It has not begun yet, or it has ended.
    return null;
  }
}

function cgroupRoot(): string | null {
  const rows = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return rows.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1] ?? null;
}

/** The innermost first: a group with groups in it cannot be removed. The kernel lets one go a moment after its last process. */
function removeGroups(group: string): Promise<boolean> {
  return until(() => {
    const found = spawnSync('find', [group, '-depth', '-type', 'd'], { encoding: 'utf8' }).stdout.trim().split('\n');
    try {
      for (const each of found) rmdirSync(each);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
      throw error;
    }
  });
}
