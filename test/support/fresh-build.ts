/**
 * Before any test: workers and hook threads run what is compiled in dist/, so dist/ is built when a source is newer
 * than the last build. Costs some milliseconds when nothing has changed.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** scripts/build.mjs gives this file the time at which it began. */
export const stamp = path.join(root, 'dist/.tsbuildinfo');

export default function buildWhatChanged(): void {
  if (!isStale(path.join(root, 'src'), stamp)) return;
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('src/ does not compile, and tests of workers would run an old dist/');
}

/**
 * Is anything under the folder newer than the file, or the file not there? Directories count, for what was taken away.
 */
export function isStale(folder: string, file: string): boolean {
  const built = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return ['.', ...names].some((name) => statSync(path.join(folder, name)).mtimeMs > built);
}
