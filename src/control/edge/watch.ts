import { watch } from 'node:fs';
import path from 'node:path';

/** Editors write a file in several steps; this long after the last of them it is whole. */
const settledAfterMs = 200;

/**
 * Calls back when the file has changed, once for each burst of changes. The directory is watched rather than the
 * file, as most editors put a new file in its place.
 */
export function watchSpec(file: string, onChange: () => void): { close(): void } {
  const name = path.basename(file);
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(path.dirname(path.resolve(file)), (_event, changed) => {
    if (changed !== null && changed !== name) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, settledAfterMs);
  });
  // A directory that goes away takes the watching with it; SIGHUP and holdline reload still work.
  watcher.on('error', () => watcher.close());
  return {
    close() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
