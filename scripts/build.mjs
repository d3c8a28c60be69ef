// Compiles src/ to dist/ with tsc, and the pages' scripts to dist/page/. Incremental, so that a second run takes a moment.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
for (const project of ['tsconfig.build.json', 'src/web/bench/tsconfig.json']) {
  const command = ['node_modules/typescript/bin/tsc', '-p', project];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
copyFileSync(`${root}src/web/bench/page.css`, `${root}dist/page/web/bench/page.css`);
chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
