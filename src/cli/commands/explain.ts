import type { Command } from 'commander';
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { printable } from '../../base/printable.ts';
import type { Explanation } from '../../nginx/knowledge/explanation.ts';
import { explain, explanations } from '../../nginx/toolkit/explain.ts';
import { renderText } from '../../report/diagnostics.ts';
import { wrap } from '../../report/wrap.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { addExamples } from '../help.ts';

/** Nobody types a longer word, and the search for near ones grows with it. */
const wordLengthMax = 100;

interface ExplainOptions {
  readonly json?: boolean;
  readonly list?: boolean;
}

export function registerExplain(program: Command, cli: Cli): void {
  const command = program
    .command('explain')
    .description(
      'Explains what a directive, a piece of advice or a rule means for WebSockets: verdict, why, what was seen, what to do.',
    )
    .argument('[word...]', 'a directive, `claim 5`, a rule id, or a word')
    .option('--json', 'print the explanations as JSON')
    .option('--list', 'print every word that can be explained')
    .action(cli.action((words: string[], options: ExplainOptions) => answer(words, options, cli)));
  addExamples(command, ['holdline explain proxy_buffering', 'holdline explain claim 15', 'holdline explain --list']);
}

function answer(words: readonly string[], options: ExplainOptions, cli: Cli): ExitCode {
  if (options.list || words.length === 0) {
    const all = explanations.flatMap((each) => each.words);
    cli.stdout.write(options.json ? `${JSON.stringify(all, null, 2)}\n` : `${all.join('\n')}\n`);
    return 0;
  }
  const word = words.join(' ').slice(0, wordLengthMax);
  const { found, near } = explain(word);
  if (found.length === 0) {
    const colour = wantsColour(cli.stderr, cli.env);
    cli.stderr.write(renderText([unknown(word, near)], { colour, sources: new Map() }));
    return 2;
  }
  if (options.json) cli.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else cli.stdout.write(found.map((each) => render(each, cli)).join('\n'));
  return 0;
}

/** Wrapped to the terminal; five paragraphs of which most are one or two lines. */
function render(explanation: Explanation, cli: Cli): string {
  const width = Math.min(cli.stdout.columns ?? 80, 100);
  const bold = (text: string) => (wantsColour(cli.stdout, cli.env) ? `\u001b[1m${text}\u001b[22m` : text);
  const [first, ...more] = wrap(explanation.headline, width);
  const rows = [
    ['Why', explanation.why],
    ...(explanation.seen === null ? [] : [['Seen', explanation.seen]]),
    ['Do', explanation.instead],
    ...(explanation.see.length === 0 ? [] : [['See', explanation.see.join(', ')]]),
  ] as const;
  const indent = 6;
  const paragraphs = rows.map(([label, text]) =>
    wrap(text!, width - indent)
      .map((line, index) => `${(index === 0 ? label! : '').padEnd(indent)}${line}`)
      .join('\n'),
  );
  return `${[[first!, ...more].map(bold).join('\n'), ...paragraphs].join('\n')}\n`;
}

function unknown(word: string, near: readonly string[]): Diagnostic {
  const { severity, remedy } = catalogue['explain-word-unknown'];
  return {
    code: 'explain-word-unknown',
    severity,
    message: `there is no explanation for "${printable(word)}"`,
    help: near.length === 0 ? remedy : `did you mean ${near.join(', ')}? holdline explain --list prints every word`,
  };
}
