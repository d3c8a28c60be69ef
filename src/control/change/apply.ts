import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import type { Certificate } from '../../gateway/contract.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { drainOfRoute } from '../drain/of-edge.ts';
import type { EdgeParts } from '../parts.ts';
import { overlayFindings } from '../servers/overlay.ts';
import type { Current } from './current.ts';
import { planChange } from './plan-change.ts';

export interface ApplyOutcome {
  readonly changed: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Takes over a new plan in a running edge, or says why it cannot; then nothing has changed. `certificates`: null keeps
 * those that run.
 */
export function applyPlan(
  parts: EdgeParts,
  current: Current,
  next: EdgePlan,
  certificates: readonly (Certificate | null)[] | null,
): ApplyOutcome {
  const planned = planChange(current.plan, next);
  if (hasErrors(planned.diagnostics)) return planned;
  const renewed = certificates !== null && current.takesCertificates(certificates);
  const changed = renewed ? [...planned.changed, 'certificates'] : planned.changed;
  if (renewed) tellCertificates(parts, current);
  if (changed.length === 0) {
    // The plan names the hooks module, and the module may be another one now: the workers look.
    if (current.plan.hooks !== null) tellPlan(parts, current);
    return planned;
  }
  const overlay = overlayFindings(parts.book.rows(), parts.named.resolved(next));
  takeOver(parts, current, next);
  parts.note({ kind: 'reloaded', changed });
  return { changed, diagnostics: [...planned.diagnostics, ...overlay] };
}

export function tellCertificates({ pool }: EdgeParts, current: Current): void {
  pool.tellAll({ kind: 'certificates', certificates: current.certificates });
}

function tellPlan({ pool, named, book }: EdgeParts, current: Current): void {
  pool.tellAll({ kind: 'apply', plan: named.resolved(current.plan), servers: book.lists() });
}

function takeOver(parts: EdgeParts, current: Current, next: EdgePlan): void {
  const before = current.plan;
  // What cannot change in a running edge stays as it runs, so that the next comparison is with what is true.
  const limits = { ...next.limits, headBytesMax: before.limits.headBytesMax };
  const plan = { ...next, limits, control: before.control };
  current.plan = plan;
  parts.desk.apply(plan);
  parts.drains.apply(plan);
  parts.gates.apply(plan);
  parts.named.apply(plan);
  const left = parts.book.apply(parts.named.resolved(plan));
  parts.managed.apply(plan);
  tellPlan(parts, current);
  // A worker that does not start has said so as an event; those that run go on.
  if (plan.workers !== before.workers) parts.evens.resize(plan.workers).catch(() => undefined);
  parts.servers.sweep(left);
  for (const { name } of before.routes) {
    if (plan.routes.some((route) => route.name === name)) continue;
    // A worker that dies meanwhile has taken its connections with it; there is nobody to tell.
    parts.drains.start(drainOfRoute(name, `route ${name}, which is no longer in the spec`)).catch(() => undefined);
  }
}
