// Compiles src/ to dist/ with tsc. Incremental, so that a second run takes a moment.
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
const result = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (result.status !== 0) process.exit(result.status ?? 1);
chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
