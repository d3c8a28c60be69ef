/** Runs the checks: a few at a time, told in the order of the table. */

import { whyNotHarm } from '../harm.ts';
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
      wanted.filter((check) => !check.alone && !check.adversarial),
      parallel,
      run,
      {
        ...told,
        onDone: (check) => tell({ kind: 'check', check }),
      },
    );
    const alone = await inParallel(
      wanted.filter((check) => check.alone && !check.adversarial),
      1,
      run,
      {
        ...told,
        onDone: (check) => tell({ kind: 'check', check }),
      },
    );
    const last = wanted.filter((check) => check.adversarial);
    const results = [...together, ...alone, ...(await runAdversarial(last, context, options))];
    const place = ({ id }: CheckResult) => checks.findIndex((check) => check.id === id);
    return results.toSorted((one, other) => place(one) - place(other));
  } finally {
    quiet.end();
  }
}

/** One after the other, each against a server that has just been seen to answer: whoever ends it is named. */
async function runAdversarial(
  list: readonly Check[],
  context: CheckContext,
  options: ProbeOptions,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const tell = options.onEvent ?? (() => undefined);
  const forbidden = whyNotHarm(options, context.endpoint);
  let ended: string | null = null;
  for (const check of list) {
    tell({ kind: 'waiting', what: `check ${check.id}` });
    const why: string | null = forbidden ?? (ended === null ? null : `not tried: the target ended in ${ended}`);
    const asked: Check = why === null ? check : { ...check, run: async () => skip(why) };
    let result = await runOne(asked, context, options.signal);
    if (why === null && !options.signal?.aborted && !(await tryEntry(context, context.dial.origin ?? null)).in) {
      ended = check.id;
      const remedy = 'give every socket an error listener, and let a protocol error end its own connection alone';
      const evidence = [result.finding, ...result.evidence];
      const finding = 'the target answered before this check, and does not answer since: the check ended it';
      result = { ...result, verdict: 'fail', finding, evidence, remedy };
    }
    tell({ kind: 'check', check: result });
    results.push(result);
  }
  return results;
}

function isWanted({ id, group, adversarial }: Check, { checks: choice, ...options }: ProbeOptions): boolean {
  if (adversarial === true && options.adversarial !== true) return false;
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
