// The tests of nginx on newer nginx than the installed one, which the system never gets to see: Debian's packages of
// later suites, from the mirror that apt uses here, unpacked into node_modules/.cache and started through their own
// loader.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Suites whose nginx differs: 1.26 and 1.30 when this was written. */
export const suites = ['trixie', 'forky'];

/** nginx and what its binary is linked with. */
const packages = ['nginx', 'libc6', 'libcrypt1', 'libpcre2-8-0', 'libssl3t64', 'zlib1g', 'libzstd1'];

const root = path.resolve(import.meta.dirname, '..');
const cache = path.join(root, 'node_modules/.cache/nginx');

/** `{ suite, version, binary }`, or `{ suite, missing }` with the reason why it could not be fetched. */
export function otherNginx(suite) {
  const folder = path.join(cache, suite);
  const binary = path.join(folder, 'nginx');
  try {
    if (!existsSync(binary)) fetchNginx(suite, folder, binary);
    const version = /nginx\/([\d.]+)/.exec(run(binary, ['-v']).stderr)?.[1];
    if (version === undefined) throw new Error('what was unpacked does not say its version');
    return { suite, version, binary };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { suite, missing: error.message };
  }
}

function fetchNginx(suite, folder, binary) {
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'debs', 'root'])
    mkdirSync(path.join(folder, part), { recursive: true });
  const list = path.join(folder, 'apt.list');
  const status = path.join(folder, 'status');
  writeFileSync(list, `deb ${mirror()} ${suite} main\n`);
  writeFileSync(status, '');
  // apt reads and writes in this folder only; its proxies, keys and architecture stay those of the machine.
  const settings = [
    ...['-o', `Dir::Etc::sourcelist=${list}`, '-o', 'Dir::Etc::sourceparts=-', '-o', 'Dir::Etc::preferencesparts=-'],
    ...['-o', `Dir::State=${path.join(folder, 'state')}`, '-o', `Dir::State::status=${status}`],
    ...['-o', `Dir::Cache=${path.join(folder, 'cache')}`, '-o', 'Acquire::Languages=none'],
    ...['-o', 'APT::Sandbox::User=', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20'],
  ];
  run('apt-get', [...settings, '-qq', '--error-on=any', 'update']);
  const debs = path.join(folder, 'debs');
  run('apt-get', [...settings, '-qq', 'download', ...packages], { cwd: debs });
  const unpacked = path.join(folder, 'root');
  for (const deb of readdirSync(debs)) run('dpkg', ['-x', path.join(debs, deb), unpacked]);
  const found = run('find', [
    unpacked,
    '-name',
    'ld-linux*.so.*',
    '-o',
    '-name',
    'libcrypt.so.1',
    '-o',
    '-name',
    'libc.so.6',
  ]);
  const files = found.stdout.split('\n').filter((file) => file !== '');
  const loader = files.find((file) => /ld-linux/.test(file));
  if (loader === undefined) throw new Error('the packages hold no loader');
  const libraries = [...new Set(files.map((file) => path.dirname(file)))].join(':');
  const quoted = [loader, libraries, path.join(unpacked, 'usr/sbin/nginx')].map((text) => `'${text}'`);
  writeFileSync(binary, `#!/bin/sh\nexec ${quoted[0]} --library-path ${quoted[1]} ${quoted[2]} "$@"\n`);
  chmodSync(binary, 0o755);
  for (const part of ['state', 'cache', 'debs']) rmSync(path.join(folder, part), { recursive: true, force: true });
}

/** Where apt gets Debian itself from, with the key when one is named for it. */
function mirror() {
  const format = '$(SITE) $(RELEASE) $(SIGNED_BY)';
  const targets = run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']).stdout.split('\n');
  const site = targets.map((line) => line.split(' ')[0]).find((each) => /^https?:.*\/debian\/?$/.test(each));
  if (site === undefined) throw new Error('apt has no mirror of Debian here');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  return existsSync(keys) ? `[signed-by=${keys}] ${site}` : site;
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000, maxBuffer: 2 ** 26, ...options });
  if (result.error !== undefined) throw new Error(`${command}: ${result.error.message}`);
  if (result.status !== 0)
    throw new Error(`${command} ended with ${result.status}: ${result.stderr.trim().split('\n').at(-1)}`);
  return result;
}

/** What a version of nginx can change: what it accepts, what its backends get, and what is claimed of it. */
const files = [
  ...['claims-buffers', 'claims-handshake', 'claims-timeouts', 'claims-workers'],
  ...['effective', 'examples', 'fixes', 'generated', 'generated-log', 'versions'],
].map((name) => `test/real/nginx/${name}.test.ts`);

/**
 * True when the tests hold on every version that could be had. The versions run side by side: most of the time is
 * waiting.
 */
export async function testOnNginx() {
  const startedMs = performance.now();
  const runs = suites.map(otherNginx).map(async ({ suite, version, binary, missing }) => {
    if (missing !== undefined) {
      console.log(`nginx of ${suite}: skipped: ${missing}`);
      return true;
    }
    const { status, said } = await vitest({ ...process.env, TEST_NGINX: binary });
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    if (status !== 0) console.log(said);
    console.log(`nginx ${version}: ${status === 0 ? 'passed' : 'FAILED'} (${seconds} s)`);
    return status === 0;
  });
  return (await Promise.all(runs)).every((well) => well);
}

function vitest(env) {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'real*', '--reporter=dot', ...files];
  return new Promise((resolve) => {
    let said = '';
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', (error) => resolve({ status: 1, said: error.message }));
    child.on('close', (status) => resolve({ status: status ?? 1, said }));
  });
}

if (process.argv[1] === import.meta.filename) process.exitCode = (await testOnNginx()) ? 0 : 1;
