import type { Command } from 'commander';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { defaultSpecFile, readSpecFile, type SpecFile } from '../../control/edge/spec-file.ts';
import { engineFindings } from '../../control/engines/nginx/findings.ts';
import { renderJson, renderText, summary } from '../../report/diagnostics.ts';
import type { Spec } from '../../spec/model.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { addExamples } from '../help.ts';

interface CheckOptions {
  readonly json?: boolean;
  readonly strict?: boolean;
}

export function registerCheck(program: Command, cli: Cli): void {
  const command = program
    .command('check')
    .description('Checks a spec: says what is wrong, where, and what to do about it. Nothing is started or changed.')
    .argument('[file]', 'the spec', defaultSpecFile)
    .option('--json', 'print the findings as JSON')
    .option('--strict', 'fail on warnings too')
    .action(cli.action((file: string, options: CheckOptions) => check(file, options, cli)));
  addExamples(command, ['holdline check holdline.yaml', 'holdline check holdline.yaml --json | jq .errors']);
}

async function check(file: string, options: CheckOptions, cli: Cli): Promise<ExitCode> {
  const written = await readSpecFile(file);
  const engine = written.value === null ? [] : engineFindings(written.value, cli.env.PATH ?? '');
  const read = { ...written, diagnostics: [...written.diagnostics, ...engine] };
  const failed =
    hasErrors(read.diagnostics) ||
    (options.strict === true && read.diagnostics.some((diagnostic) => diagnostic.severity === 'warning'));
  if (options.json) cli.stdout.write(renderJson(read.diagnostics));
  else cli.stdout.write(report(read, cli));
  return failed ? 1 : 0;
}

function report(
  read: Omit<SpecFile, 'diagnostics'> & { readonly diagnostics: readonly Diagnostic[] },
  cli: Cli,
): string {
  const sources = new Map(read.text === null ? [] : [[read.file, read.text]]);
  const findings = renderText(read.diagnostics, { colour: wantsColour(cli.stdout, cli.env), sources });
  const gap = findings === '' ? '' : '\n';
  const counts = summary(read.diagnostics);
  if (read.value === null || hasErrors(read.diagnostics)) return `${findings}${gap}${read.file}: ${counts}\n`;
  return `${findings}${gap}${read.file} can be used: ${contents(read.value)}${counts === '' ? '' : ` (${counts})`}\n`;
}

function contents(spec: Spec): string {
  const number = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  return [
    number(spec.listen.length, 'listener'),
    number(spec.upstreams.length, 'upstream'),
    number(spec.routes.length, 'route'),
  ].join(', ');
}
