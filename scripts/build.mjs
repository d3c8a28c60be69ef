// Compiles src/ to dist/ with tsc, packs what belongs together (pack.mjs), and puts the pages' scripts into dist/page/
// and dist/edge-page/. Incremental, so that a second run takes a moment. --clean begins with an empty dist/: what is
// packed holds nothing of files that are gone.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
const began = new Date();
if (!existsSync(`${root}dist/.tsbuildinfo`)) console.error('Building dist/. The first time takes about a minute.');
if (process.argv.includes('--clean')) rmSync(`${root}dist`, { recursive: true, force: true });
for (const project of ['tsconfig.build.json', 'src/web/bench/tsconfig.json', 'src/web/edge/tsconfig.json']) {
  const command = ['node_modules/typescript/bin/tsc', '-p', project];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
await import('./pack.mjs');
copyFileSync(`${root}src/web/bench/page.css`, `${root}dist/page/web/bench/page.css`);
copyFileSync(`${root}src/web/edge/index.html`, `${root}dist/edge-page/index.html`);
// One file for the browser. `narrow` overrules the others, so it is last.
const style = ['frame', 'overview', 'search', 'grid', 'events', 'dialog', 'narrow'];
const styles = style.map((name) => readFileSync(`${root}src/web/edge/style/${name}.css`, 'utf8'));
writeFileSync(`${root}dist/edge-page/web/edge/page.css`, styles.join(''));
chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
// Sources that are newer than this are not built yet: test/support/fresh-build.ts looks.
utimesSync(`${root}dist/.tsbuildinfo`, began, began);
