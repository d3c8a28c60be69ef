import type { Diagnostic } from '../base/diagnostic.ts';
import type { EdgePlan } from '../plan/edge.ts';

/** What a new plan means for an edge that runs by an old one. */
export interface PlanChange {
  /** Names of the parts that differ: `routes`, `upstreams`, `limits` … */
  readonly changed: readonly string[];
  /** Errors: the plan cannot be applied at all. Warnings: it can, but for what they name. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Parts that are fixed when the processes start, with what keeps them from changing. */
const fixedParts = {
  listen: { severity: 'error', why: 'listening sockets are bound once, when the edge starts' },
  hooks: { severity: 'error', why: 'a worker loads the hooks module once, when it starts' },
  workers: { severity: 'warning', why: 'the number of workers is set when the edge starts; the running ones stay' },
  control: { severity: 'warning', why: 'the control API is bound once, when the edge starts; it stays where it is' },
} as const satisfies Partial<Record<keyof EdgePlan, Pick<Diagnostic, 'severity' | 'why'>>>;

/** Parts that explain the plan or were its input, and change nothing by themselves. */
const silentParts: ReadonlySet<string> = new Set(['reasons', 'workload', 'host']);

export function planChange(before: EdgePlan, after: EdgePlan): PlanChange {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof EdgePlan)[];
  const changed = names.filter((name) => !silentParts.has(name) && !same(before[name], after[name]));
  const diagnostics = changed.flatMap((name): Diagnostic[] => {
    if (!Object.hasOwn(fixedParts, name)) return [];
    const { severity, why } = fixedParts[name as keyof typeof fixedParts];
    return [
      {
        code: 'reload-needs-restart',
        severity,
        message: `"${name}" changed, and a running edge cannot change it`,
        where: { path: name },
        why,
        help: 'restart the edge, or take the change back',
      },
    ];
  });
  return { changed, diagnostics };
}

/** Plans are plain data, built by one function that always writes the fields in the same order. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
