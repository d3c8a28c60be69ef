import type { Command } from 'commander';
import { HoldlineError } from '../../base/error.ts';
import { topLines } from '../../report/edge/top.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { followEdge } from '../edge/stream.ts';
import { addExamples } from '../help.ts';
import { openScreen } from '../top/screen.ts';
import { topSession } from '../top/session.ts';

export function registerTop(program: Command, cli: Cli): void {
  const command = program
    .command('top')
    .description(
      'Watches the edge in the terminal. / filters, s and r sort, k closes the selected connection, K all that match, q quits.',
    )
    .argument('[filter...]', 'route:chat "rtt>200ms" (docs/filter.md)');
  addControlOptions(command).action(
    cli.action(async (words: readonly string[], options: ControlOptions): Promise<ExitCode> => {
      if (process.stdout.isTTY !== true || process.stdin.isTTY !== true) {
        throw new HoldlineError('terminal-needed', 'holdline top needs a terminal, and this is not one');
      }
      await watch(words.join(' '), options, cli);
      return 0;
    }),
  );
  addExamples(command, ['holdline top', 'holdline top route:chat "rtt>200ms"']);
}

async function watch(filter: string, options: ControlOptions, cli: Cli): Promise<void> {
  const client = controlClient(options, cli);
  // Before the terminal is taken over: a wrong address or token is said on the screen as it is.
  await client.call('GET', '/gate');
  const session = topSession(client, filter);
  const ending = new AbortController();
  const draw = () => screen.draw(topLines(session.screen, screen.width, screen.height));
  const screen = openScreen({
    output: process.stdout,
    input: process.stdin,
    onResize: draw,
    onKeys: (chunk) => {
      void session.keys(chunk).then(async (over) => {
        if (over) return ending.abort();
        draw();
        await session.refresh(screen.height);
        draw();
      });
    },
  });
  try {
    draw();
    for await (const message of followEdge(client, ending.signal)) {
      session.receive(message);
      if (message.kind !== 'event') await session.refresh(screen.height);
      draw();
    }
  } finally {
    screen.close();
  }
}
