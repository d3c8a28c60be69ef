import type { Command } from 'commander';
import { hasErrors } from '../../base/diagnostic.ts';
import { defaultSpecFile, readSpecFile } from '../../control/edge/spec-file.ts';
import { driftBetween } from '../../nginx/import/drift.ts';
import type { PathRoot } from '../../nginx/syntax/configuration.ts';
import { renderJson, renderText } from '../../report/diagnostics.ts';
import { specFromObject } from '../../spec/read.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { addExamples } from '../help.ts';
import { readImport } from '../import/read.ts';
import { pathRoot } from '../options/path-root.ts';

interface DriftFlags {
  readonly json?: boolean;
  readonly root?: readonly PathRoot[];
}

export function registerDrift(program: Command, cli: Cli): void {
  const command = program
    .command('drift')
    .description(
      'Holds an nginx configuration against a spec, by meaning: hosts, paths, servers, origins, limits, timeouts, headers, TLS. Says for each difference what it means to clients. - reads standard input, and takes what nginx -T prints. Exit code 1 when there is drift, 3 when one of the two cannot be read.',
    )
    .argument('[file]', 'an nginx.conf, or a part that others include', '/etc/nginx/nginx.conf')
    .argument('[spec]', 'the spec', defaultSpecFile)
    .option(
      '--root <dir=here>',
      'where a directory that includes name is here, such as /etc/nginx=./checkout',
      pathRoot,
    )
    .option('--json', 'print the differences as JSON')
    .action(cli.action((file: string, spec: string, flags: DriftFlags) => run(file, spec, flags, cli)));
  addExamples(command, ['holdline drift /etc/nginx/nginx.conf holdline.yaml', 'nginx -T | holdline drift -']);
}

async function run(file: string, specFile: string, flags: DriftFlags, cli: Cli): Promise<ExitCode> {
  const written = await readSpecFile(specFile);
  const { imported } = readImport(file, { roots: flags.root ?? [], all: true });
  const read = imported.spec === null ? null : specFromObject(imported.spec).value;
  const unreadable = [...written.diagnostics, ...imported.diagnostics].filter(({ severity }) => severity === 'error');
  const colour = wantsColour(cli.stdout, cli.env);
  const sources = new Map(imported.sources);
  if (written.text !== null) sources.set(specFile, written.text);
  if (written.value === null || read === null || hasErrors(unreadable)) {
    cli.stderr.write(renderText(unreadable, { colour: wantsColour(cli.stderr, cli.env), sources }));
    return 3;
  }
  const found = driftBetween({
    nginx: read,
    routesFrom: imported.routesFrom,
    fates: imported.fates,
    spec: written.value,
  });
  if (flags.json === true) cli.stdout.write(renderJson(found));
  else if (found.length === 0)
    cli.stdout.write(
      `no drift: ${file} and ${specFile} do the same for ${written.value.routes.length} route${written.value.routes.length === 1 ? '' : 's'}\n`,
    );
  else
    cli.stdout.write(
      `${renderText(found, { colour, sources })}\n${found.length} difference${found.length === 1 ? '' : 's'} between ${file} and ${specFile}\n`,
    );
  return found.length === 0 ? 0 : 1;
}
