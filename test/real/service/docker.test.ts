/**
 * examples/docker without an engine: what its Dockerfile says is read and done here, in namespaces, as process 1 and as
 * the user that it names. The steps that install packages are left out, since they need a network; the package comes
 * from the tree.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { until } from '../edge/edge.ts';
import { atTheEnd, whyNoNamespaces } from './namespaces.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const example = path.join(root, 'examples/docker');
const read = (name: string) => readFileSync(path.join(example, name), 'utf8');

/** Instructions in their order: `['USER', 'node']`. */
const dockerfile = read('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))
  .map((line) => line.split(/ (.*)/s, 2) as [string, string]);
const said = (name: string) => dockerfile.findLast(([instruction]) => instruction === name)![1];
const command = [...JSON.parse(said('ENTRYPOINT')), ...JSON.parse(said('CMD'))] as string[];
const check = JSON.parse(/CMD (\[.*\])$/.exec(said('HEALTHCHECK'))![1]!) as string[];
const compose = parse(read('compose.yaml')).services;
const spec = parse(read('holdline.yaml'));

describe('what belongs together', () => {
  test('the Dockerfile copies what is there, and its port is that of the spec', () => {
    const [file] = said('COPY').split(' ');
    expect(existsSync(path.join(example, file!))).toBe(true);
    expect(spec.listen.endsWith(`:${said('EXPOSE')}`)).toBe(true);
    expect(compose.edge.ports).toEqual([`${said('EXPOSE')}:${said('EXPOSE')}`]);
  });

  test('compose waits longer than the edge drains, and the edge knows the application by its name', () => {
    const seconds = (text: string) => Number(/^(\d+)s$/.exec(text)![1]);
    expect(seconds(compose.edge.stop_grace_period)).toBeGreaterThan(seconds(spec.drain.deadline));
    expect(spec.upstreams.app.servers).toEqual([`http://app:${compose.app.environment.PORT}`]);
    const mounts: string[] = [...compose.edge.volumes, ...compose.app.volumes];
    for (const mount of mounts) expect(existsSync(path.join(example, mount.split(':')[0]!))).toBe(true);
    expect(readdirSync(path.join(example, 'app'))).toContain(compose.app.command[1]);
  });
});

const reason = whyNoNamespaces(['--mount', '--pid', '--fork', '--net']);

describe('a container by hand', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdline-container-'));
  const place = said('WORKDIR');
  /** Of `node` in the image. */
  const user = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'];
  let outer: ChildProcess;
  let output = '';
  let end: ReturnType<typeof atTheEnd> | undefined;

  beforeAll(async () => {
    if (reason !== null) return;
    expect(said('USER')).toBe('node');
    const steps = [
      'mount --make-rprivate /',
      'mount -t proc proc /proc',
      'mount -t tmpfs -o mode=755 tmpfs /srv',
      `mkdir -p /srv/bin /srv/app /srv/holdline ${place}`,
      `touch /srv/bin/node && mount --bind ${realpathSync(process.execPath)} /srv/bin/node`,
      `mount --bind ${root} /srv/holdline`,
      `printf '#!/bin/sh\\nexec node /srv/holdline/dist/cli/main.js "$@"\\n' > /srv/bin/holdline && chmod +x /srv/bin/holdline`,
      `cp ${example}/holdline.yaml ${place} && cp ${example}/app/* /srv/app`,
      `printf '127.0.0.1 localhost app\\n' > /srv/hosts && mount --bind /srv/hosts /etc/hosts`,
      'ip link set lo up',
      'export PATH=/srv/bin:$PATH',
      `cd ${place} && exec ${user.join(' ')} ${command.join(' ')}`,
    ];
    writeFileSync(path.join(folder, 'start.sh'), `set -e\n${steps.join('\n')}\n`);
    outer = spawn('unshare', ['--mount', '--pid', '--fork', '--net', 'sh', path.join(folder, 'start.sh')]);
    for (const stream of [outer.stdout!, outer.stderr!])
      stream.on('data', (data) => {
        output += String(data);
      });
    await until(() => {
      if (outer.exitCode !== null) throw new Error(output);
      return output.includes('Holdline is up.');
    });
    end = atTheEnd(`kill -9 ${first()}`);
  });
  afterAll(async () => {
    await end?.({ needed: outer.exitCode === null });
    rmSync(folder, { recursive: true });
  });

  /** Process 1 of the container, as the host counts. */
  const first = () => Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').split(' ')[0]);
  const inside = (...words: string[]) =>
    spawn('nsenter', ['-t', String(first()), '-m', '-p', '-n', 'env', `PATH=/srv/bin:${process.env.PATH}`, ...words]);
  async function run(...words: string[]): Promise<{ readonly code: number; readonly out: string }> {
    const child = inside(...words);
    let out = '';
    child.stdout.on('data', (data) => {
      out += String(data);
    });
    const [code] = (await once(child, 'close')) as [number];
    return { code, out };
  }

  test('healthy, without root, without zombies, and gone after SIGTERM', { retry: 0 }, async ({ skip }) => {
    if (reason !== null) return skip(reason);
    const app = inside(...user, 'env', `PORT=${compose.app.environment.PORT}`, 'node', '/srv/app/server.js');
    await until(async () => (await run(...user, ...check)).code === 0);
    const client = inside(
      'holdline',
      'connect',
      `ws://127.0.0.1:${said('EXPOSE')}/`,
      '--origin',
      spec.routes[0].origins[0],
    );
    let heard = '';
    for (const stream of [client.stdout, client.stderr])
      stream.on('data', (data) => {
        heard += String(data);
      });
    await until(() => /\d{4}-\d\d-\d\dT/.test(heard));

    expect((await run('ps', '-o', 'uid=', '-p', '1')).out.trim()).toBe('1000');
    // A process whose parent has ended becomes a child of process 1.
    await run('sh', '-c', 'sleep 0.1 & true');
    await until(async () => !(await run('ps', '-A', '-o', 'stat=,comm=')).out.includes('sleep'));
    expect((await run('ps', '-A', '-o', 'stat=')).out).not.toContain('Z');

    // A server that is down is not the container’s illness.
    app.kill('SIGKILL');
    expect(await run(...user, ...check)).toEqual({ code: 0, out: 'alive\n' });
    const ended = once(outer, 'exit');
    process.kill(first(), said('STOPSIGNAL') as NodeJS.Signals);
    await ended;
    expect(output).toContain('All closed.');
    expect(heard).toMatch(/1012|1001/);
  });
});
