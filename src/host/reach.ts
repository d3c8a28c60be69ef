/** Whether a user without rights of its own could read a file. */
import { type Stats, statSync } from 'node:fs';
import path from 'node:path';

export type Reach =
  | { readonly kind: 'anybody' }
  /** Only members of these groups, by number. */
  | { readonly kind: 'groups'; readonly groups: readonly number[] }
  /** This file or folder keeps everybody out. */
  | { readonly kind: 'nobody'; readonly at: string }
  | { readonly kind: 'missing' };

const root = 0;

/** Looks at the file and at the folders on the way to it. Throws nothing. */
export function reachOf(file: string): Reach {
  const groups = new Set<number>();
  const names = file.split(path.sep);
  for (let depth = 2; depth <= names.length; depth++) {
    const at = names.slice(0, depth).join(path.sep);
    let stats: Stats;
    try {
      stats = statSync(at);
    } catch {
      return { kind: 'missing' };
    }
    // A folder on the way has to let through, what stands at its end has to be readable, and a folder there both.
    const last = depth === names.length;
    const wanted = (last ? 0o4 : 0) | (stats.isDirectory() ? 0o1 : 0);
    if ((stats.mode & wanted) === wanted) continue;
    const forGroup = wanted << 3;
    if ((stats.mode & forGroup) !== forGroup || stats.gid === root) return { kind: 'nobody', at };
    groups.add(stats.gid);
  }
  return groups.size === 0 ? { kind: 'anybody' } : { kind: 'groups', groups: [...groups] };
}
