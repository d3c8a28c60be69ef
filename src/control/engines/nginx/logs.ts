/** Takes over what nginx writes: connections into the table, complaints into the log of the edge. */
import type { CloseCause } from '../../../base/close-cause.ts';
import { readErrorLine } from '../../../nginx/run/engine/error-line.ts';
import { readConnectionLine } from '../../../nginx/run/engine/lines.ts';
import type { EnginePrefix } from '../../../nginx/run/engine/prefix.ts';
import { LogTail } from '../../../nginx/run/engine/tail.ts';
import { linePace } from '../../log/line-pace.ts';
import type { EdgeEventSink } from '../../log/notices.ts';
import type { ConnectionTable } from './table.ts';

export interface LogTakeover {
  /** Reads what has come. */
  look(): void;
  close(): void;
}

export interface LogTakeoverOptions {
  readonly prefix: EnginePrefix;
  /** `start`: an nginx was found running, and who is connected stands in its log. */
  readonly from: 'start' | 'end';
  readonly table: ConnectionTable;
  readonly note: EdgeEventSink;
  readonly nowMs: () => number;
  /** Makes nginx open its logs anew. */
  readonly reopen: () => void;
  /** What ends now without a reason of its own. */
  readonly endsBy: () => CloseCause;
  readonly onWorkerExit: (worker: number, how: string) => void;
}

/** Complaints a second: a server that is down complains with each client. */
const linesPerSecond = 10;

export function takeOverLogs(options: LogTakeoverOptions): LogTakeover {
  const { prefix, from, table, note, nowMs, reopen } = options;
  const connections = new LogTail(prefix.connectionsLog, from);
  const errors = new LogTail(prefix.errorLog, 'end');
  const pace = linePace({ perSecond: linesPerSecond });

  /** Why connections ended, by their number, as far as nginx tells. */
  function readErrors(exits: (() => void)[]): ReadonlyMap<string, CloseCause> {
    const causes = new Map<string, CloseCause>();
    for (const text of errors.read()) {
      const line = readErrorLine(text);
      if (line === null) continue;
      const { meaning, connection, level } = line;
      if (connection !== null && meaning?.kind === 'server-silent') causes.set(connection, 'idle-timeout');
      else if (connection !== null && meaning?.kind === 'client-slow') causes.set(connection, 'slow-consumer');
      else if (meaning?.kind === 'server-unreachable')
        note({ kind: 'server-unreachable', atMs: nowMs(), server: meaning.server, detail: meaning.detail });
      else if (meaning?.kind === 'worker-exited') exits.push(() => options.onWorkerExit(meaning.worker, meaning.how));
      else if (level !== 'info' && pace.admit(nowMs())) note({ kind: 'nginx-said', level, line: line.text });
    }
    return causes;
  }

  return {
    look() {
      // A complaint stands in its log before the end stands in the other, so it is read after it.
      const lines = connections.read();
      const exits: (() => void)[] = [];
      const causes = readErrors(exits);
      for (const text of lines) {
        const line = readConnectionLine(text);
        if (line?.kind === 'opening') table.open(line);
        else if (line?.kind === 'end') table.close(line, causes.get(line.key.split('.')[0]!) ?? options.endsBy());
      }
      // What a worker wrote before it died is read by now.
      for (const exit of exits) exit();
      for (const tail of [connections, errors]) tail.rotate(reopen, nowMs());
    },
    close() {
      connections.close();
      errors.close();
    },
  };
}
