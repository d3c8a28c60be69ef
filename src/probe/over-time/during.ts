/** What a change, such as a reload, does to live connections and to new handshakes. */
import { endText, openLine, type ProbeLine, pingLine } from '../line.ts';
import { dialOptionsOf, type ProbeOptions, replyTimeoutOf } from '../options.ts';
import { publicUrl } from '../public-url.ts';
import { pause, type Spread, spreadOf, takeSample } from './watch.ts';

export interface ObservedChange {
  readonly ok: boolean;
  /** What it said, or how it ended. */
  readonly said: string;
}

export interface DuringOptions {
  /** Connections that are held. Default 20: enough to land on every worker and server of a usual set. */
  readonly connections?: number;
  /** How long is watched after the change. Default 5 s: nginx and HAProxy have exchanged their processes by then. */
  readonly settleMs?: number;
}

export interface DuringReport {
  readonly version: 1;
  readonly url: string;
  readonly outcome: 'passed' | 'failed' | 'unreachable';
  readonly change: ObservedChange & { readonly tookMs: number };
  readonly connections: number;
  /** Still open at the end, and answering a ping. */
  readonly kept: number;
  readonly lost: readonly Loss[];
  readonly handshakes: { readonly made: number; readonly failed: number; readonly problems: readonly string[] };
  readonly pingBefore: Spread | null;
  readonly pingDuring: Spread | null;
  readonly finding: string;
}

export interface Loss {
  readonly how: string;
  readonly count: number;
  /** After the change began. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Without a change: what the line is like. */
const baselineMs = 1000;
const pingEveryMs = 100;
const handshakeEveryMs = 250;
const problemsMax = 5;

export async function during(
  url: string,
  options: ProbeOptions,
  change: () => Promise<ObservedChange>,
  { connections = 20, settleMs = 5000 }: DuringOptions = {},
): Promise<DuringReport> {
  const tell = options.onEvent ?? (() => undefined);
  const lines: ProbeLine[] = [];
  tell({ kind: 'waiting', what: `${connections} connections` });
  for (let i = 0; i < connections; i++) {
    const opened = await openLine(url, dialOptionsOf(options));
    if (!opened.ok) {
      for (const { connection } of lines) connection.cut();
      return unreachable(url, connections, `connection ${i + 1} of ${connections}: ${opened.failure.detail}`);
    }
    lines.push(opened.line);
  }
  const ends: { how: string; atMs: number }[] = [];
  let startedMs = performance.now();
  for (const { connection } of lines)
    void connection.whenEnded().then((end) => ends.push({ how: endText(end), atMs: performance.now() - startedMs }));

  const over = new AbortController();
  const pings: { atMs: number; tookMs: number }[] = [];
  const problems: string[] = [];
  let [made, failed] = [0, 0];
  const pinging = repeat(pingEveryMs, over.signal, async (turn) => {
    const line = lines[turn % lines.length]!;
    if (line.connection.ended !== null) return;
    const ping = await pingLine(line, Buffer.from(`during ${turn}`), replyTimeoutOf(options));
    if (ping.ok) pings.push({ atMs: performance.now(), tookMs: ping.tookMs });
  });
  const shaking = repeat(handshakeEveryMs, over.signal, async () => {
    const sample = await takeSample(url, options);
    made++;
    if (sample.ok) return;
    failed++;
    if (problems.length < problemsMax && !problems.includes(sample.problem!)) problems.push(sample.problem!);
  });

  tell({ kind: 'waiting', what: 'a second without the change, to compare with' });
  await pause(baselineMs, options.signal);
  startedMs = performance.now();
  tell({ kind: 'waiting', what: 'the change' });
  const changed = await change();
  const tookMs = performance.now() - startedMs;
  tell({ kind: 'waiting', what: `what comes after the change, for ${settleMs / 1000} s` });
  await pause(settleMs, options.signal);
  over.abort();
  await Promise.all([pinging, shaking]);
  const answers = await Promise.all(
    lines.map((line) => pingLine(line, Buffer.from('the end'), replyTimeoutOf(options))),
  );
  const kept = answers.filter((answer) => answer.ok).length;
  // Those that are open and answer nothing are lost as well.
  const silent = answers.filter((answer, i) => !answer.ok && lines[i]!.connection.ended === null).length;
  for (let i = 0; i < silent; i++)
    ends.push({ how: 'open, but without an answer', atMs: performance.now() - startedMs });
  const lost = lossesOf(ends);
  for (const { connection } of lines) connection.cut();
  return {
    version: 1,
    url: publicUrl(url),
    connections,
    kept,
    lost,
    outcome: kept === connections && failed === 0 && changed.ok ? 'passed' : 'failed',
    change: { ...changed, tookMs },
    handshakes: { made, failed, problems },
    pingBefore: spreadOf(pings.filter(({ atMs }) => atMs < startedMs).map((ping) => ping.tookMs)),
    pingDuring: spreadOf(pings.filter(({ atMs }) => atMs >= startedMs).map((ping) => ping.tookMs)),
    finding: findingOf({ connections, kept, lost, made, failed }),
  };
}

async function repeat(everyMs: number, signal: AbortSignal, act: (turn: number) => Promise<void>): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    await act(turn);
    await pause(everyMs, signal);
  }
}

function lossesOf(ends: readonly { how: string; atMs: number }[]): Loss[] {
  const losses = new Map<string, { how: string; count: number; firstMs: number; lastMs: number }>();
  for (const { how, atMs } of ends) {
    const loss = losses.get(how) ?? { how, count: 0, firstMs: atMs, lastMs: atMs };
    losses.set(how, {
      how,
      count: loss.count + 1,
      firstMs: Math.min(loss.firstMs, atMs),
      lastMs: Math.max(loss.lastMs, atMs),
    });
  }
  return [...losses.values()];
}

/** More than this many ends in one second come back together, and meet the limits of whoever takes them. */
const stormPerSecond = 10;

function findingOf(seen: {
  connections: number;
  kept: number;
  lost: readonly Loss[];
  made: number;
  failed: number;
}): string {
  const { connections, kept, lost, made, failed } = seen;
  const parts = [
    kept === connections
      ? `all ${connections} connections stayed open`
      : `${connections - kept} of ${connections} connections were lost`,
  ];
  const storm = lost.find((loss) => loss.count >= stormPerSecond && loss.lastMs - loss.firstMs < 1000);
  if (storm !== undefined) parts.push('they ended together, so that their clients come back together');
  parts.push(failed === 0 ? `all ${made} new handshakes worked` : `${failed} of ${made} new handshakes failed`);
  return parts.join('; ');
}

function unreachable(url: string, connections: number, problem: string): DuringReport {
  return {
    version: 1,
    url: publicUrl(url),
    outcome: 'unreachable',
    connections,
    kept: 0,
    lost: [],
    pingBefore: null,
    pingDuring: null,
    change: { ok: false, said: 'not begun', tookMs: 0 },
    handshakes: { made: 0, failed: 0, problems: [] },
    finding: `nothing was changed: ${problem}`,
  };
}
