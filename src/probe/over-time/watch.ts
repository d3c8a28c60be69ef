/** Watching an endpoint: a handshake, a ping and a close every so often. */
import { setTimeout as delay } from 'node:timers/promises';
import { lineEventText, openLine, pingLine } from '../line.ts';
import { dialOptionsOf, type ProbeOptions, replyTimeoutOf } from '../options.ts';
import { publicUrl } from '../public-url.ts';

export interface Sample {
  /** ISO 8601. */
  readonly at: string;
  readonly ok: boolean;
  /** From the call to the answer, DNS and TLS included; null when it failed. */
  readonly handshakeMs: number | null;
  readonly pingMs: number | null;
  /** What went wrong, one sentence; null when nothing did. */
  readonly problem: string | null;
}

export interface WatchReport {
  readonly version: 1;
  readonly url: string;
  readonly everyMs: number;
  readonly samples: number;
  readonly failed: number;
  readonly handshake: Spread | null;
  readonly ping: Spread | null;
  /** Each run of failures; at most outagesMax are kept. */
  readonly outages: readonly Outage[];
}

export interface Outage {
  readonly from: string;
  readonly to: string;
  readonly samples: number;
  readonly problem: string;
}

export interface Spread {
  readonly minMs: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** A day of one sample in five seconds; of a longer watch, the last ones count. */
const timesMax = 20_000;
const outagesMax = 1000;

export async function takeSample(url: string, options: ProbeOptions): Promise<Sample> {
  const at = new Date().toISOString();
  const opened = await openLine(url, dialOptionsOf(options));
  if (!opened.ok) {
    const { phase, detail } = opened.failure;
    return { at, ok: false, handshakeMs: null, pingMs: null, problem: `${phase}: ${detail}` };
  }
  const { connection, handshake } = opened.line;
  const handshakeMs = handshake.timings.answerMs;
  const ping = await pingLine(opened.line, Buffer.from('watch'), replyTimeoutOf(options));
  const said = ping.ok ? null : `no pong: ${lineEventText(ping.event)}`;
  void connection.close({ code: 1000 });
  return { at, ok: ping.ok, handshakeMs, pingMs: ping.ok ? ping.tookMs : null, problem: said };
}

/**
 * Until the signal aborts, or `count` samples were taken. A sample that takes longer than the pace delays the next one.
 */
export async function watch(
  url: string,
  options: ProbeOptions,
  pace: {
    readonly everyMs: number;
    readonly count?: number;
    readonly onSample?: (sample: Sample, number: number) => void;
  },
): Promise<WatchReport> {
  const times = { handshake: [] as number[], ping: [] as number[] };
  const outages: { from: string; to: string; samples: number; problem: string }[] = [];
  let [samples, failed] = [0, 0];
  let wasDown = false;
  while (!options.signal?.aborted && samples < (pace.count ?? Number.POSITIVE_INFINITY)) {
    const startedMs = performance.now();
    const sample = await takeSample(url, options);
    if (options.signal?.aborted) break;
    samples++;
    if (sample.ok) {
      keep(times.handshake, sample.handshakeMs!);
      keep(times.ping, sample.pingMs!);
    } else {
      failed++;
      if (!wasDown && outages.length < outagesMax)
        outages.push({ from: sample.at, to: sample.at, samples: 0, problem: sample.problem! });
      const last = outages.at(-1)!;
      last.to = sample.at;
      last.samples++;
    }
    wasDown = !sample.ok;
    pace.onSample?.(sample, samples);
    if (samples === pace.count) break;
    await pause(Math.max(0, pace.everyMs - (performance.now() - startedMs)), options.signal);
  }
  return {
    version: 1,
    url: publicUrl(url),
    everyMs: pace.everyMs,
    samples,
    failed,
    outages,
    handshake: spreadOf(times.handshake),
    ping: spreadOf(times.ping),
  };
}

/** Null for no values. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { minMs: sorted[0]!, medianMs: at(0.5), p95Ms: at(0.95), maxMs: sorted.at(-1)! };
}

function keep(values: number[], value: number): void {
  values.push(value);
  if (values.length > timesMax) values.shift();
}

/** Ends early, and quietly, when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  await delay(ms, undefined, options).catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
}
