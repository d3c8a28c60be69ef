/** The plan for nginx: pure arithmetic from a workload, the host's facts and the target version. */

import type { Diagnostic, Findings } from '../../base/diagnostic.ts';
import {
  formatVersion,
  isPlanned,
  type NginxVersion,
  readVersion,
  versionFirst,
  versionNewest,
} from '../../base/nginx-version.ts';
import { formatDuration } from '../../base/units.ts';
import { changesFor } from './changes.ts';
import { checkTask, type PlanCode, planDiagnostic } from './check.ts';
import { type Change, num } from './figure.ts';
import { type Largest, type Limit, largest, limitsOf } from './limits.ts';
import type { MachineFacts } from './machine.ts';
import { type PlanTask, type Sizes, sizesFor } from './sizes.ts';
import { type TimeoutChain, timeoutChain } from './timeout-chain.ts';
import type { Workload } from './workload.ts';

/** `fits-after-changes`: the machine is large enough, settings or addresses are not. */
export type PlanVerdict = 'fits' | 'fits-after-changes' | 'does-not-fit';

export interface NginxPlan extends Sizes {
  readonly version: NginxVersion;
  readonly workload: Workload;
  readonly machine: MachineFacts;
  readonly verdict: PlanVerdict;
  readonly limits: readonly Limit[];
  readonly largest: Largest;
  readonly changes: readonly Change[];
  readonly chain: TimeoutChain;
}

export interface PlanRequest {
  readonly workload: Workload;
  readonly machine: MachineFacts;
  /** As the user wrote it: `1.22.1`. */
  readonly target: string;
}

/**
 * A null value comes with at least one error. An overcommitted workload is planned all the same, with what to change.
 */
export function planNginx(request: PlanRequest): Findings<NginxPlan | null, PlanCode> {
  const version = plannedVersion(request.target);
  const refused = checkTask(request.workload, request.machine);
  if (version === null) refused.unshift(unknownVersion(request.target));
  if (version === null || refused.length > 0) return { value: null, diagnostics: refused };
  const task: PlanTask = { workload: request.workload, machine: request.machine, version };
  const sizes = sizesFor(task);
  const limits = limitsOf(task, sizes);
  const { workload } = task;
  const nginxHop = { name: 'nginx', idleTimeoutMs: sizes.timeouts.proxyReadTimeout.value };
  const plan: NginxPlan = {
    ...sizes,
    version,
    workload,
    machine: task.machine,
    verdict: verdictOf(limits),
    limits,
    largest: largest(task),
    changes: changesFor(task, sizes),
    chain: timeoutChain(workload.heartbeat?.everyMs ?? null, [...workload.hops, nginxHop]),
  };
  return { value: plan, diagnostics: [...capacityFindings(plan), ...heartbeatFindings(plan)] };
}

function verdictOf(limits: readonly Limit[]): PlanVerdict {
  if (limits.every((limit) => limit.need <= limit.have)) return 'fits';
  return limits.every((limit) => limit.need <= limit.haveRaised) ? 'fits-after-changes' : 'does-not-fit';
}

function plannedVersion(target: string): NginxVersion | null {
  const version = readVersion(target);
  return version !== null && isPlanned(version) ? version : null;
}

function unknownVersion(target: string): Diagnostic<PlanCode> {
  const span = `${versionFirst.slice(0, 2).join('.')} to ${versionNewest.slice(0, 2).join('.')}`;
  return planDiagnostic('plan-version-unknown', `"${target}" is not an nginx version from ${span}`, { path: 'target' });
}

function capacityFindings(plan: NginxPlan): Diagnostic<PlanCode>[] {
  if (plan.verdict === 'fits') return [];
  const short = plan.limits.filter((limit) => limit.need > limit.have).map((limit) => limit.name);
  const { asItIs, raised } = plan.largest;
  const wanted = num(plan.workload.connections);
  return plan.verdict === 'does-not-fit'
    ? [
        planDiagnostic(
          'plan-does-not-fit',
          `${wanted} connections do not fit; this host carries ${num(raised.connections)}, and then ${raised.limitedBy} runs out`,
          { help: plan.changes.map((change) => change.what).join('; ') },
        ),
      ]
    : [
        planDiagnostic(
          'plan-needs-changes',
          `${wanted} connections fit after changes; as it is the host carries ${num(asItIs.connections)} (short of: ${short.join(', ')})`,
          { help: plan.changes.map((change) => change.what).join('; ') },
        ),
      ];
}

function heartbeatFindings(plan: NginxPlan): Diagnostic<PlanCode>[] {
  const { chain } = plan;
  if (chain.weakest === null || chain.verdict === 'holds') return [];
  const { name, idleTimeoutMs } = chain.weakest;
  const limit = formatDuration(idleTimeoutMs!);
  const help = `send a heartbeat every ${formatDuration(chain.heartbeatMsMax!)} or more often`;
  if (chain.heartbeatMs === null)
    return [
      planDiagnostic(
        'plan-heartbeat-missing',
        `nobody sends a heartbeat: ${name} cuts a quiet connection after ${limit}`,
        { help },
      ),
    ];
  const every = formatDuration(chain.heartbeatMs);
  return chain.verdict === 'cuts'
    ? [
        planDiagnostic(
          'plan-heartbeat-too-slow',
          `${name} cuts after ${limit} of silence, the heartbeat comes every ${every}`,
          { help },
        ),
      ]
    : [
        planDiagnostic(
          'plan-heartbeat-tight',
          `${name} cuts after ${limit} of silence: one lost heartbeat of ${every} is enough`,
          { help },
        ),
      ];
}

/** For titles: `1.22.1`. */
export function targetOf(plan: NginxPlan): string {
  return formatVersion(plan.version);
}
