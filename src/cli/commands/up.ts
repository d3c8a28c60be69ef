import { type Command, Option } from 'commander';
import { defaultSpecFile } from '../../control/edge/spec-file.ts';
import type { Cli } from '../command.ts';
import { addExamples } from '../help.ts';
import type { UpOptions } from '../run-edge.ts';

export function registerUp(program: Command, cli: Cli): void {
  const command = program
    .command('up')
    .description(
      'Runs the edge: from a spec, or with --to in front of servers that run already. Ctrl-C ends it in order.',
    )
    .argument('[file]', `the spec (default: ${defaultSpecFile})`)
    .option('--to <url...>', 'servers to put the edge in front of; then no file is needed')
    .option('--listen <address>', 'where clients connect (with --to; default 8080)')
    .option('--control <address>', 'where the control API listens (with --to; default 127.0.0.1:4653)')
    .option('--workers <number>', 'worker processes (with --to; default: one for each core)', Number)
    .option('--max-message <size>', 'largest message (with --to; default 1m; off for any)')
    .option('--token <token>', 'token of the control API; better in HOLDLINE_TOKEN, where ps does not show it')
    .option('--token-file <file>', 'file with that token')
    .option('--read-token-file <file>', 'file with a token that may look and not steer (or HOLDLINE_READ_TOKEN)')
    .option('--log <file>', 'write a JSON line for each opened and closed connection; "-" is the standard output')
    .addOption(
      new Option('--sockets <way>', "public keeps to Node's streams (default: direct, where this Node can)").choices([
        'public',
      ]),
    )
    .action(
      cli.action(async (file: string | undefined, options: UpOptions) => {
        const only = (['listen', 'control', 'workers', 'maxMessage'] as const).find(
          (name) => options[name] !== undefined,
        );
        if (options.to !== undefined && file !== undefined)
          command.error('error: give either a file or --to, not both');
        if (options.to === undefined && only !== undefined) {
          command.error(
            `error: --${only === 'maxMessage' ? 'max-message' : only} goes with --to; with a file, write it there`,
          );
        }
        // Loaded only now: the control API and the log are most of what there is to load, and ls and kick need neither.
        const { runEdge } = await import('../run-edge.ts');
        return runEdge(file ?? defaultSpecFile, options, cli, program.version() ?? '');
      }),
    );
  addExamples(command, ['holdline up holdline.yaml', 'holdline up --to http://127.0.0.1:3000 --listen 8080']);
}
