import { existsSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import { stdinName } from '../../nginx/run/disk-reader.ts';
import type { PathRoot } from '../../nginx/syntax/configuration.ts';
import type { ImportedSource } from '../../nginx/toolkit/import.ts';
import { renderText } from '../../report/diagnostics.ts';
import { fatesText } from '../../report/import/fates.ts';
import { importedText } from '../../report/import/text.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { addExamples } from '../help.ts';
import { proofText, proveImport } from '../import/prove.ts';
import { readImport } from '../import/read.ts';
import { pathRoot } from '../options/path-root.ts';

interface ImportFlags {
  readonly output?: string;
  readonly force?: boolean;
  readonly all?: boolean;
  readonly strict?: boolean;
  readonly prove?: boolean;
  readonly json?: boolean;
  readonly root?: readonly PathRoot[];
}

export function registerImport(program: Command, cli: Cli): void {
  const command = program
    .command('import')
    .description(
      'Writes the spec that the WebSocket locations of an nginx configuration amount to, and says for each line what became of it: kept, not needed, or why it cannot be kept and what to do. The spec goes to standard output, the rest to standard error. - reads standard input. What nginx -T prints is taken, too, and a Kubernetes Ingress with the annotations of ingress-nginx.',
    )
    .argument('[file]', 'an nginx.conf, or a part that others include', '/etc/nginx/nginx.conf')
    .option('-o, --output <file>', 'write the spec to a file')
    .option('--force', 'write over a file that is there')
    .option('--all', 'take every location that proxies, not only those with WebSockets')
    .option(
      '--root <dir=here>',
      'where a directory that includes name is here, such as /etc/nginx=./checkout',
      pathRoot,
    )
    .option('--strict', 'fail when a line cannot be kept')
    .option('--prove', 'start this nginx and an edge on loopback, and send a table of requests to both')
    .option('--json', 'print spec, lines and findings as JSON')
    .action(cli.action((file: string, flags: ImportFlags) => run(file, flags, cli)));
  addExamples(command, [
    'holdline import /etc/nginx/nginx.conf -o holdline.yaml',
    'nginx -T | holdline import -',
    'holdline import --prove nginx.conf > holdline.yaml',
    'kubectl get ingress -o yaml chat | holdline import -',
    'holdline import --json nginx.conf | jq ".fates[] | select(.outcome == \\"lost\\")"',
  ]);
}

async function run(file: string, flags: ImportFlags, cli: Cli): Promise<ExitCode> {
  if (flags.output !== undefined && flags.force !== true && existsSync(flags.output))
    throw new HoldlineError('generate-file-exists', `${flags.output}: there already, and nothing was written`);
  const read = readImport(file, { roots: flags.root ?? [], all: flags.all === true });
  const { imported } = read;
  const text = importedText(imported, file === stdinName ? 'standard input' : file);
  if (flags.json === true) cli.stdout.write(`${JSON.stringify(jsonOf(imported, text), null, 2)}\n`);
  else report(imported, cli);
  if (imported.spec !== null && flags.output !== undefined) writeFileSync(flags.output, text);
  else if (imported.spec !== null && flags.json !== true) cli.stdout.write(text);
  if (imported.sources.size === 0) return 3;
  if (imported.spec === null || hasErrors(imported.diagnostics)) return 1;
  if (flags.prove === true) {
    const cases = await proveImport(read, cli.env.PATH ?? '');
    cli.stderr.write(`\n${proofText(cases)}`);
    if (cases.some(({ differences }) => differences.length > 0)) return 1;
  }
  return flags.strict === true && imported.fates.some(({ outcome }) => outcome === 'lost') ? 1 : 0;
}

function jsonOf({ spec, routesFrom, fates, requests, diagnostics }: ImportedSource, text: string): object {
  return { version: 1, spec, text, routesFrom, fates, requests, diagnostics };
}

/** What is lost stands among the lines, so that only the other findings are told apart. */
function report({ fates, diagnostics, sources }: ImportedSource, cli: Cli): void {
  const colour = wantsColour(cli.stderr, cli.env);
  const width = Math.min(Math.max(cli.stderr.columns ?? 80, 60), 120);
  cli.stderr.write(fatesText(fates, { colour, width }));
  const others = diagnostics.filter(({ code }) => code !== 'import-lost');
  if (others.length > 0) cli.stderr.write(`${fates.length > 0 ? '\n' : ''}${renderText(others, { colour, sources })}`);
}
