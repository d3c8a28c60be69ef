/** From a spec to an nginx configuration, with the plan that its numbers are from. */
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { closesPerSecond } from '../../base/drain.ts';
import { formatVersion, versionDefault } from '../../base/nginx-version.ts';
import { machineFromSpec, workloadFromSpec } from '../../plan/nginx/from-spec.ts';
import { completeMachine, type MachineFacts } from '../../plan/nginx/machine.ts';
import { type NginxPlan, planNginx } from '../../plan/nginx/plan.ts';
import { completeWorkload, type Workload } from '../../plan/nginx/workload.ts';
import type { Spec } from '../../spec/model.ts';
import { type Generated, generate } from '../generate/generate.ts';
import type { Remarks } from '../generate/render.ts';
import { type Form, listenCount, type Site, siteDefaults } from '../generate/site.ts';

/** What an nginx is asked for beside the spec. */
export interface SiteRequest {
  /** An nginx version such as `1.22.1`, from 1.18 on. Default: 1.30.0. */
  readonly target?: string;
  /** Default: the spec's `host`, and what most machines have; `readMachineFacts()` of `holdline/plan` reads this one. */
  readonly machine?: Partial<Omit<MachineFacts, 'assumed'>>;
  /** What is known of the traffic and not in the spec. */
  readonly workload?: Partial<Workload>;
  /** What is served and not in the spec. */
  readonly site?: Partial<Omit<Site, keyof Spec>>;
}

export interface GenerateSettings extends SiteRequest {
  /** `whole` (the default) is an nginx.conf; `fragment` is for a conf.d directory. */
  readonly form?: Form;
  /** `reasons` says above each line why it is there. Default: `headings`. */
  readonly remarks?: Remarks;
}

export interface GeneratedSite extends Generated {
  readonly plan: NginxPlan;
}

export interface SiteFindings<Value> {
  /** null when an error was found. */
  readonly value: Value | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** An nginx configuration and the files around it. Pure; what nginx cannot do, or cannot be planned, is a diagnostic. */
export function generateFor(spec: Spec, options: GenerateSettings = {}): SiteFindings<GeneratedSite> {
  const { form = 'whole', remarks = 'headings', ...request } = options;
  const planned = planSite(spec, request, form);
  if (planned.value === null) return { value: null, diagnostics: planned.diagnostics };
  const { plan, site } = planned.value;
  const { value, diagnostics } = generate({ plan, site, form, remarks });
  const found = [...planned.diagnostics, ...diagnostics];
  return { value: value === null ? null : { ...value, plan }, diagnostics: found };
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
