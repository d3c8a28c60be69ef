/** The nginx program of this machine. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
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

export interface NginxBuild {
  /** Built in, by their short names: `http_ssl`, `http_realip`, `http_auth_request`. */
  readonly modules: ReadonlySet<string>;
  /** Left out, though nginx has them by default: `http_mirror`. */
  readonly without: ReadonlySet<string>;
  /** Names of files that can be loaded: `ngx_http_lua_module.so`. */
  readonly loadable: readonly string[];
}

/** What it was built with, by its own word (`nginx -V`), and what lies in its folder of modules. */
export function readNginxBuild({ path: file }: NginxBinary): NginxBuild {
  const said = spawnSync(file, ['-V'], { encoding: 'utf8', timeout: 5_000 }).stderr ?? '';
  const named = (pattern: RegExp) => new Set([...said.matchAll(pattern)].map(([, name]) => name!));
  return {
    modules: named(/--with-(\w+)_module(?!=dynamic)/g),
    without: named(/--without-(\w+)_module/g),
    loadable: filesIn(/--modules-path=(\S+)/.exec(said)?.[1]),
  };
}

function filesIn(folder: string | undefined): readonly string[] {
  try {
    return folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.so'));
  } catch {
    // No module was ever installed.
    return [];
  }
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
