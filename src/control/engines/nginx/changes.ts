/**
 * Takes over new specs. Each is compared by meaning with what runs, told before the reload, and tried by nginx. A
 * reload leaves a generation of workers, so there is a budget of them; a change past it waits for its time.
 */
import type { Diagnostic } from '../../../base/diagnostic.ts';
import { HoldlineError } from '../../../base/error.ts';
import type { EdgePlan } from '../../../plan/edge/model.ts';
import { afterReload, nextReloadAtMs, noReloads, reloadsInTheHour } from '../../../policy/pacing/reload-budget.ts';
import type { Spec } from '../../../spec/model.ts';
import type { ApplyOutcome } from '../../change/apply.ts';
import { planChange } from '../../change/plan-change.ts';
import type { ReloadPreview } from '../../edge/preview.ts';
import type { EdgeEventSink } from '../../log/notices.ts';
import type { WorkerStatus } from '../../workers/state.ts';
import { foresee, stayText } from './foresight.ts';
import type { NginxLife } from './life.ts';
import type { Running } from './running.ts';
import type { Settled } from './settled.ts';
import type { ConnectionTable } from './table.ts';

export interface NginxChanges {
  apply(spec: Spec, plan: EdgePlan): Promise<ApplyOutcome>;
  preview(spec: Spec, plan: EdgePlan): Promise<ReloadPreview>;
  close(): void;
}

export interface NginxChangesOptions {
  readonly running: Running;
  readonly life: Pick<NginxLife, 'reload' | 'refusal'>;
  readonly table: ConnectionTable;
  readonly workers: () => readonly WorkerStatus[];
  readonly note: EdgeEventSink;
  readonly nowMs: () => number;
  readonly reloadsPerHour: number;
  /** What was found and told at the start. */
  readonly said: readonly Diagnostic[];
  readonly settle: (
    spec: Spec,
    plan: EdgePlan,
  ) => { readonly value: Settled | null; readonly diagnostics: readonly Diagnostic[] };
}

export function takeChanges(options: NginxChangesOptions): NginxChanges {
  const { running, life, table, workers, note, nowMs, reloadsPerHour, settle } = options;
  let budget = noReloads;
  /** What was found of the spec that runs is not said again with each reload. */
  let said: ReadonlySet<string> = new Set(options.said.map(({ message }) => message));
  let waiting: NodeJS.Timeout | null = null;
  /** Said once, though the spec may be read again meanwhile. */
  let waitTold = '';
  /** One at a time: what waited and what was asked for may come together. */
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  }

  function changedBy(next: Settled): readonly string[] {
    const { changed } = planChange(running.settled.plan, next.plan);
    if (next.meaning === running.settled.meaning)
      return changed.map((each) => `${each} (the same to nginx, which is not reloaded)`);
    return changed.length === 0 ? ['configuration or certificates'] : changed;
  }

  function takeOver(next: Settled): void {
    running.settled = { ...next, plan: { ...next.plan, control: running.settled.plan.control } };
  }

  function wait(spec: Spec, plan: EdgePlan, changed: readonly string[], atMs: number): ApplyOutcome {
    waiting = setTimeout(() => void inTurn(() => apply(spec, plan)), atMs - nowMs());
    const what = `${changed.join('; ')}: ${waitText(reloadsPerHour, atMs)}`;
    if (what !== waitTold) note({ kind: 'nginx-reload-waits', changed, dueAtMs: atMs });
    waitTold = what;
    return { changed: [], diagnostics: [new HoldlineError('engine-reload-waits', what).diagnostic()] };
  }

  async function apply(spec: Spec, plan: EdgePlan): Promise<ApplyOutcome> {
    // What waited is replaced by what is wanted now.
    if (waiting !== null) clearTimeout(waiting);
    waiting = null;
    const { value: next, diagnostics } = settle(spec, plan);
    if (next === null) return { changed: [], diagnostics };
    const changed = changedBy(next);
    if (next.meaning === running.settled.meaning) {
      waitTold = '';
      takeOver(next);
      return { changed, diagnostics: [] };
    }
    const atMs = nextReloadAtMs(budget, reloadsPerHour, nowMs());
    if (atMs > nowMs()) return wait(spec, plan, changed, atMs);
    try {
      await life.reload(next.text);
    } catch (error) {
      if (!(error instanceof HoldlineError)) throw error;
      return { changed: [], diagnostics: [error.diagnostic()] };
    }
    budget = afterReload(budget, nowMs());
    waitTold = '';
    note({ kind: 'nginx-reloaded', stay: stayText(table.totals, running.settled.shutdownMs) });
    takeOver(next);
    note({ kind: 'reloaded', changed });
    const news = diagnostics.filter(({ message }) => !said.has(message));
    said = new Set(diagnostics.map(({ message }) => message));
    return { changed, diagnostics: news };
  }

  return {
    apply: (spec, plan) => inTurn(() => apply(spec, plan)),
    preview: (spec, plan) =>
      inTurn(async () => {
        const { value: next, diagnostics } = settle(spec, plan);
        if (next === null) return { changed: [], diagnostics, effects: [] };
        const changed = changedBy(next);
        if (next.meaning === running.settled.meaning)
          return { changed, diagnostics: [], effects: changed.length === 0 ? [] : ['nginx would not be reloaded.'] };
        const refusal = await life.refusal(next.text);
        if (refusal !== null) return { changed: [], diagnostics: [refusal.diagnostic()], effects: [] };
        const atMs = nextReloadAtMs(budget, reloadsPerHour, nowMs());
        const turn =
          atMs > nowMs()
            ? `It waits: ${waitText(reloadsPerHour, atMs)}.`
            : `It would be reload ${reloadsInTheHour(budget, nowMs()) + 1} of at most ${reloadsPerHour} in an hour.`;
        const effects = foresee({ totals: table.totals, workers: workers(), now: running.settled, next });
        return { changed, diagnostics: [], effects: [...effects, turn] };
      }),
    close() {
      if (waiting !== null) clearTimeout(waiting);
    },
  };
}

function waitText(perHour: number, atMs: number): string {
  return `nginx was reloaded ${perHour} times within an hour, and the next reload is at ${new Date(atMs).toTimeString().slice(0, 8)}`;
}
