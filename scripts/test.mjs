// The test command: installs what is missing and may be installed, builds, runs every test, and prints one closing
// line.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { testOnNginx } from './nginx-versions.mjs';
import { testOnNodes } from './node-versions.mjs';
import { ensureTestPrograms } from './test-programs.mjs';

const root = new URL('..', import.meta.url).pathname;
const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

if (!ensureTestPrograms()) process.exit(3);
if (run(process.execPath, ['scripts/build.mjs']) !== 0) process.exit(1);
if (run('npm', ['run', '--silent', 'check']) !== 0) process.exit(1);
if (run(process.execPath, ['scripts/check-package.mjs']) !== 0) process.exit(1);

mkdirSync(new URL('../.test-results/', import.meta.url), { recursive: true });
const report = '.test-results/vitest.json';
const status = run(process.execPath, [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  '--reporter=./test/support/run-notes.ts',
  `--outputFile=${report}`,
  ...process.argv.slice(2),
]);
const counts = JSON.parse(readFileSync(new URL(`../${report}`, import.meta.url), 'utf8'));
console.log(`${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${counts.numPendingTests} skipped`);
// With arguments for vitest somebody wants some tests, not every nginx and Node.
const all = process.argv.length === 2;
const onNginx = !all || (await testOnNginx());
const onNodes = !all || testOnNodes();
process.exit(status === 0 && !(onNginx && onNodes) ? 1 : status);
