import type { Command } from 'commander';

/** Ends a command's --help with how it is really typed. Each example is a line without the prompt. */
export function addExamples(command: Command, examples: readonly [string, ...string[]]): void {
  const heading = examples.length === 1 ? 'Example:' : 'Examples:';
  command.addHelpText('after', `\n${heading}\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}
