import type { Diagnostic } from '../../base/diagnostic.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { comparePlans, type PlanChanges } from '../../plan/edge/plan.ts';

/** What a new plan means for an edge that runs by an old one. */
export interface PlanChange {
  /** What differs, for people: `routes chat, feed`, `limits` … Empty when nothing does. */
  readonly changed: readonly string[];
  /** Errors: the plan cannot be applied at all. Warnings: it can, but for what they name. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Parts that are fixed when the processes start, with what keeps them from changing. */
const fixedParts = {
  listeners: { severity: 'error', path: 'listen', why: 'listening sockets are bound once, when the edge starts' },
  'limits.head': {
    severity: 'warning',
    path: 'limits.head',
    why: 'the readers of requests are made with their limit; the old one stays',
  },
  control: {
    severity: 'warning',
    path: 'control',
    why: 'the control API is bound once, when the edge starts; it stays where it is',
  },
} as const satisfies Partial<Record<keyof PlanChanges, Pick<Diagnostic, 'severity' | 'why'> & { path: string }>>;

export function planChange(before: EdgePlan, after: EdgePlan): PlanChange {
  const parts = Object.entries(comparePlans(before, after)) as [keyof PlanChanges, PlanChanges[keyof PlanChanges]][];
  const differing = parts.filter(([, difference]) => differs(difference));
  return {
    changed: differing.map(([part, difference]) => [part, namesIn(difference)].join(' ').trimEnd()),
    diagnostics: differing.flatMap(([part]) =>
      part in fixedParts ? [restartNeeded(part as keyof typeof fixedParts)] : [],
    ),
  };
}

function restartNeeded(part: keyof typeof fixedParts): Diagnostic {
  const { severity, path, why } = fixedParts[part];
  return {
    code: 'reload-needs-restart',
    severity,
    message: `${path} changed, which a running edge cannot change`,
    where: { path },
    why,
    help: 'restart the edge, or undo the change',
  };
}

function differs(difference: PlanChanges[keyof PlanChanges]): boolean {
  return typeof difference === 'boolean' ? difference : namesIn(difference) !== '';
}

function namesIn(difference: PlanChanges[keyof PlanChanges]): string {
  if (typeof difference === 'boolean') return '';
  return [...difference.added, ...difference.removed, ...difference.changed].join(', ');
}
