/** What a run is to do, as plain values with every number filled in. */

import { stampBytes } from '../generator/payload.ts';
import type { BackoffPlan } from './backoff.ts';
import type { BenchMode } from './mode.ts';
import type { SizeShare } from './sizes.ts';
import type { Threshold } from './thresholds.ts';

/** Connections are lost together: by a command, or because every client cuts its own. */
export interface StormPlan {
  /** Since the load of its phase began. */
  readonly atMs: number;
  readonly command: string | null;
}

/** One part of a run. Its connections are opened or closed first, and then its load lasts for its duration. */
export interface PhasePlan {
  /** Null: the scenario has no phases, and this is all of it. */
  readonly name: string | null;
  readonly durationMs: number;
  readonly connections: number;
  readonly connectsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly sizes: readonly SizeShare[];
  readonly storms: readonly StormPlan[];
  readonly thresholds: readonly Threshold[];
}

export const searchSubjects = ['connections', 'rate'] as const;
export type SearchSubject = (typeof searchSubjects)[number];

export interface BenchScenario {
  readonly url: string;
  readonly mode: BenchMode;
  /** Connections in all; in fan-out the publishers are among them. */
  readonly connections: number;
  readonly connectsPerSecond: number;
  /** How long the load lasts once all connections are open. */
  readonly durationMs: number;
  /** For each connection that sends. */
  readonly messagesPerSecond: number;
  readonly messageBytes: number;
  /** A mix in place of messageBytes; empty without one. */
  readonly sizes: readonly SizeShare[];
  readonly kind: 'text' | 'binary';
  /** Offers permessage-deflate, and compresses every message where it is agreed on. */
  readonly compress: boolean;
  /** A message with placeholders in place of the usual one. */
  readonly message: string | null;
  /** A regular expression with a group named id, by which an answer is known. */
  readonly reply: string | null;
  /** Connections that send in fan-out; they are not counted as receivers. */
  readonly publishers: number;
  /** In place of one load; what a phase does not say is as it is here. Empty without phases. */
  readonly phases: readonly PhasePlan[];
  readonly storms: readonly StormPlan[];
  /** How clients come back after a storm. */
  readonly backoff: BackoffPlan;
  /** Whoever loses its connection outside of a storm comes back as well. */
  readonly reconnect: boolean;
  readonly search: SearchSubject | null;
  /** How long answers are waited for after the last message. */
  readonly graceMs: number;
  /** Null: as many as the numbers ask for. */
  readonly processes: number | null;
  /** Source addresses; empty: the system's choice, or as many loopback addresses as are needed. */
  readonly sources: readonly string[];
  readonly ownsTarget: boolean;
  readonly origin: string | null;
  readonly subprotocols: readonly string[];
  /** Said first on every connection: a text, or the name of a protocol (client/opening.ts). */
  readonly first: string | null;
  /** What the answer to it has to hold before a connection counts as open. */
  readonly expect: string | null;
  readonly rawHeaders: readonly string[];
  /** Accepts any certificate. */
  readonly insecure: boolean;
  /** Local processes to measure. */
  readonly pids: readonly number[];
  readonly thresholds: readonly Threshold[];
}

/** What a phase says of its own. Thresholds are texts, as in `p99 < 50ms`. */
export interface PhaseInput
  extends Partial<Omit<PhasePlan, 'name' | 'thresholds'> & Pick<BenchScenario, 'messageBytes'>> {
  readonly name?: string;
  readonly thresholds?: readonly string[];
}

/** Everything but the URL has a default. */
export type ScenarioInput = Pick<BenchScenario, 'url'> &
  Partial<Omit<BenchScenario, 'url' | 'thresholds' | 'phases' | 'backoff'>> & {
    readonly thresholds?: readonly string[];
    readonly phases?: readonly PhaseInput[];
    readonly backoff?: Partial<BackoffPlan>;
  };

export const scenarioDefaults: Omit<BenchScenario, 'url'> = {
  mode: 'echo',
  // Enough to see a server work, and far below what any machine allows.
  connections: 100,
  // nginx and Node both accept some thousand handshakes a second on a core: this stays clear of that.
  connectsPerSecond: 500,
  // A p99 of 1,000 messages a second is then made of 100 messages.
  durationMs: 10_000,
  messagesPerSecond: 10,
  // A short JSON message.
  messageBytes: 64,
  sizes: [],
  kind: 'text',
  compress: false,
  message: null,
  reply: null,
  publishers: 1,
  phases: [],
  storms: [],
  // What client libraries that are careful do: a second, doubled up to half a minute, and all of it random.
  backoff: { firstMs: 1000, maxMs: 30_000, jitter: 1, retryAfter: false },
  reconnect: false,
  search: null,
  // Longer than a garbage collection, a retransmission (200 ms and up) and a restart of a connection's path.
  graceMs: 5000,
  processes: null,
  sources: [],
  ownsTarget: false,
  origin: null,
  subprotocols: [],
  first: null,
  expect: null,
  rawHeaders: [],
  insecure: false,
  pids: [],
  thresholds: [],
};

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  readonly says: string;
}

/** Why each limit is where it is stands beside it. */
export const ranges = {
  // The number of a connection has five digits of 16 in a message; a million takes 40 source addresses and 60 GB
  // elsewhere.
  connections: { min: 1, max: 1_000_000, whole: true, says: 'connections' },
  connectsPerSecond: { min: 0.01, max: 100_000, whole: false, says: 'the ramp, in connections per second' },
  // The series keeps a row a second, and the histogram's last bucket ends at 71 minutes.
  durationMs: { min: 100, max: 3_600_000, whole: false, says: 'the duration, in milliseconds' },
  messagesPerSecond: { min: 0.001, max: 100_000, whole: false, says: 'messages per second and connection' },
  // The stamp has to fit; the largest is what the client takes as one message.
  messageBytes: { min: stampBytes, max: 16 * 1024 * 1024, whole: true, says: 'the size of a message, in bytes' },
  // A receiver keeps one number for each publisher.
  publishers: { min: 1, max: 256, whole: true, says: 'publishers' },
  graceMs: { min: 0, max: 60_000, whole: false, says: 'the grace, in milliseconds' },
  // Each takes 50 MB, and more than cores do not make it faster.
  processes: { min: 1, max: 256, whole: true, says: 'processes' },
} as const satisfies Partial<Record<keyof BenchScenario, NumberRange>>;

/** As long as the load itself may last. */
export const rampSecondsMax = 3600;
/** The number of a phase has two digits of 16 in a message; more phases than this are several runs. */
export const phasesMax = 64;
/** Of one phase; each is told with its curve. */
export const stormsMax = 16;

/** A scenario without phases is one phase without a name. */
export function phasesOf(scenario: BenchScenario): readonly PhasePlan[] {
  if (scenario.phases.length > 0) return scenario.phases;
  const { durationMs, connections, connectsPerSecond, messagesPerSecond, storms } = scenario;
  const load = { durationMs, connections, connectsPerSecond, messagesPerSecond, storms };
  return [{ name: null, ...load, sizes: sizesOf(scenario), thresholds: [] }];
}

export function sizesOf(scenario: Pick<BenchScenario, 'sizes' | 'messageBytes'>): readonly SizeShare[] {
  return scenario.sizes.length > 0 ? scenario.sizes : [{ bytes: scenario.messageBytes, share: 1 }];
}
