import type { DistantKeeper } from '../control/succession/distant-keeper.ts';

/** What a command may use of the process it runs in; tests pass their own. */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called by what goes on though nobody reads its output any more; everything else ends then. */
  readonly outlivesReaders?: () => void;
  /** This process was started to take over an edge. */
  readonly successor?: DistantKeeper;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** How wide a table may be. In a file or a pipe nothing is cut: a program reads it, or somebody who can scroll. */
export function tableWidth({ columns }: Output): number {
  return columns ?? Number.POSITIVE_INFINITY;
}

/** 0 fine, 1 findings or a failed check, 2 wrong usage, 3 could not run. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Colours only for people: on a terminal that has them, unless NO_COLOR (no-color.org) says otherwise. */
export function wantsColour(output: Output, env: CliContext['env']): boolean {
  return output.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
