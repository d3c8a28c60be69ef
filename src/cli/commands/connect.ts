import type { Command } from 'commander';
import { diagnose } from '../../probe/causes/diagnose.ts';
import { dialOptionsOf } from '../../probe/options.ts';
import { row } from '../../report/paint.ts';
import { failureLines } from '../../report/probe/text.ts';
import type { Cli } from '../command.ts';
import { endedWell } from '../connect/lines.ts';
import { runSession } from '../connect/session.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { addExamples } from '../help.ts';
import {
  addDialOptions,
  type DialCliOptions,
  dialContradiction,
  dialOptionsFrom,
  durationOption,
  wholeNumber,
} from '../options/dial.ts';
import { pageOf, withScheme } from './probe.ts';

interface ConnectOptions extends DialCliOptions {
  readonly send?: readonly string[];
  readonly wait?: number;
  readonly count?: number;
  readonly json?: boolean;
  readonly commands?: boolean;
  readonly verbose?: boolean;
}

/** After the last line of a script: longer than an answer takes, shorter than anybody minds. */
const waitMs = 1000;

export function registerConnect(program: Command, cli: Cli): void {
  const command = addDialOptions(
    program
      .command('connect')
      .description(
        'Connects to a WebSocket endpoint to type and read messages: with line editing, history, and commands such as /ping, /hex and /close. In a pipe, each line is a message, and messages come out as lines. Exit code 0 when the connection was closed normally, 1 when it was not, 3 when it could not be opened.',
      )
      .argument('<url>', 'ws://host/path or wss://host/path'),
  )
    .option('--send <text>', 'send this message first; repeat it', (text, before: string[] = []) => [...before, text])
    .option(
      '-w, --wait <time>',
      'in a pipe: end when nothing has come for this long after the last line (default: 1s)',
      durationOption,
    )
    .option('-n, --count <n>', 'end after this many messages', wholeNumber)
    .option('--json', 'print every event as a line of JSON')
    .option('--commands', 'in a pipe: lines that begin with a slash are commands too')
    .option('-v, --verbose', 'show the answer’s headers')
    .action(
      cli.action((url: string, options: ConnectOptions) => {
        const wrong = dialContradiction(options);
        return wrong === null ? connect(withScheme(url), options, cli) : command.error(`error: ${wrong}`);
      }),
    );
  addExamples(command, [
    'holdline connect wss://example.com/ws',
    'echo hello | holdline connect ws://127.0.0.1:9000/ --count 1',
    'holdline connect ws://127.0.0.1:9000/ --json < /dev/null --wait 1h',
  ]);
}

async function connect(url: string, options: ConnectOptions, cli: Cli): Promise<ExitCode> {
  const { messageBytesMax: _, ...dialling } = dialOptionsOf(dialOptionsFrom(options));
  const count = options.count ?? null;
  const outcome = await runSession(url, {
    dial: dialling,
    page: { ...pageOf(cli.stdout, cli), colour: wantsColour(cli.stdout, cli.env) },
    input: process.stdin,
    stdout: cli.stdout,
    stderr: cli.stderr,
    send: options.send ?? [],
    waitMs: options.wait ?? waitMs,
    count,
    json: options.json === true,
    commands: options.commands === true,
    verbose: options.verbose === true,
  });
  if (!outcome.connected) {
    const page = pageOf(cli.stderr, cli);
    const failure = await diagnose(outcome.failure, url, dialling);
    const head = row(page, { verdict: 'fail', label: failure.step, text: failure.what }, 11);
    cli.stderr.write(`${[...head, ...failureLines(page, failure)].join('\n')}\n`);
    return failure.code === 'probe-url' ? 2 : 3;
  }
  if (count !== null && outcome.messages < count) return 1;
  return endedWell(outcome.end) || outcome.closedByUs ? 0 : 1;
}
