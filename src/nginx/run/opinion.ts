/** The nginx of this machine: its version, and its opinion of a configuration. */

import { spawnSync } from 'node:child_process';
import type { Version } from '../facts/facts.ts';
import { parseVersion } from '../facts/version.ts';

export interface InstalledNginx {
  readonly version: Version;
  /** `nginx -t` of a file, whose path has to be absolute. */
  readonly test: (file: string) => NginxOpinion;
}

export interface NginxOpinion {
  readonly accepted: boolean;
  /** What nginx said, without its time stamps. */
  readonly output: string;
}

const adminDirectories = ['/usr/sbin', '/usr/local/sbin', '/usr/local/nginx/sbin'];

/** nginx tests a configuration in moments, unless it waits for a name server that does not answer. */
const patienceMs = 60_000;

/** Null when there is none in PATH or in the directories of administrators, which ordinary users have not in theirs. */
export function installedNginx(env: Readonly<Record<string, string | undefined>>): InstalledNginx | null {
  const options = {
    // An empty part of PATH would mean the working directory, where a stranger's nginx may lie.
    env: {
      ...env,
      PATH: [...(env.PATH ?? '').split(':'), ...adminDirectories].filter((part) => part !== '').join(':'),
    },
    encoding: 'utf8',
    timeout: patienceMs,
  } as const;
  const asked = spawnSync('nginx', ['-v'], options);
  const version = asked.error === undefined ? parseVersion(asked.stderr.replace(/^[^:]*:/, '')) : null;
  if (version === null) return null;
  return {
    version,
    test: (file) => {
      const result = spawnSync('nginx', ['-t', '-q', '-c', file], options);
      return { accepted: result.status === 0, output: result.stderr.trim() };
    },
  };
}
