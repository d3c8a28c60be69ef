import { Command, CommanderError } from 'commander';
import type { Code } from '../base/catalogue/catalogue.ts';
import { HoldlineError } from '../base/error.ts';
import { packageVersion } from '../host/package-version.ts';
import { renderText } from '../report/diagnostics.ts';
import type { Cli } from './command.ts';
import { type CommandEntry, commands } from './commands.ts';
import { type CliContext, type ExitCode, wantsColour } from './context.ts';
import { withFilterHint, withHelpNamed, withPlainDefaults } from './help.ts';
import { welcome } from './up/welcome.ts';

/**
 * The whole command line: arguments in (without node and the script), exit code out. Expected failures are printed;
 * what is thrown is a bug.
 */
export async function run(
  argv: readonly string[],
  context: CliContext,
  table: readonly CommandEntry[] = commands,
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
  const program = await createProgram(cli, table, wantedCommand(argv));
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
    return exitCodes[error.code] ?? 3;
  }
}

/** Of expected failures that are neither: what was asked for is not there, or was asked for wrongly. */
const exitCodes: Partial<Record<Code, ExitCode>> = {
  'connection-unknown': 1,
  'filter-empty': 2,
  'filter-unknown-name': 2,
};

/** With `wanted`, that command is there with its options; the others are names with a line each. */
async function createProgram(cli: Cli, table: readonly CommandEntry[], wanted: string | null): Promise<Command> {
  const program = withPlainDefaults(new Command('holdline'))
    .description('Keeps WebSockets up behind nginx.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({
      writeOut: (text) => cli.stdout.write(text),
      writeErr: (text) => cli.stderr.write(text),
      outputError: (text, write) => write(withFilterHint(text)),
      getOutHelpWidth: () => cli.stdout.columns ?? 100,
      getErrHelpWidth: () => cli.stderr.columns ?? 100,
    })
    .exitOverride();
  program.addHelpText('after', '\nExample:\n  $ holdline check holdline.yaml');
  for (const { name, summary, load } of table) {
    if (name === wanted) (await load())(program, cli);
    else program.command(name);
    program.commands.find((command) => command.name() === name)?.summary(summary);
  }
  return withHelpNamed(program);
}

/** `holdline lint …`, `holdline help lint`: the first words that are no options. */
function wantedCommand(argv: readonly string[]): string | null {
  const words = argv.filter((word) => !word.startsWith('-'));
  return (words[0] === 'help' ? words[1] : words[0]) ?? null;
}
