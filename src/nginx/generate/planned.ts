/** From a spec to what is served and every number for it. */
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { closesPerSecond } from '../../base/drain.ts';
import { formatVersion, versionDefault } from '../../base/nginx-version.ts';
import { machineFromSpec, workloadFromSpec } from '../../plan/nginx/from-spec.ts';
import { completeMachine, type MachineFacts } from '../../plan/nginx/machine.ts';
import { type NginxPlan, planNginx } from '../../plan/nginx/plan.ts';
import { completeWorkload, type Workload } from '../../plan/nginx/workload.ts';
import type { Spec } from '../../spec/model.ts';
import { type Form, listenCount, type Site, siteDefaults } from './site.ts';

/** What an nginx is asked for beside the spec. */
export interface SiteRequest {
  /** An nginx version such as `1.22.1`, from 1.18 on. Default: 1.30.0. */
  readonly target?: string;
  /**
   * Default: the spec's `host`, and what most machines have; `readMachineFacts()` of `holdline/plan` reads this one.
   */
  readonly machine?: Partial<Omit<MachineFacts, 'assumed'>>;
  /** What is known of the traffic and not in the spec. */
  readonly workload?: Partial<Workload>;
  /** What is served and not in the spec. */
  readonly site?: Partial<Omit<Site, keyof Spec>>;
}

export interface SiteFindings<Value> {
  /** null when an error was found. */
  readonly value: Value | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlannedSite {
  readonly plan: NginxPlan;
  readonly site: Site;
}

/** What is served, and every number for it. */
export function planSite(spec: Spec, request: SiteRequest, form: Form): SiteFindings<PlannedSite> {
  const site = siteFor(spec, request.site);
  const said = workloadFromSpec(spec);
  const { value: plan, diagnostics } = planNginx({
    workload: completeWorkload({
      ...said,
      drainPerSecond: slowestDrain(spec),
      ...request.workload,
      sourceAddresses: Math.max(1, site.bind.length),
      listens: listenCount(site, form),
    }),
    machine: completeMachine({ ...machineFromSpec(spec), ...request.machine }),
    target: request.target ?? formatVersion(versionDefault),
  });
  return { value: plan === null || hasErrors(diagnostics) ? null : { plan, site }, diagnostics };
}

/** What a spec serves; what it does not say is as most people have it. */
export function siteFor(spec: Spec, more: Partial<Omit<Site, keyof Spec>> = {}): Site {
  const { listen, trustedProxies, upstreams, routes, limits } = spec;
  return { ...siteDefaults, listen, trustedProxies, upstreams, routes, limits, ...more };
}

/** The application closes at its routes' pace; the slowest decides how long old workers are needed. */
export function slowestDrain(spec: Spec): number {
  const total = spec.workload.connections ?? 0;
  return Math.min(...spec.routes.map(({ drain }) => closesPerSecond(drain.rate, total)));
}
