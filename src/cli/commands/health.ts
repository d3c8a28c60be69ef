import type { Command } from 'commander';
import { HoldlineError } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient, type HealthAnswer } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface HealthOptions extends ControlOptions {
  readonly ready?: boolean;
}

export function registerHealth(program: Command, cli: Cli): void {
  const command = program
    .command('health')
    .description(
      'Says whether the edge is alive, in one line and as an exit code: 0, or 1. For HEALTHCHECK of a container and for scripts.',
    );
  addControlOptions(command)
    .option('--ready', 'whether it takes new connections: the gate is open and every worker answers')
    .action(cli.action((options: HealthOptions) => health(options, cli)));
  addExamples(command, ['holdline health', 'holdline health --ready && echo go']);
}

async function health(options: HealthOptions, cli: Cli): Promise<ExitCode> {
  const ready = options.ready === true;
  const { ok, problem } = await asked(options, cli);
  const fine = ready ? 'ready' : 'alive';
  cli.stdout.write(`${ok ? fine : `not ${fine}: ${printable(problem ?? 'it does not say why')}`}\n`);
  return ok ? 0 : 1;
}

/** A container’s health check knows 0 and 1 alone, so an edge that nobody reaches is not alive. */
async function asked(options: HealthOptions, cli: Cli): Promise<HealthAnswer> {
  try {
    return await controlClient(options, cli).check(options.ready === true ? '/readyz' : '/healthz');
  } catch (error) {
    if (error instanceof HoldlineError && error.code === 'control-unreachable')
      return { ok: false, problem: error.message };
    throw error;
  }
}
