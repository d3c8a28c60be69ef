/** What viewers of an edge (the page, holdline top, holdline status) are told, once a second. Plain data. */
import type { CloseCause } from '../base/close-cause.ts';
import type { HandshakeOutcome } from '../base/handshake-outcome.ts';
import type { Second, SecondColumns } from './history/seconds.ts';
import type { Incident } from './incidents/incident.ts';

export interface Now {
  readonly atMs: number;
  readonly version: string;
  readonly startedAtMs: number;
  readonly gateClosed: boolean;
  /** Routes whose own gate is closed. */
  readonly gateRoutes: readonly string[];
  /** Those that run. */
  readonly drains: readonly NowDrain[];
  readonly restarts: number;
  /** The last full second; null in the first. */
  readonly second: Second | null;
  readonly routes: readonly NowRoute[];
  readonly servers: readonly NowServer[];
  readonly workers: readonly NowWorker[];
  /** What somebody should look at, a sentence each. */
  readonly problems: readonly string[];
}

export interface NowRoute {
  readonly name: string;
  /** `app.example.com/chat/`; null for one that a reload removed, and for handshakes that no route matches. */
  readonly match: string | null;
  readonly upstream: string | null;
  readonly open: number;
  /** Since the start. */
  readonly handshakes: Readonly<Partial<Record<HandshakeOutcome, number>>>;
  readonly closes: Readonly<Partial<Record<CloseCause, number>>>;
  readonly clientMessages: number;
  readonly serverMessages: number;
  readonly clientBytes: number;
  readonly serverBytes: number;
}

export interface NowServer {
  readonly upstream: string;
  readonly url: string;
  readonly connections: number;
  /** `up` as far as anybody knows, or what is said of it. */
  readonly state: string;
}

export interface NowDrain {
  readonly id: string;
  readonly what: string;
  readonly total: number;
  readonly remaining: number;
  readonly etaMs: number;
}

export interface NowWorker {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly connections: number;
  readonly memoryBytes: number;
  /** Of one core. */
  /** Of Holdline, as the worker was loaded. */
  readonly version: string;
  /** It takes no new connections, and ends when it holds none. */
  readonly leaving: boolean;
  /** Of one that leaves: what it cannot hand over, by cause. */
  readonly stayed: Readonly<Record<string, number>>;
  readonly cpuShare: number;
  readonly eventLoopDelayMaxMs: number;
}

export interface LiveEvent {
  readonly number: number;
  readonly atMs: number;
  readonly kind: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
  readonly who: string | null;
  readonly incident: Incident | null;
}

/** What a viewer begins with. */
export interface Snapshot {
  readonly now: Now;
  /** Oldest first. */
  readonly seconds: SecondColumns;
  readonly events: readonly LiveEvent[];
}
