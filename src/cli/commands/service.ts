import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import { defaultSpecFile, readSpecFile } from '../../control/edge/spec-file.ts';
import { readHostFacts } from '../../host/edge-facts.ts';
import { readMachineFacts } from '../../host/machine-facts.ts';
import { edgeConstants } from '../../plan/edge/constants.ts';
import { planEdge } from '../../plan/edge/plan.ts';
import { renderText } from '../../report/diagnostics.ts';
import { serviceFiles } from '../../report/service/files.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { writeFiles } from '../generate/output.ts';
import { addExamples } from '../help.ts';
import { readsOf } from '../service/reads.ts';

interface ServiceOptions {
  readonly print?: boolean;
  readonly output?: string;
  readonly force?: boolean;
  readonly name: string;
  readonly user?: string;
  readonly socket: boolean;
}

export function registerService(program: Command, cli: Cli): void {
  const command = program
    .command('service')
    .description(
      'Writes the files that run the edge under systemd: a unit without rights that it does not need, a socket unit, log rotation, and kernel settings that are too small. Every line has its reason.',
    )
    .argument('[file]', 'the spec', defaultSpecFile)
    .option('--print', 'print the files')
    .option('-o, --output <dir>', 'write them below this folder; / installs them')
    .option('--force', 'overwrite existing files')
    .option('--name <name>', 'name of the units', 'holdline')
    .option('--user <user>', 'an existing user (default: systemd creates one while the edge runs)')
    .option('--no-socket', 'the edge opens its sockets itself, with CAP_NET_BIND_SERVICE for ports below 1024')
    .action(
      cli.action((file: string, options: ServiceOptions) => {
        if ((options.print === true) === (options.output !== undefined))
          command.error('error: give either --print or --output');
        if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(options.name))
          command.error('error: --name takes letters, digits, - and _');
        if (options.user !== undefined && !/^[a-z_][a-z0-9_-]{0,31}$/i.test(options.user))
          command.error(`error: "${options.user}" is not the name of a user`);
        return service(file, options, cli);
      }),
    );
  addExamples(command, [
    'holdline service --print /etc/holdline/holdline.yaml',
    'sudo holdline service -o / /etc/holdline/holdline.yaml',
  ]);
}

async function service(file: string, options: ServiceOptions, cli: Cli): Promise<ExitCode> {
  refuseUnwritable(path.resolve(file));
  const read = await readSpecFile(file);
  const sources = new Map(read.text === null ? [] : [[read.file, read.text]]);
  const report = (diagnostics: readonly Diagnostic[]) => {
    cli.stderr.write(renderText(diagnostics, { colour: wantsColour(cli.stderr, cli.env), sources }));
    return hasErrors(diagnostics);
  };
  if (read.value === null) {
    report(read.diagnostics);
    return 1;
  }
  // As many descriptors as there can be: the unit says how many there have to be.
  const facts = { ...readHostFacts(), descriptors: edgeConstants.descriptorsMax };
  const { value: plan, diagnostics } = planEdge(read.value, facts);
  const spec = path.resolve(file);
  const [node, cliFile] = [process.execPath, fileURLToPath(new URL('../main.js', import.meta.url))];
  const reads = readsOf({ plan, files: [node, cliFile, spec], directory: read.directory });
  const unreadable = options.user === undefined ? reads.unreachable : [];
  if (report([...read.diagnostics, ...diagnostics, ...reads.hidden, ...unreadable])) return 1;
  const files = serviceFiles({
    plan,
    machine: readMachineFacts(),
    name: options.name,
    node,
    cli: cliFile,
    spec,
    environmentFile: path.join(path.dirname(spec), `${options.name}.env`),
    user: options.user ?? null,
    groups: options.user === undefined ? reads.groups : [],
    activation: options.socket,
    readsHome: reads.home,
  });
  if (options.output === undefined) {
    cli.stdout.write(files.map(({ goesTo, text }) => `# ${goesTo}\n${text}`).join('\n'));
    return 0;
  }
  writeFiles({ directory: options.output, files, existing: options.force === true ? 'replace' : 'keep' });
  for (const { name, afterwards } of files) cli.stdout.write(`${path.join(options.output, name)}\n    ${afterwards}\n`);
  return 0;
}

/**
 * A unit has no way to write these: a new line begins another setting, and a backslash at the end of one carries on in
 * the next.
 */
function refuseUnwritable(spec: string): void {
  if (!/\p{Cc}|\\$/u.test(spec)) return;
  throw new HoldlineError('spec-unreadable-file', `a unit of systemd cannot name the file ${JSON.stringify(spec)}`, {
    help: 'rename it, or its folder: no line breaks or other control characters, and no backslash at the end',
  });
}
