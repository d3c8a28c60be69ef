import type { Command } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import { printable } from '../../base/printable.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface OriginsOptions extends ControlOptions {
  readonly json?: boolean;
}

interface Answer {
  readonly routes: readonly {
    readonly route: string;
    readonly mode: 'enforce' | 'report' | null;
    readonly origins: readonly { readonly origin: string; readonly handshakes: number; readonly refused: number }[];
  }[];
}

export function registerOrigins(program: Command, cli: Cli): void {
  const command = program
    .command('origins')
    .description('Lists the origins seen on each route since the edge started, as a list for the spec.');
  addControlOptions(command)
    .option('--json', 'print JSON')
    .action(cli.action((options: OriginsOptions) => list(options, cli)));
  addExamples(command, ['holdline origins', 'holdline origins --json']);
}

async function list(options: OriginsOptions, cli: Cli): Promise<ExitCode> {
  const answer = await controlClient(options, cli).call<Answer>('GET', '/origins');
  if (options.json) cli.stdout.write(`${jsonText(answer)}\n`);
  else cli.stdout.write(originsText(answer));
  return 0;
}

/** YAML for a route's `origins`, with what is known of each beside it. What cannot stand in the list is a comment. */
export function originsText(answer: Answer): string {
  if (answer.routes.length === 0) return 'no handshake has come yet\n';
  return answer.routes.map(routeText).join('\n');
}

function routeText({ route, mode, origins }: Answer['routes'][number]): string {
  const lines = [
    `# route ${printable(route)}${mode === null ? ' (no longer in the spec)' : `, mode ${mode}`}`,
    'origins:',
  ];
  for (const { origin, handshakes, refused } of origins) {
    const verdict = refused === 0 ? 'admitted' : mode === 'report' ? 'would be refused' : 'refused';
    const note = `# ${handshakes.toLocaleString('en-US')} handshake${handshakes === 1 ? '' : 's'}, ${verdict}`;
    const listable = /^https?:\/\/[a-z0-9.:[\]-]+$/i.test(origin);
    const shown = origin === '' ? 'without an Origin (see "missing")' : printable(origin);
    lines.push(listable ? `  - "${origin}"  ${note}` : `  # ${shown}: ${note.slice(2)}`);
  }
  return `${lines.join('\n')}\n`;
}
