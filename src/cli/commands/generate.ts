import path from 'node:path';
import type { Command } from 'commander';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import type { GeneratedFile } from '../../nginx/generate/files.ts';
import { generate } from '../../nginx/generate/generate.ts';
import type { Form } from '../../nginx/generate/site.ts';
import { renderText } from '../../report/diagnostics.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { writeFiles } from '../generate/output.ts';
import { readSource } from '../generate/source.ts';
import { addExamples } from '../help.ts';
import { addGenerateOptions, type GenerateOptions } from '../options/generate.ts';

export function registerGenerate(program: Command, cli: Cli): void {
  const command = addGenerateOptions(
    program
      .command('generate')
      .description(
        'Writes an nginx configuration with the numbers from holdline plan, for a spec or for the given options. It goes to standard output; -o also writes a systemd drop-in, sysctl and logrotate files. Standard error lists what nginx cannot do.',
      )
      .argument('[file]', 'a spec to take the listeners, upstreams and routes from'),
  ).action(cli.action((file: string | undefined, options: GenerateOptions) => run(file, options, cli)));
  addExamples(command, [
    'holdline generate --connections 20000 --to http://127.0.0.1:3000 --origin https://app.example.com',
    'holdline generate holdline.yaml --target 1.22.1 --comments -o nginx/',
    'holdline generate holdline.yaml --fragment > /etc/nginx/conf.d/websocket.conf',
  ]);
}

async function run(file: string | undefined, options: GenerateOptions, cli: Cli): Promise<ExitCode> {
  const form: Form = options.fragment === true ? 'fragment' : 'whole';
  const source = await readSource({ file, options, form, env: cli.env });
  const report = (diagnostics: readonly Diagnostic[]) => {
    if (diagnostics.length === 0) return;
    cli.stderr.write(renderText(diagnostics, { colour: wantsColour(cli.stderr, cli.env), sources: source.sources }));
  };
  if (source.value === null) {
    report(source.diagnostics);
    return 1;
  }
  const { value, diagnostics } = generate({
    ...source.value,
    form,
    remarks: options.comments === true ? 'reasons' : 'headings',
  });
  if (value === null || hasErrors(diagnostics)) {
    report([...source.diagnostics, ...diagnostics]);
    return 1;
  }
  if (options.output === undefined) cli.stdout.write(value.configuration.text);
  else {
    const files = [value.configuration, ...value.around];
    const existing = options.force === true ? 'replace' : 'keep';
    writeFiles({ directory: options.output, files, existing });
    cli.stdout.write(files.map((each) => written(each, options.output!)).join(''));
  }
  report([...source.diagnostics, ...diagnostics]);
  return 0;
}

function written({ name, goesTo, afterwards }: GeneratedFile, directory: string): string {
  return `${path.join(directory, name)}\n    for ${goesTo}\n    ${afterwards}\n`;
}
