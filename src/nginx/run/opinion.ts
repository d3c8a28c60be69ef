/** The nginx of this machine: its version, and its opinion of a configuration. */

import { spawnSync } from 'node:child_process';
import { findVersion, type NginxVersion } from '../../base/nginx-version.ts';
import { findNginx } from '../../host/nginx-binary.ts';

export interface InstalledNginx {
  readonly version: NginxVersion;
  /** `nginx -t` of a file, whose path has to be absolute. */
  readonly test: (file: string) => NginxOpinion;
}

export interface NginxOpinion {
  readonly accepted: boolean;
  /** What nginx said, without its time stamps. */
  readonly output: string;
}

/** nginx tests a configuration in moments, unless it waits for a name server that does not answer. */
const patienceMs = 60_000;

/** Null when there is none in PATH or in the directories of administrators, which ordinary users have not in theirs. */
export function installedNginx(env: Readonly<Record<string, string | undefined>>): InstalledNginx | null {
  const found = findNginx(env.PATH ?? '');
  const version = found === null ? null : findVersion(found.version);
  if (found === null || version === null) return null;
  return {
    version,
    test: (file) => {
      const result = spawnSync(found.path, ['-t', '-q', '-c', file], { env, encoding: 'utf8', timeout: patienceMs });
      return { accepted: result.status === 0, output: result.stderr.trim() };
    },
  };
}
