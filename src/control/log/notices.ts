import type { DrainOrder } from '../../base/drain.ts';
import type { StayCounts } from '../../base/stay-cause.ts';
import type { ServerStateName } from '../../policy/health/status.ts';
import type { Incident } from '../../registry/incidents/incident.ts';
import type { LogEvent } from './events.ts';

/** What the supervisor itself has to say; one closed union for the log and the terminal. */
export type Notice =
  /**
   * Sockets, or those of TLS alone, cannot be used directly on this Node: the workers take the public way, which
   * carries fewer messages a second.
   */
  | { readonly kind: 'sockets-public'; readonly of: 'all' | 'tls'; readonly node: string; readonly problem: string }
  /** Under `engine: nginx`: the master runs, started anew or found running. */
  | {
      readonly kind: 'nginx-up';
      readonly pid: number;
      readonly version: string;
      /** Names of its optional modules. */
      readonly modules: string;
      /** Connections that it held already; null for one that was started. */
      readonly found: number | null;
    }
  /** The master ended, and nobody had asked it to. Its workers go on with what they hold. */
  | { readonly kind: 'nginx-ended'; readonly pid: number; readonly orphans: number; readonly restartInMs: number }
  /** A line of its error log. */
  | { readonly kind: 'nginx-said'; readonly level: 'info' | 'warn' | 'error'; readonly line: string }
  /** New workers run by a new configuration; those from before keep their connections until they end. */
  | { readonly kind: 'nginx-reloaded'; readonly stay: string }
  /** The last hour had as many reloads as it may have. `dueAtMs`: when this one comes, milliseconds since 1970. */
  | { readonly kind: 'nginx-reload-waits'; readonly changed: readonly string[]; readonly dueAtMs: number }
  | { readonly kind: 'worker-ready'; readonly worker: number }
  /**
   * It has not reported for so long: its event loop stands still, or the process does. It is ended unless it reports
   * again.
   */
  | { readonly kind: 'worker-silent'; readonly worker: number; readonly silentMs: number; readonly endsInMs: number }
  | {
      readonly kind: 'worker-crashed';
      readonly worker: number;
      /** `signal SIGKILL`, `exit code 1`. */
      readonly how: string;
      /** Connections that it held by its last report, at most half a second old. */
      readonly lost: number;
      readonly restartInMs: number;
    }
  /** It was to leave. `how`: null when it did so by itself, with nobody on it. */
  | { readonly kind: 'worker-left'; readonly worker: number; readonly how: string | null; readonly lost: number }
  /** Connections went from one worker to another, and nobody noticed. */
  | {
      readonly kind: 'handed-over';
      readonly why: string;
      readonly moved: number;
      readonly stayed: Readonly<StayCounts>;
      readonly elapsedMs: number;
    }
  /** The workers are exchanged for ones of the code on disk: how far that is, and why it went no further. */
  | {
      readonly kind: 'upgrade';
      readonly phase: 'probation' | 'supervisor' | 'exchange' | 'done' | 'would' | 'kept' | 'cancelled';
      readonly from: string | null;
      readonly to: string | null;
      readonly problem: string | null;
      readonly exchanged: number;
    }
  /** The supervisor died, and another one goes on with the workers. */
  | { readonly kind: 'supervisor-restarted'; readonly why: string; readonly workers: number }
  | { readonly kind: 'worker-not-started'; readonly message: string; readonly restartInMs: number }
  | { readonly kind: 'events-dropped'; readonly worker: number; readonly count: number }
  | { readonly kind: 'instance-ready'; readonly upstream: string; readonly instance: number; readonly url: string }
  | {
      readonly kind: 'instance-ended';
      readonly upstream: string;
      readonly instance: number;
      readonly how: string;
      readonly restartInMs: number;
    }
  /**
   * All instances of an upstream are exchanged: the new ones first, then the old ones are drained one after the other.
   */
  | {
      readonly kind: 'restart-started';
      readonly upstream: string;
      /** Of the new instances. */
      readonly generation: number;
      readonly instances: number;
      /** `by command`, `/srv/app/server.js changed`. */
      readonly why: string;
    }
  | {
      readonly kind: 'restart-ended';
      readonly upstream: string;
      readonly generation: number;
      /** Old instances that have ended. */
      readonly exchanged: number;
      /** null when it went well; otherwise what kept it from its end, and what has not been exchanged goes on. */
      readonly problem: string | null;
    }
  /** The number of instances follows the load. */
  | {
      readonly kind: 'scaled';
      readonly upstream: string;
      readonly from: number;
      readonly to: number;
      readonly reason: string;
    }
  /** A figure is missing that the number of instances should follow. Once, until it is there again. */
  | { readonly kind: 'load-unknown'; readonly upstream: string; readonly message: string }
  /** A file whose change restarts the instances is not there; it is looked for on. */
  | { readonly kind: 'watched-file-missing'; readonly upstream: string; readonly file: string }
  | { readonly kind: 'instance-output'; readonly upstream: string; readonly instance: number; readonly line: string }
  /** A server has become something else: once when it goes down, once when it is back. */
  | {
      readonly kind: 'server-state';
      readonly upstream: string;
      readonly server: string;
      readonly state: ServerStateName;
      readonly was: ServerStateName;
      readonly reason: string;
      readonly connections: number;
    }
  | {
      readonly kind: 'server-added';
      readonly upstream: string;
      readonly server: string;
      readonly origin: 'spec' | 'command' | 'managed';
    }
  /** It is off the list and holds nothing any more. */
  | { readonly kind: 'server-removed'; readonly upstream: string; readonly server: string }
  | {
      readonly kind: 'drain-started';
      readonly drain: string;
      readonly what: string;
      readonly total: number;
      readonly ratePerSecond: number;
      readonly order: DrainOrder;
    }
  | {
      readonly kind: 'drain-ended';
      readonly drain: string;
      readonly what: string;
      readonly state: 'running' | 'done' | 'cancelled';
      readonly total: number;
      readonly closed: number;
      readonly gone: number;
      readonly elapsedMs: number;
    }
  /** `route` is null for the gate of the whole edge. */
  | { readonly kind: 'gate'; readonly route: string | null; readonly closed: boolean }
  | { readonly kind: 'reloaded'; readonly changed: readonly string[] }
  | {
      readonly kind: 'addresses-changed';
      readonly upstream: string;
      readonly joined: readonly string[];
      readonly left: readonly string[];
    }
  | { readonly kind: 'name-unresolved'; readonly upstream: string; readonly message: string }
  | { readonly kind: 'log-reopened'; readonly file: string }
  | { readonly kind: 'log-kept'; readonly file: string; readonly message: string }
  | { readonly kind: 'signal-ignored'; readonly signal: string; readonly why: string }
  /** A socket that the service manager passed is not used. */
  | { readonly kind: 'socket-unused'; readonly socket: string; readonly why: string }
  /** The service manager waits for news that cannot be brought to it. */
  | { readonly kind: 'service-untold'; readonly message: string }
  /** The service manager waits less for a sign of life than there is between two. */
  | { readonly kind: 'watchdog-short'; readonly askedMs: number; readonly everyMs: number }
  /** Many connections ended together, and this is probably why. */
  | { readonly kind: 'incident'; readonly incident: Incident }
  /** Somebody steered the edge through the control API. */
  | {
      readonly kind: 'steered';
      /** Name of the token, and where the request came from. */
      readonly who: string;
      readonly from: string;
      /** `closed 12 connections (route:chat) with 1008`. */
      readonly act: string;
    };

/** Everything that becomes a line of the log. */
export type EdgeEvent = LogEvent | Notice;
export type EdgeEventSink = (event: EdgeEvent) => void;
