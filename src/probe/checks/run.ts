/** Runs the checks: a few at a time, told in the order of the table. */
import { openLine } from '../line.ts';
import { dialOptionsOf, type ProbeOptions, replyTimeoutOf } from '../options.ts';
import { inParallel } from '../parallel.ts';
import type { CheckResult, Endpoint } from '../report.ts';
import { burstChecks } from './burst.ts';
import { type Check, type CheckContext, type CheckEntry, type CheckFinding, skip, tryEntry } from './check.ts';
import { closeChecks } from './close.ts';
import { compressionChecks } from './compression.ts';
import { handshakeChecks } from './handshake.ts';
import { httpChecks } from './http.ts';
import { messageChecks } from './messages.ts';
import { originChecks } from './origin.ts';
import { pingChecks } from './ping.ts';
import { protocolChecks } from './protocol.ts';

export const checks: readonly Check[] = [
  ...handshakeChecks,
  ...originChecks,
  ...httpChecks,
  ...compressionChecks,
  ...pingChecks,
  ...messageChecks,
  ...protocolChecks,
  ...closeChecks,
  ...burstChecks,
];

/** Enough to hide round trips, few enough not to meet a limit on connections from one address. */
const parallel = 4;

export async function runChecks(url: string, options: ProbeOptions, endpoint: Endpoint): Promise<CheckResult[]> {
  const wanted = checks.filter((check) => isWanted(check, options));
  const tell = options.onEvent ?? (() => undefined);
  const dial = dialOptionsOf(options);
  const entries = new Map<string | null, Promise<CheckEntry>>();
  const quiet = watchQuietly(
    url,
    dial,
    wanted.some((check) => check.id === 'server-ping'),
  );
  const context: CheckContext = {
    url,
    dial,
    endpoint,
    timeoutMs: replyTimeoutOf(options),
    quiet: quiet.look,
    letsIn: (origin) => {
      const known = entries.get(origin) ?? tryEntry(context, origin);
      entries.set(origin, known);
      return known;
    },
  };
  const run = (check: Check) => runOne(check, context, options.signal);
  try {
    const told = { onBegin: (check: Check) => tell({ kind: 'waiting', what: `check ${check.id}` }) };
    const together = await inParallel(
      wanted.filter((check) => !check.alone),
      parallel,
      run,
      {
        ...told,
        onDone: (check) => tell({ kind: 'check', check }),
      },
    );
    const alone = await inParallel(
      wanted.filter((check) => check.alone),
      1,
      run,
      {
        ...told,
        onDone: (check) => tell({ kind: 'check', check }),
      },
    );
    return [...together, ...alone];
  } finally {
    quiet.end();
  }
}

function isWanted({ id, group }: Check, { checks: choice }: ProbeOptions): boolean {
  const names = (list: readonly string[] | undefined) => list?.some((name) => name === id || name === group) === true;
  if (choice?.only !== undefined && !names(choice.only)) return false;
  return !names(choice?.skip);
}

async function runOne(check: Check, context: CheckContext, signal: AbortSignal | undefined): Promise<CheckResult> {
  const startedMs = performance.now();
  const finding = signal?.aborted ? null : await check.run(context);
  // What was cut off by us says nothing about the server.
  const kept: CheckFinding =
    finding === null || signal?.aborted ? skip('the probe was stopped before this was seen') : finding;
  const { evidence = [], remedy = null, ...found } = kept;
  const { id, group, title, why } = check;
  return { id, group, title, why, ...found, evidence, remedy, tookMs: performance.now() - startedMs };
}

/** A connection that only listens, to see whether the server pings of its own accord. */
function watchQuietly(url: string, dial: CheckContext['dial'], wanted: boolean) {
  const startedMs = performance.now();
  const opened = wanted ? openLine(url, dial) : Promise.resolve(null);
  return {
    look: async () => {
      const result = await opened;
      if (result === null || !result.ok) return null;
      let pings = 0;
      for (;;) {
        const event = await result.line.inbox.next({ timeoutMs: 1 });
        if (event.kind === 'silence' || event.kind === 'end') break;
        if (event.kind === 'ping') pings++;
      }
      return { pings, tookMs: performance.now() - startedMs };
    },
    end: () => void opened.then((result) => result?.ok && result.line.connection.cut()),
  };
}
