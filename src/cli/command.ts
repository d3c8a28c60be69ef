import type { Command } from 'commander';
import type { CliContext, ExitCode } from './context.ts';

/** What a command gets to work with. */
export interface Cli extends CliContext {
  /** Wraps what a command does, so that the exit code that it returns becomes the program's. */
  action<Args extends unknown[]>(
    run: (...args: Args) => Promise<ExitCode> | ExitCode,
  ): (...args: Args) => Promise<void>;
}

/** Adds one command to the program. */
export type Register = (program: Command, cli: Cli) => void;
