import { type Argument, type Command, Help, type Option } from 'commander';

/** Ends a command's --help with how it is really typed. Each example is a line without the prompt. */
export function addExamples(command: Command, examples: readonly [string, ...string[]]): void {
  const heading = examples.length === 1 ? 'Example:' : 'Examples:';
  command.addHelpText('after', `\n${heading}\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
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
