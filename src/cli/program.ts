import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { HoldlineError } from '../base/error.ts';
import { renderText } from '../report/diagnostics.ts';
import { commands } from './commands.ts';
import { type CliContext, type ExitCode, wantsColour } from './context.ts';
import { welcome } from './welcome.ts';

/** What a command gets to work with. */
export interface Cli extends CliContext {
  /** Wraps what a command does, so that the exit code that it returns becomes the program's. */
  action<Args extends unknown[]>(
    run: (...args: Args) => Promise<ExitCode> | ExitCode,
  ): (...args: Args) => Promise<void>;
}

/** Adds one command to the program. */
export type Register = (program: Command, cli: Cli) => void;

/**
 * The whole command line: arguments in (without node and the script), exit code out. Expected failures are printed;
 * what is thrown is a bug.
 */
export async function run(
  argv: readonly string[],
  context: CliContext,
  table: readonly Register[] = commands,
): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const cli: Cli = {
    ...context,
    action:
      (act) =>
      async (...args) => {
        exitCode = await act(...args);
      },
  };
  const program = createProgram(cli, table);
  if (argv.length === 0) {
    context.stdout.write(welcome(program));
    return 0;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander throws for --help and --version too, with 0 as its exit code; the rest is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof HoldlineError)) throw error;
    const colour = wantsColour(context.stderr, context.env);
    context.stderr.write(renderText([error.diagnostic()], { colour, sources: new Map() }));
    return 3;
  }
}

export function createProgram(cli: Cli, table: readonly Register[] = commands): Command {
  const program = new Command('holdline')
    .description('Keeps WebSockets up behind nginx.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({
      writeOut: (text) => cli.stdout.write(text),
      writeErr: (text) => cli.stderr.write(text),
      getOutHelpWidth: () => cli.stdout.columns ?? 100,
      getErrHelpWidth: () => cli.stderr.columns ?? 100,
    })
    .exitOverride();
  program.addHelpText('after', '\nExample:\n  $ holdline check holdline.yaml');
  for (const register of table) register(program, cli);
  return program;
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
