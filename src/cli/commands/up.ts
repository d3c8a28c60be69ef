import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultSpecFile } from '../../control/edge/spec-file.ts';
import type { Cli } from '../command.ts';
import { addExamples } from '../help.ts';
import type { UpOptions } from '../up/prepare.ts';

export function registerUp(program: Command, cli: Cli): void {
  const command = program
    .command('up')
    .description(
      'Runs the edge: from a spec, or with --to in front of servers that are already running. Ctrl-C shuts it down cleanly.',
    )
    .argument('[file]', `the spec (default: ${defaultSpecFile})`)
    .option(
      '--to <server...>',
      'servers to put the edge in front of: 3000, localhost:3000, a URL, unix:PATH; then no file is needed',
    )
    .option('--listen <address>', 'where clients connect, an address or unix:PATH (with --to; default 8080)')
    .option('--origin <origin...>', 'pages that may connect (with --to; default any)')
    .option('--trust <block...>', 'proxies in front that are trusted to name the client (with --to)')
    .option('--cert <file>', 'certificate with its chain, PEM; the edge then speaks TLS, on 8443 (with --to)')
    .option('--key <file>', 'its private key, PEM (with --to)')
    .option(
      '--balance <way>',
      'how a server is chosen: round-robin, sticky-cookie, hash:ip, hash:cookie=NAME … (with --to)',
    )
    .option('--health <path>', 'path for health checks of the servers (with --to; default: no checks)')
    .option('--authorize <url>', 'URL to ask before every upgrade (with --to)')
    .option('--rate <rate>', 'handshakes from one client address, such as 20/s (with --to)')
    .option('--connections <number>', 'most connections in all (with --to)', whole)
    .option('--per-ip <number>', 'most connections from one client address (with --to)', whole)
    .option('--max-message <size>', 'largest message (with --to; default 1m; off for any)')
    .option('--heartbeat <duration>', 'time between two pings, or off (with --to; default 25s)')
    .option('--idle-timeout <duration>', 'longest time without a message, or off (with --to)')
    .option('--lifetime <duration>', 'longest age of a connection (with --to)')
    .option('--control <address>', 'where the control API listens (with --to; default 127.0.0.1:4653)')
    .option('--workers <number>', 'worker processes (with --to; default: one for each core)', Number)
    .option('--print-spec', 'print these options as a spec, to save and extend (with --to)')
    .option('--token <token>', 'token of the control API; better in HOLDLINE_TOKEN, where ps does not show it')
    .option('--token-file <file>', 'file with that token')
    .option('--read-token-file <file>', 'file with a token that may only read (or HOLDLINE_READ_TOKEN)')
    .option('--log <file>', 'write a JSON line for each opened and closed connection; "-" is the standard output')
    .addOption(
      new Option('--engine <name>', 'what carries the connections (default: what the spec says)').choices([
        'gateway',
        'nginx',
      ]),
    )
    .option('--prefix <directory>', 'with nginx: its working folder (default: .holdline/ beside the spec)')
    .option(
      '--reloads-per-hour <number>',
      'with nginx: changes past so many reloads within an hour wait (default: 12)',
      reloads,
    )
    .addOption(
      new Option(
        '--sockets <way>',
        "public uses only Node's public streams (default: direct, where this Node supports it)",
      ).choices(['public']),
    )
    .action(
      cli.action(async (file: string | undefined, options: UpOptions) => {
        const only = withTo.find((name) => options[name] !== undefined);
        if (options.to !== undefined && file !== undefined)
          command.error('error: give either a file or --to, not both');
        if (options.to === undefined && only !== undefined)
          command.error(`error: ${flagOf(only)} goes with --to; with a file, write it there`);
        // Loaded only now: the control API and the log are most of what there is to load, and ls and kick need neither.
        const { runEdge } = await import('../up/run.ts');
        return runEdge(file ?? defaultSpecFile, options, cli, program.version() ?? '');
      }),
    );
  addExamples(command, [
    'holdline up holdline.yaml',
    'holdline up --to 3000 --listen 8080',
    'holdline up --to unix:/run/app.sock --origin https://app.example.com --print-spec > holdline.yaml',
  ]);
}

/** Options that a file has settings for, and what makes a file of them. */
const withTo = [
  'listen',
  'origin',
  'trust',
  'cert',
  'key',
  'balance',
  'health',
  'authorize',
  'rate',
  'connections',
  'perIp',
  'maxMessage',
  'heartbeat',
  'idleTimeout',
  'lifetime',
  'control',
  'workers',
  'printSpec',
] as const satisfies (keyof UpOptions)[];

/** `idleTimeout` is typed `--idle-timeout`. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A number, or a word (`off`) that the spec knows or complains of. */
function whole(typed: string): number | string {
  return /^\d+$/.test(typed) ? Number(typed) : typed;
}

function reloads(typed: string): number {
  const number = /^\d{1,4}$/.test(typed) ? Number(typed) : 0;
  if (number < 1 || number > 3600) throw new InvalidArgumentError('It is a whole number from 1 to 3600.');
  return number;
}
