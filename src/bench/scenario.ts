/** What a run is to do, and the ranges that its numbers may lie in. */
import type { Diagnostic, Findings } from '../base/diagnostic.ts';
import { readTarget } from '../client/target.ts';
import { stampBytes } from './payload.ts';
import { readThreshold, type Threshold } from './thresholds.ts';

/**
 * `echo`: the server sends each message back. `fanout`: publishers send, and the server gives each message to everybody.
 * `hold`: nothing is sent; connections are opened and kept.
 */
export const benchModes = ['echo', 'fanout', 'hold'] as const;
export type BenchMode = (typeof benchModes)[number];

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
  readonly kind: 'text' | 'binary';
  /** Connections that send in fan-out; they are not counted as receivers. */
  readonly publishers: number;
  /** How long answers are waited for after the last message. */
  readonly graceMs: number;
  /** Null: as many as the numbers ask for. */
  readonly processes: number | null;
  /** Source addresses; empty: the system's choice, or as many loopback addresses as are needed. */
  readonly sources: readonly string[];
  readonly ownsTarget: boolean;
  readonly origin: string | null;
  readonly subprotocols: readonly string[];
  readonly rawHeaders: readonly string[];
  /** Accepts any certificate. */
  readonly insecure: boolean;
  /** Local processes to measure. */
  readonly pids: readonly number[];
  readonly thresholds: readonly Threshold[];
}

/** Everything but the URL has a default. Thresholds are texts, as in `p99 < 50ms`. */
export type ScenarioInput = Pick<BenchScenario, 'url'> &
  Partial<Omit<BenchScenario, 'url' | 'thresholds'>> & { readonly thresholds?: readonly string[] };

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
  kind: 'text',
  publishers: 1,
  // Longer than a garbage collection, a retransmission (200 ms and up) and a restart of a connection's path.
  graceMs: 5000,
  processes: null,
  sources: [],
  ownsTarget: false,
  origin: null,
  subprotocols: [],
  rawHeaders: [],
  insecure: false,
  pids: [],
  thresholds: [],
};

interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  readonly says: string;
}

/** Why each limit is where it is stands beside it. */
const ranges = {
  // The number of a connection has six digits of 16 in a message; a million takes 40 source addresses and 60 GB elsewhere.
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
const rampSecondsMax = 3600;

/** Fills in the defaults and says what is out of range; the value is null when it cannot be run. */
export function readScenario(
  input: ScenarioInput,
): Findings<BenchScenario | null, 'bench-out-of-range' | 'bench-threshold' | 'bench-url'> {
  const diagnostics: Diagnostic<'bench-out-of-range' | 'bench-threshold' | 'bench-url'>[] = [];
  const thresholds: Threshold[] = [];
  const mode = input.mode ?? scenarioDefaults.mode;
  for (const text of input.thresholds ?? []) {
    const reading = readThreshold(text, mode);
    if (reading.ok) thresholds.push(reading.threshold);
    else diagnostics.push({ code: 'bench-threshold', severity: 'error', message: reading.problem, help: reading.help });
  }
  const scenario: BenchScenario = { ...scenarioDefaults, ...input, thresholds };
  const target = readTarget(scenario.url);
  if (!target.ok)
    diagnostics.push({ code: 'bench-url', severity: 'error', message: target.detail, help: 'write ws://host/path' });
  for (const [name, range] of Object.entries(ranges) as [keyof typeof ranges, NumberRange][]) {
    const value = scenario[name];
    if (value === null || fits(value, range)) continue;
    diagnostics.push(outOfRange(`${range.says}: ${value} is not ${range.whole ? 'a whole number ' : ''}`, range));
  }
  const rampS = scenario.connections / scenario.connectsPerSecond;
  if (rampS > rampSecondsMax)
    diagnostics.push({
      ...{ code: 'bench-out-of-range', severity: 'error' },
      message: `${scenario.connections} connections at ${scenario.connectsPerSecond} per second take longer than an hour to open`,
      help: 'open fewer connections, or open them faster',
    });
  if (mode === 'fanout' && scenario.publishers >= scenario.connections)
    diagnostics.push({
      ...{ code: 'bench-out-of-range', severity: 'error' },
      message: `${scenario.publishers} of ${scenario.connections} connections publish, and nobody is left to receive`,
      help: 'open more connections, or let fewer of them publish',
    });
  return { value: diagnostics.length === 0 ? scenario : null, diagnostics };
}

function fits(value: number, range: NumberRange): boolean {
  return value >= range.min && value <= range.max && (!range.whole || Number.isInteger(value));
}

function outOfRange(begin: string, range: NumberRange): Diagnostic<'bench-out-of-range'> {
  const span = `from ${range.min.toLocaleString('en-US')} to ${range.max.toLocaleString('en-US')}`;
  return { code: 'bench-out-of-range', severity: 'error', message: begin + span, help: `give a number ${span}` };
}
