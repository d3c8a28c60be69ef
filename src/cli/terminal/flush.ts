import type { Writable } from 'node:stream';

/**
 * Resolves when everything that was written so far has left this process. A pipe takes 64 KiB and the rest waits in
 * memory, so that process.exit right after a write cuts the output off. A reader that has gone away is no reason to
 * wait.
 */
export function flushed(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (output.destroyed || output.writableEnded) resolve();
    else {
      output.once('close', resolve);
      output.write('', () => resolve());
    }
  });
}
