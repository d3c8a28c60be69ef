import { hasErrors } from '../base/diagnostic.ts';
import { HoldlineError } from '../base/error.ts';
import type { ApplyOutcome, Supervisor } from '../control/supervisor.ts';
import { type CliContext, wantsColour } from './context.ts';
import { renderText } from './diagnostics.ts';
import { type EdgeSource, readCertificates, readEdgePlan } from './edge-source.ts';

export interface ReloaderOptions {
  readonly source: EdgeSource;
  readonly supervisor: Pick<Supervisor, 'apply'>;
  readonly cli: CliContext;
  /** Findings for people, when there are any. */
  readonly onFindings: (report: string) => void;
}

/**
 * Reads the spec again and applies it, one reading at a time: whoever asks while one is under way gets the outcome
 * of a reading that began after they asked. Errors change nothing.
 */
export function reloader(options: ReloaderOptions): () => Promise<ApplyOutcome> {
  let current: Promise<ApplyOutcome> | null = null;
  let following: Promise<ApplyOutcome> | null = null;

  function begin(): Promise<ApplyOutcome> {
    const reading = reload(options).finally(() => {
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

async function reload({ source, supervisor, cli, onFindings }: ReloaderOptions): Promise<ApplyOutcome> {
  try {
    if (source.kind === 'file' && /\.[cm]?[jt]s$/.test(source.file)) throw moduleCannotBeReread(source.file);
    const read = await readEdgePlan(source, cli);
    if (read.report !== '') onFindings(read.report);
    if (read.plan === null) return { changed: [], diagnostics: read.diagnostics };
    const outcome = supervisor.apply(read.plan, await readCertificates(read.plan, read.directory));
    if (outcome.diagnostics.length > 0) onFindings(render(outcome, cli));
    const diagnostics = [...read.diagnostics, ...outcome.diagnostics];
    return { changed: hasErrors(diagnostics) ? [] : outcome.changed, diagnostics };
  } catch (error) {
    // The file, or a certificate, may be gone or unreadable for a moment; the edge runs on with what it has.
    if (!(error instanceof HoldlineError)) throw error;
    const outcome = { changed: [], diagnostics: [error.diagnostic()] };
    onFindings(render(outcome, cli));
    return outcome;
  }
}

function render({ diagnostics }: ApplyOutcome, cli: CliContext): string {
  return renderText(diagnostics, { colour: wantsColour(cli.stderr, cli.env), sources: new Map() });
}

function moduleCannotBeReread(file: string): HoldlineError {
  return new HoldlineError('reload-needs-restart', `${file} is a program, and Node loads a program once`);
}
