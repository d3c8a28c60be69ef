/** What the bench and the processes that make its load say to each other. */

import type { HistogramPart } from '../histogram.ts';
import type { BenchScenario } from '../scenario/scenario.ts';
import type { SizeShare } from '../scenario/sizes.ts';
import type { StormPart } from './storm-log.ts';

export type LoadSettings = Pick<
  BenchScenario,
  | 'url'
  | 'mode'
  | 'kind'
  | 'publishers'
  | 'compress'
  | 'message'
  | 'reply'
  | 'backoff'
  | 'reconnect'
  | 'origin'
  | 'subprotocols'
  | 'first'
  | 'expect'
  | 'rawHeaders'
  | 'insecure'
> & {
  /** The address that was found to answer: every connection goes there. Null leaves it to the resolver. */
  readonly address: string | null;
  readonly sources: readonly string[];
  /** The largest message of all phases. */
  readonly messageBytesMax: number;
  /** This process makes the connections index, index + of, index + 2 of … */
  readonly index: number;
  readonly of: number;
};

/** The load of one phase. Times are of the machine's monotonic clock, which all processes share. */
export interface PhaseLoad {
  readonly phase: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly connections: number;
  /** For each connection that sends. */
  readonly messagesPerSecond: number;
  readonly sizes: readonly SizeShare[];
}

export type ToGenerator =
  | { readonly kind: 'settings'; readonly settings: LoadSettings }
  /** Opens connections until there are so many in all processes, or closes those that are too many. */
  | {
      readonly kind: 'reach';
      readonly connections: number;
      readonly connectsPerSecond: number;
      readonly startMs: number;
    }
  | { readonly kind: 'load'; readonly load: PhaseLoad }
  /** From now on until `stop`, whoever loses its connection comes back; `cut`: everybody loses it now. */
  | { readonly kind: 'storm'; readonly storm: number; readonly cut: boolean }
  /** No more messages from now on; after the last phase, no more connections either. */
  | { readonly kind: 'stop'; readonly atMs: number; readonly last: boolean }
  | { readonly kind: 'close' };

export type FromGenerator =
  | { readonly kind: 'ready' }
  | { readonly kind: 'report'; readonly report: GeneratorReport }
  /** Every connection has been opened or has failed. */
  | { readonly kind: 'reached' }
  /**
   * Stopped; `intended`: messages that were due until then; `receivers`: connections that were opened and should get
   * what others send. A report with all that was sent came before.
   */
  | { readonly kind: 'stopped'; readonly intended: number; readonly receivers: number }
  | { readonly kind: 'closed' };

/** What happened since the report before; `open` and `away` are what is now. Latencies are in microseconds. */
export interface GeneratorReport {
  readonly open: number;
  /** Clients that have lost their connection and will try again. */
  readonly away: number;
  readonly counts: LoadCounts;
  /**
   * How often each reason stood in the way of a connection, or ended one, outside of storms: at most reasonsMax
   * different ones.
   */
  readonly failures: Readonly<Record<string, number>>;
  readonly drops: Readonly<Record<string, number>>;
  readonly storm: StormPart | null;
  readonly latency: HistogramPart;
  /** The same from when a message was really sent. */
  readonly response: HistogramPart;
  readonly connect: HistogramPart;
  /** How late messages were sent, and dials begun: the generator's own doing. */
  readonly sendLag: HistogramPart;
  readonly dialLag: HistogramPart;
  /** Processor time of this process, and the longest time its event loop was held up. */
  readonly cpuUs: number;
  readonly loopDelayMaxMs: number;
}

export const noCounts = {
  /** Connections that were begun. */
  attempts: 0,
  opened: 0,
  /** Of those opened, the ones that agreed on permessage-deflate. */
  compressed: 0,
  failed: 0,
  dropped: 0,
  /** The part of `failed` and `dropped` that belongs to storms. */
  stormFailed: 0,
  stormDropped: 0,
  sent: 0,
  sentBytes: 0,
  received: 0,
  receivedBytes: 0,
  unexpected: 0,
};
export type LoadCounts = { readonly [Name in keyof typeof noCounts]: number };

/** Milliseconds of a clock that is the same for all processes of this machine (CLOCK_MONOTONIC on Linux). */
export function createSharedClock(): () => number {
  const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return () => performance.now() + offsetMs;
}
