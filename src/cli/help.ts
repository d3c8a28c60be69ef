import { type Argument, type Command, Help, type Option } from 'commander';

/** Ends a command's --help with how it is really typed. Each example is a line without the prompt. */
export function addExamples(command: Command, examples: readonly [string, ...string[]]): void {
  const heading = examples.length === 1 ? 'Example:' : 'Examples:';
  command.addHelpText('after', `\n${heading}\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}

/** Ends every message about wrong usage with the --help that answers it. */
export function withHelpNamed(command: Command, path = command.name()): Command {
  const has = command.commands.length > 0;
  const line = (shown: string, lists: boolean) => `  help: ${shown} --help lists its ${lists ? 'commands' : 'options'}`;
  command.showHelpAfterError(line(path, has));
  for (const each of command.commands) {
    withHelpNamed(each, `${path} ${each.name()}`);
    // One without arguments may be the default, which gets every word that names none of the others.
    const nested = command.parent !== null && each.registeredArguments.length === 0;
    if (nested) each.showHelpAfterError(line(path, true));
  }
  return command;
}

/** What --help shows of a default: the words as somebody would type them, where commander shows JSON. */
export function withPlainDefaults(program: Command): Command {
  return program.configureHelp({
    optionDescription: (option) => new Help().optionDescription(plainDefault(option)),
    argumentDescription: (argument) => new Help().argumentDescription(plainDefault(argument)),
  });
}

function plainDefault<T extends Option | Argument>(described: T): T {
  const { defaultValue, defaultValueDescription } = described;
  if (defaultValueDescription === undefined && ['string', 'object'].includes(typeof defaultValue))
    described.defaultValueDescription = [defaultValue].flat().join(',') || 'none';
  return described;
}

/** A condition that begins with a dash is read as an option, and quotes do not help: says what does. */
export function withFilterHint(error: string): string {
  const [, name, value] = /^error: unknown option '-([a-z][\w.-]*)[:=](.*?)'/.exec(error) ?? [];
  return name === undefined
    ? error
    : `${error.trimEnd()}\n  help: as a condition of a filter, write ${name}!=${value}\n`;
}
