/** Takes over a new spec: compared by meaning with what runs, tried by nginx, and told before the reload. */
import type { Diagnostic } from '../../../base/diagnostic.ts';
import { HoldlineError } from '../../../base/error.ts';
import { formatDuration } from '../../../base/units.ts';
import type { EdgePlan } from '../../../plan/edge/model.ts';
import type { Spec } from '../../../spec/model.ts';
import type { ApplyOutcome } from '../../change/apply.ts';
import { planChange } from '../../change/plan-change.ts';
import type { EdgeEventSink } from '../../log/notices.ts';
import type { NginxLife } from './life.ts';
import type { Running } from './running.ts';
import type { Settled } from './settled.ts';
import type { ConnectionTable } from './table.ts';

export interface NginxChangesOptions {
  readonly running: Running;
  readonly life: Pick<NginxLife, 'reload'>;
  readonly table: ConnectionTable;
  readonly note: EdgeEventSink;
  readonly settle: (
    spec: Spec,
    plan: EdgePlan,
  ) => { readonly value: Settled | null; readonly diagnostics: readonly Diagnostic[] };
}

export async function applyChange(options: NginxChangesOptions, spec: Spec, plan: EdgePlan): Promise<ApplyOutcome> {
  const { running, life, table, note } = options;
  const { settled } = running;
  const { value: next, diagnostics } = options.settle(spec, plan);
  if (next === null) return { changed: [], diagnostics };
  const { changed } = planChange(settled.plan, next.plan);
  const takeOver = () => {
    running.settled = { ...next, plan: { ...next.plan, control: settled.plan.control } };
  };
  if (next.meaning === settled.meaning) {
    takeOver();
    return { changed: changed.map((each) => `${each} (the same to nginx, which was not reloaded)`), diagnostics: [] };
  }
  try {
    await life.reload(next.text);
  } catch (error) {
    if (!(error instanceof HoldlineError)) throw error;
    return { changed: [], diagnostics: [error.diagnostic()] };
  }
  note({ kind: 'nginx-reloaded', stay: stayText(table, settled.shutdownMs) });
  takeOver();
  const what = changed.length === 0 ? ['configuration or certificates'] : [...changed];
  note({ kind: 'reloaded', changed: what });
  return { changed: what, diagnostics };
}

/** Which connections a reload leaves in old workers, and until when. */
function stayText(table: ConnectionTable, shutdownMs: number): string {
  const open = Object.entries(table.totals.routes).filter(([, route]) => route.open > 0);
  if (open.length === 0) return 'nobody is connected';
  const counts = open.map(([name, route]) => `${route.open} of ${name}`).join(', ');
  return `${counts} stay with their workers, for ${formatDuration(shutdownMs)} at most`;
}
