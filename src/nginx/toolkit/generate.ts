/** From a spec to an nginx configuration, with the plan that its numbers are from. */

import type { NginxPlan } from '../../plan/nginx/plan.ts';
import type { Spec } from '../../spec/model.ts';
import { type Generated, generate } from '../generate/generate.ts';
import { planSite, type SiteFindings, type SiteRequest } from '../generate/planned.ts';
import type { Remarks } from '../generate/render.ts';
import type { Form } from '../generate/site.ts';

export interface GenerateSettings extends SiteRequest {
  /** `whole` (the default) is an nginx.conf; `fragment` is for a conf.d directory. */
  readonly form?: Form;
  /** `reasons` says above each line why it is there. Default: `headings`. */
  readonly remarks?: Remarks;
}

export interface GeneratedSite extends Generated {
  readonly plan: NginxPlan;
}

/**
 * An nginx configuration and the files around it. Pure; what nginx cannot do, or cannot be planned, is a diagnostic.
 */
export function generateFor(spec: Spec, options: GenerateSettings = {}): SiteFindings<GeneratedSite> {
  const { form = 'whole', remarks = 'headings', ...request } = options;
  const planned = planSite(spec, request, form);
  if (planned.value === null) return { value: null, diagnostics: planned.diagnostics };
  const { plan, site } = planned.value;
  const { value, diagnostics } = generate({ plan, site, form, remarks });
  const found = [...planned.diagnostics, ...diagnostics];
  return { value: value === null ? null : { ...value, plan }, diagnostics: found };
}
