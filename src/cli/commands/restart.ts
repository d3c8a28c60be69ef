import type { Command } from 'commander';
import type { ManagedState, RestartState } from '../../control/managed/state.ts';
import { restartLine } from '../../report/edge/restart.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlClient, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface RestartOptions extends ControlOptions {
  readonly watch?: boolean;
}

/** A person sees it move. */
const askEveryMs = 300;

export function registerRestart(program: Command, cli: Cli): void {
  const command = program
    .command('restart')
    .description(
      'Replaces the instances of an upstream that Holdline starts itself: new ones start first, then the old ones are drained one after the other, at the pace of their routes. When a new one does not start, nothing changes.',
    )
    .argument('<upstream>', 'its name in the spec');
  addControlOptions(command)
    .option('--watch', 'show progress until it is done; Ctrl-C leaves it running')
    .action(cli.action((upstream: string, options: RestartOptions) => restart(upstream, options, cli)));
  addExamples(command, ['holdline restart chat', 'holdline restart chat --watch']);
}

async function restart(upstream: string, options: RestartOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const begun = await client.call<ManagedState>('POST', `/upstreams/${encodeURIComponent(upstream)}/restart`);
  let state = begun.restart;
  let shown = '';
  for (;;) {
    const line = state === null ? '' : restartLine(upstream, state);
    if (line !== shown) cli.stdout.write(`${line}\n`);
    shown = line;
    if (options.watch !== true || state === null || !isUnderWay(state)) break;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    state = await stateOf(upstream, client);
  }
  return state?.stage === 'failed' && !isUnderWay(state) ? 1 : 0;
}

function isUnderWay({ stage, again }: RestartState): boolean {
  return stage === 'starting' || stage === 'draining' || again;
}

async function stateOf(upstream: string, client: ControlClient): Promise<RestartState | null> {
  const { upstreams } = await client.call<{ upstreams: { name: string; managed: ManagedState | null }[] }>(
    'GET',
    '/upstreams',
  );
  return upstreams.find(({ name }) => name === upstream)?.managed?.restart ?? null;
}
