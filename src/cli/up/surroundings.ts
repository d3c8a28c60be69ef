import { HoldlineError } from '../../base/error.ts';
import { endedMax } from '../../control/history/chronicle.ts';
import { endedFromLog } from '../../control/history/log-reader.ts';
import { type EdgeLog, openLog } from '../../control/log/log.ts';
import type { EdgeEvent } from '../../control/log/notices.ts';
import type { Keeper } from '../../control/succession/protocol.ts';
import type { EndedRecord } from '../../registry/history/ended.ts';
import type { Cli } from '../command.ts';
import type { Subscribe } from '../signals.ts';
import { noticeText } from '../terminal/notices.ts';
import { openTerminal } from '../terminal/terminal.ts';
import type { Prepared, UpOptions } from './prepare.ts';
import { serviceTies } from './service-ties.ts';
import type { Surroundings } from './supervision.ts';

export interface SurroundingsOptions {
  readonly options: UpOptions;
  readonly cli: Cli;
  readonly version: string;
  readonly keeper: Keeper;
  readonly signals: Subscribe;
}

export async function surroundings(
  prepared: Prepared,
  { options, cli, version, keeper, signals }: SurroundingsOptions,
): Promise<Surroundings> {
  // With the log on the standard output, what people read goes beside it.
  cli.outlivesReaders?.();
  const terminal = openTerminal(options.log === '-' ? cli.stderr : cli.stdout);
  const remembered = await rememberedIn(options.log);
  const log = await openLogAt(options.log);
  const onEvent = (event: EdgeEvent) => {
    log?.write(event);
    const text = noticeText(event);
    if (text !== null) terminal.print(text);
  };
  return {
    prepared,
    version,
    terminal,
    log,
    logFile: options.log ?? null,
    remembered,
    onEvent,
    reopenLog: () => void reopen(log, options.log, onEvent),
    service: serviceTies(cli.env, {
      onUntold: (message) => onEvent({ kind: 'service-untold', message }),
      onUseless: (socket, why) => onEvent({ kind: 'socket-unused', socket, why }),
      onImpatient: (askedMs, everyMs) => onEvent({ kind: 'watchdog-short', askedMs, everyMs }),
    }),
    keeper,
    signals,
    sockets: options.sockets,
    cutter: new AbortController(),
  };
}

async function reopen(
  log: EdgeLog | null,
  file: string | undefined,
  onEvent: (event: EdgeEvent) => void,
): Promise<void> {
  if (log === null || file === undefined || file === '-') return;
  try {
    await log.reopen();
    onEvent({ kind: 'log-reopened', file });
  } catch (error) {
    onEvent({ kind: 'log-kept', file, message: error instanceof Error ? error.message : String(error) });
  }
}

/** What the log of an earlier run tells of, so that a restart forgets nobody. */
async function rememberedIn(log: string | undefined): Promise<readonly EndedRecord[]> {
  if (log === undefined || log === '-') return [];
  try {
    return await endedFromLog(log, endedMax);
  } catch (error) {
    throw new HoldlineError('log-unwritable', `the log ${log} cannot be read`, { cause: error });
  }
}

async function openLogAt(destination: string | undefined): Promise<EdgeLog | null> {
  if (destination === undefined) return null;
  try {
    return await openLog({ destination: destination === '-' ? 1 : destination });
  } catch (error) {
    throw new HoldlineError('log-unwritable', `the log ${destination} cannot be written`, { cause: error });
  }
}
