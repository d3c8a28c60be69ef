import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** null when `unshare` can make such namespaces here; otherwise the reason for skipping. */
export function whyNoNamespaces(namespaces: readonly string[]): string | null {
  if (process.getuid?.() !== 0) return 'namespaces with mounts need root';
  const tried = spawnSync('unshare', [...namespaces, 'mount', '--make-rprivate', '/']);
  return tried.status === 0 ? null : 'nobody may make namespaces here';
}

/**
 * Has a shell run these commands when they are asked for, or when this process is gone, however it ended: nothing
 * outlives a test that was killed. Resolves when that is over. `needed: false`: there is nothing left to do.
 */
export function atTheEnd(commands: string): (options?: { readonly needed: boolean }) => Promise<void> {
  const shell = spawn('sh', ['-c', `read -r word && exit; ${commands}`], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  const over = once(shell, 'exit');
  return async ({ needed } = { needed: true }) => {
    shell.stdin!.end(needed ? '' : 'no\n');
    await over;
  };
}
