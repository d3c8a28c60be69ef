import { Argument, type Command } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import { printable } from '../../base/printable.ts';
import type { GateState } from '../../gateway/contract.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface GateOptions extends ControlOptions {
  readonly route?: string;
  readonly json?: boolean;
}

export function registerGate(program: Command, cli: Cli): void {
  const command = program
    .command('gate')
    .description(
      'Closes or opens the gate. While it is closed, new handshakes get 503 with a Retry-After that spreads out the returning clients. Live connections stay. Without an action, it shows the state of the gate.',
    )
    .addArgument(new Argument('[action]', 'what to do').choices(['close', 'open']));
  addControlOptions(command)
    .option('--route <name>', 'only for this route')
    .option('--json', 'print JSON')
    .action(cli.action((move: 'close' | 'open' | undefined, options: GateOptions) => gate(move, options, cli)));
  addExamples(command, ['holdline gate', 'holdline gate close --route chat', 'holdline gate open']);
}

async function gate(move: 'close' | 'open' | undefined, options: GateOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const state = await (move === undefined
    ? client.call<GateState>('GET', '/gate')
    : client.call<GateState>('PUT', '/gate', { closed: move === 'close', route: options.route }));
  cli.stdout.write(`${options.json === true ? jsonText(state) : gateText(state)}\n`);
  return 0;
}

function gateText({ closed, routes, spreadSeconds }: GateState): string {
  const spread = `clients that are turned away are told to come back, spread over ${spreadSeconds} s`;
  if (closed) return `the gate is closed; ${spread}`;
  return routes.length === 0
    ? 'the gate is open'
    : `the gate is open, but closed for ${printable(routes.join(', '))}; ${spread}`;
}
