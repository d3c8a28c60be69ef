import { type Command, InvalidArgumentError, Option } from 'commander';
import { drainOrders, parseDrainRate } from '../../base/drain.ts';

/** How fast and in which order connections are closed; what is left out is what their routes say. */
export interface PaceOptions {
  readonly rate?: string;
  readonly order?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly watch?: boolean;
}

export function addPaceOptions(command: Command): Command {
  return command
    .option('--rate <rate>', 'connections to close per second, or a share of all: 100/s, 600/m, 2%/s', rate)
    .addOption(new Option('--order <order>', 'whose turn it is').choices(drainOrders))
    .option('--code <code>', 'close code', closeCodeOption)
    .option('--reason <text>', 'at most 123 bytes')
    .option('--watch', 'show progress until it is done; Ctrl-C leaves it running');
}

/** As the control API takes it. */
export function paceBody({ rate: perSecond, order, code, reason }: PaceOptions) {
  return { rate: perSecond, order, code, reason };
}

function rate(text: string): string {
  const read = parseDrainRate(text);
  if (!read.ok) throw new InvalidArgumentError(read.problem);
  return text;
}

export function closeCodeOption(text: string): number {
  if (!/^\d{4}$/.test(text)) throw new InvalidArgumentError('a close code such as 1008 or 4001 is needed');
  return Number(text);
}
