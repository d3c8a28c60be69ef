/**
 * Tries the generated configuration on the nginx of this machine: on free ports of loopback, beside whatever runs
 * already.
 */
import type { Diagnostic } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import { isPlanned, readVersion } from '../../base/nginx-version.ts';
import { findNginx, type NginxBinary } from '../../host/nginx-binary.ts';
import type { Spec } from '../../spec/model.ts';
import { planSite, type SiteRequest } from '../generate/planned.ts';
import type { VerifyResult } from '../run/verify/check.ts';
import { runVerifyChecks } from '../run/verify/run-checks.ts';
import { prepareTrial } from '../run/verify/trial.ts';

export interface VerifyOptions extends Omit<SiteRequest, 'target'> {
  /** Directories that nginx is looked for in, as in PATH. Default: where administrators have it. */
  readonly searchPath?: string;
}

export interface Verification {
  /** Version of the nginx that was tried: `1.22.1`. */
  readonly nginx: string;
  /** True when nothing failed and the spec could be planned. */
  readonly passed: boolean;
  readonly checks: readonly VerifyResult[];
  /** What was tried differently from what is generated: ports, servers, a shorter timeout. */
  readonly changes: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Takes some seconds. Rejects with `verify-nginx-missing` when there is no nginx here, or none that is planned for. */
export async function verifyFor(spec: Spec, options: VerifyOptions = {}): Promise<Verification> {
  const { searchPath = '', ...request } = options;
  const binary = findVerifiable(searchPath);
  const { value, diagnostics } = planSite(spec, { ...request, target: binary.version }, 'whole');
  if (value === null) return { nginx: binary.version, passed: false, checks: [], changes: [], diagnostics };
  const trial = await prepareTrial(value.plan, value.site, binary);
  try {
    const checks = await runVerifyChecks(trial, binary);
    const passed = checks.every(({ outcome }) => outcome !== 'failed');
    return { nginx: binary.version, passed, checks, changes: trial.changes, diagnostics };
  } finally {
    await trial.close();
  }
}

/** Throws `verify-nginx-missing`. */
export function findVerifiable(searchPath: string): NginxBinary {
  const binary = findNginx(searchPath);
  if (binary === null) throw new HoldlineError('verify-nginx-missing', 'no nginx was found on this machine');
  const version = readVersion(binary.version);
  if (version !== null && isPlanned(version)) return binary;
  throw new HoldlineError(
    'verify-nginx-missing',
    `nginx ${binary.version} is outside the versions that are generated for`,
  );
}
