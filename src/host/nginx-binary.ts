/** The nginx program of this machine. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export interface NginxBinary {
  readonly path: string;
  /** `1.22.1`. */
  readonly version: string;
}

/** Where administrators have it; ordinary users of Debian have these not in their PATH. */
const adminDirectories = ['/usr/sbin', '/usr/local/sbin', '/usr/local/nginx/sbin', '/opt/homebrew/bin'];

/** Null when none is found or it does not say its version. `searchPath` is as in PATH. */
export function findNginx(searchPath: string, also: readonly string[] = adminDirectories): NginxBinary | null {
  // An empty part would mean the working directory, where a stranger's nginx may lie.
  const directories = [...searchPath.split(':').filter((part) => part.startsWith('/')), ...also];
  const found = directories.map((directory) => path.join(directory, 'nginx')).find(isExecutable);
  if (found === undefined) return null;
  const said = spawnSync(found, ['-v'], { encoding: 'utf8', timeout: 5_000 });
  const version = /nginx version: \S*?\/(\d+\.\d+\.\d+)/.exec(said.stderr ?? '')?.[1];
  return version === undefined ? null : { path: found, version };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: the next directory may have it.
    return false;
  }
}
