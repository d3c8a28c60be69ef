import { type Command, InvalidArgumentError } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import { printable } from '../../base/printable.ts';
import type { LiveEvent } from '../../registry/live.ts';
import { eventLine } from '../../report/edge/status.ts';
import type { Cli } from '../command.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { followEdge } from '../edge/stream.ts';
import { addExamples } from '../help.ts';

interface EventsOptions extends ControlOptions {
  readonly follow?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

export function registerEvents(program: Command, cli: Cli): void {
  const command = program
    .command('events')
    .description(
      'Lists what happened to the edge: crashes, reloads, mass disconnects with their cause, and what people did to it.',
    );
  addControlOptions(command)
    .option('-f, --follow', 'keep printing events as they happen')
    .option('--limit <number>', 'how many to begin with, at most 1000', limit, 50)
    .option('--json', 'print JSON, one event a line')
    .action(cli.action((options: EventsOptions) => list(options, cli)));
  addExamples(command, ['holdline events', 'holdline events -f --json']);
}

async function list(options: EventsOptions, cli: Cli): Promise<0> {
  const client = controlClient(options, cli);
  const { events } = await client.call<{ events: LiveEvent[] }>('GET', `/events?limit=${options.limit}`);
  let last = 0;
  const show = (event: LiveEvent) => {
    if (event.number <= last) return;
    last = event.number;
    cli.stdout.write(options.json ? `${jsonText(event)}\n` : eventText(event));
  };
  for (const event of events) show(event);
  if (!options.follow) return 0;
  const forever = new AbortController();
  for await (const message of followEdge(client, forever.signal)) {
    if (message.kind === 'event') show(message.data);
    // Numbers begin anew with another supervisor, and the snapshot tells what was missed.
    else if (message.kind === 'snapshot') {
      if ((message.data.events.at(-1)?.number ?? 0) < last) last = 0;
      for (const event of message.data.events) if (event.number > last) show(event);
    } else if (message.kind === 'lost') cli.stderr.write('no contact; trying again\n');
  }
  return 0;
}

function eventText(event: LiveEvent): string {
  const evidence = (event.incident?.evidence ?? []).map((sentence) => `${' '.repeat(38)}${printable(sentence)}\n`);
  return `${eventLine(event)}\n${evidence.join('')}`;
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,2}$|^1000$/.test(text)) throw new InvalidArgumentError('a number from 1 to 1000 is needed');
  return Number(text);
}
