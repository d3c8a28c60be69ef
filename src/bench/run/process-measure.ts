/**
 * What named local processes (a server, a proxy) take for the load: processor time per message, memory per connection.
 */
import { HoldlineError } from '../../base/error.ts';
import { readProcessUse } from '../../host/process-facts.ts';
import type { ProcessReport } from './report.ts';

export interface ProcessMeasures {
  /** All connections are open, and the load begins. */
  open(connections: number): void;
  /** The last answer has come. */
  end(messages: number): void;
  reports(): readonly ProcessReport[];
}

/** Processor time comes in ticks of 10 ms: ten of them leave an error of a tenth. */
const cpuMsMin = 100;

/** Throws bench-process-unknown. */
export function measureProcesses(pids: readonly number[]): ProcessMeasures {
  const before = pids.map((pid) => {
    const reading = readProcessUse(pid);
    if (reading === null) throw new HoldlineError('bench-process-unknown', `there is no process ${pid} to measure`);
    return reading;
  });
  let opened: ReturnType<typeof readProcessUse>[] = pids.map(() => null);
  let atEnd: ReturnType<typeof readProcessUse>[] = pids.map(() => null);
  let connections = 0;
  let messages = 0;
  return {
    open(count) {
      connections = count;
      opened = pids.map(readProcessUse);
    },
    end(count) {
      messages = count;
      atEnd = pids.map(readProcessUse);
    },
    reports: () =>
      pids.map((pid, index): ProcessReport => {
        const [start, end] = [opened[index] ?? null, atEnd[index] ?? null];
        const memoryBytesBefore = before[index]!.memoryBytes;
        const cpuMs = start === null || end === null ? null : end.cpuMs - start.cpuMs;
        const enough = cpuMs !== null && cpuMs >= cpuMsMin && messages > 0;
        return {
          pid,
          cpuMs,
          memoryBytesBefore,
          memoryBytesOpen: start?.memoryBytes ?? null,
          cpuUsPerMessage: enough ? Math.round((cpuMs * 10_000) / messages) / 10 : null,
          memoryBytesPerConnection:
            start === null || connections === 0
              ? null
              : Math.round((start.memoryBytes - memoryBytesBefore) / connections),
        };
      }),
  };
}
