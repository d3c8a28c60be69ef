import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { Spec } from '../../spec/model.ts';
import type { ApplyOutcome } from '../change/apply.ts';
import type { ReloadOutcome } from '../supervisor.ts';
import { type EdgePlanRead, type EdgeSource, readEdgePlan } from './source.ts';

/** A spec without errors. */
export type ReadSpec = EdgePlanRead & { readonly plan: EdgePlan; readonly spec: Spec };

export interface ReloaderOptions {
  readonly source: EdgeSource;
  /** What carries the connections, and whether the command line said so. */
  readonly engine: EdgePlan['engine'];
  readonly overridden?: boolean;
  /** Takes over what was read, or says why it cannot. */
  readonly apply: (read: ReadSpec) => Promise<ApplyOutcome>;
  /** What was found, when anything was, with the texts that it is about. */
  readonly onFindings: (diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>) => void;
}

/**
 * Reads the spec again and applies it, one reading at a time: whoever asks while one is under way gets the outcome
 * of a reading that began after they asked. Errors change nothing.
 */
export function createReloader(options: ReloaderOptions): () => Promise<ReloadOutcome> {
  let current: Promise<ReloadOutcome> | null = null;
  let following: Promise<ReloadOutcome> | null = null;

  let lastChange: ReloadOutcome['lastChange'] = null;

  async function read(): Promise<ReloadOutcome> {
    const outcome = await readAndApply(options);
    if (outcome.changed.length > 0) lastChange = { atMs: Date.now(), changed: outcome.changed };
    return { ...outcome, lastChange };
  }

  function begin(): Promise<ReloadOutcome> {
    const reading = read().finally(() => {
      if (current === reading) current = null;
    });
    current = reading;
    return reading;
  }

  return () => {
    if (current === null) return begin();
    following ??= current.then(() => {
      following = null;
      return begin();
    });
    return following;
  };
}

export async function readAndApply({
  source,
  engine,
  overridden = false,
  apply,
  onFindings,
}: ReloaderOptions): Promise<ApplyOutcome> {
  try {
    if (source.kind === 'file' && /\.[cm]?[jt]s$/.test(source.file)) throw moduleCannotBeReread(source.file);
    const read = await readEdgePlan(source, overridden ? engine : undefined);
    if (read.diagnostics.length > 0) onFindings(read.diagnostics, read.sources);
    const { plan, spec } = read;
    if (plan === null || spec === null) return { changed: [], diagnostics: read.diagnostics };
    if (plan.engine !== engine)
      throw new HoldlineError('reload-needs-restart', `engine: ${plan.engine} takes effect at the next start`);
    const outcome = await apply({ ...read, plan, spec });
    if (outcome.diagnostics.length > 0) onFindings(outcome.diagnostics, new Map());
    const diagnostics = [...read.diagnostics, ...outcome.diagnostics];
    return { changed: hasErrors(diagnostics) ? [] : outcome.changed, diagnostics };
  } catch (error) {
    // The file, or a certificate, may be gone or unreadable for a moment; the edge runs on with what it has.
    if (!(error instanceof HoldlineError)) throw error;
    const outcome = { changed: [], diagnostics: [error.diagnostic()] };
    onFindings(outcome.diagnostics, new Map());
    return outcome;
  }
}

function moduleCannotBeReread(file: string): HoldlineError {
  return new HoldlineError('reload-needs-restart', `${file} is a program, and Node loads a program once`);
}
