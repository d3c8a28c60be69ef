/** When it was the generator that set the pace, and not the target. */
import type { LatencyReport } from './latency.ts';

/** A core that is busy for longer than this makes everything that waits for it late. */
const cpuShareLimit = 0.85;
/** Timers of a process come up to 1 ms late by themselves; below this, lateness says nothing. */
const sendLagLimitUs = 5000;
/** A storm is told in steps of a tenth of a second. */
const dialLagLimitUs = 100_000;

/** What this machine lacked: said so that nobody takes it for the target's refusal. */
const ownReasons: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'this machine had no free port for some connections (EADDRNOTAVAIL); name more with --source',
  EMFILE: 'this process had no descriptor for some connections (EMFILE); raise ulimit -n',
  ENFILE: 'this machine had no descriptor for some connections (ENFILE)',
  ENOBUFS: 'this machine had no memory for some connections (ENOBUFS)',
};

export function generatorLimits(facts: {
  readonly cpuShareMax: number;
  readonly sendLag: LatencyReport;
  readonly dialLag: LatencyReport;
  readonly latency: LatencyReport;
  /** Why connections failed, each once. */
  readonly reasons: ReadonlySet<string>;
}): string[] {
  const { cpuShareMax, sendLag, dialLag, latency, reasons } = facts;
  const limits: string[] = [];
  if (cpuShareMax > cpuShareLimit)
    limits.push(`a process of the load took ${Math.round(cpuShareMax * 100)} % of a core`);
  if (sendLag.p99 !== null && sendLag.p99 > sendLagLimitUs && sendLag.p99 > (latency.p99 ?? 0) / 4)
    limits.push(`1 % of the messages were sent ${Math.round(sendLag.p99 / 1000)} ms or more after they were due`);
  if (dialLag.p99 !== null && dialLag.p99 > dialLagLimitUs)
    limits.push(`1 % of the connections were begun ${Math.round(dialLag.p99 / 1000)} ms or more after they were due`);
  for (const [code, sentence] of Object.entries(ownReasons))
    if ([...reasons].some((reason) => reason.endsWith(`: ${code}`))) limits.push(sentence);
  return limits;
}
