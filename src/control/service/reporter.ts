/**
 * Keeps the service manager told of how the edge stands: ready, reloading, stopping, alive, and the counts in a line.
 */
import { openIn, type Totals } from '../../registry/totals.ts';
import type { WorkerStatus } from '../workers/state.ts';
import { unfitness } from './health.ts';
import type { Messenger } from './messenger.ts';

/** What is reported on. */
export interface ReportedEdge {
  totals(): Totals;
  workers(): readonly WorkerStatus[];
  silentWorkers(): readonly number[];
  readonly gates: { state(): { readonly closed: boolean } };
}

export interface ServiceReporter {
  /** It serves. From here on there are signs of life and counts. */
  ready(edge: ReportedEdge): void;
  /** Runs a reload of an edge that is ready, between the two messages that belong around it. */
  reloading<Value>(reload: () => Promise<Value>): Promise<Value>;
  stopping(): void;
  /** Another process reports from now on, until `ready` is called again. */
  pause(): void;
  /** Ends the reports, and resolves when the last has left. Idempotent. */
  close(): Promise<void>;
}

/** As often as somebody looks at `systemctl status`; a message costs a short process. */
const statusEveryMs = 10_000;
/**
 * Each sign of life is a process of its own, and more of them say nothing new: a worker counts as silent after three
 * seconds.
 */
const lifeEveryMsMin = 500;
/** While there is no sign of life to give, it is looked at again this often. */
const lookAgainMs = 1000;

/** sd_watchdog_enabled(3) recommends half of the time. */
export function signsOfLife(watchdogMs: number): { readonly everyMs: number; readonly suffices: boolean } {
  const everyMs = Math.max(watchdogMs / 2, lifeEveryMsMin);
  return { everyMs, suffices: everyMs < watchdogMs };
}

/**
 * `watchdogMs`: null where nobody waits for signs of life. `messages`: null where there is no service manager, and all
 * of this does nothing.
 */
export function serviceReporter(messages: Messenger | null, watchdogMs: number | null): ServiceReporter {
  if (messages === null) return silent;
  let edge: ReportedEdge | null = null;
  let told = '';
  let stops = false;
  let reloads = 0;
  let statusTimer: NodeJS.Timeout | undefined;
  let lifeTimer: NodeJS.Timeout | undefined;

  /** The line of counts, when it says something new. */
  function news(): { STATUS?: string } {
    const text = edge === null ? '' : statusLine(edge, stops);
    if (text === told) return {};
    told = text;
    return { STATUS: text };
  }

  function tellStatus(): void {
    const status = news();
    if (status.STATUS !== undefined) messages!.send(status as { STATUS: string });
  }

  function live(everyMs: number): void {
    // Workers end while the edge does, and that is no illness.
    const fit = stops || edge === null || unfitness(edge.workers(), edge.silentWorkers()) === null;
    if (fit) messages!.send({ WATCHDOG: '1' });
    lifeTimer = setTimeout(live, fit ? everyMs : Math.min(everyMs, lookAgainMs), everyMs);
  }

  function pause(): void {
    clearInterval(statusTimer);
    clearTimeout(lifeTimer);
  }

  return {
    ready(started) {
      edge = started;
      messages.send({ READY: '1', ...news() });
      statusTimer = setInterval(tellStatus, statusEveryMs);
      if (watchdogMs !== null) live(signsOfLife(watchdogMs).everyMs);
    },
    async reloading(reload) {
      // One that begins while another is under way belongs to it.
      if (reloads++ === 0) messages.send({ RELOADING: '1', MONOTONIC_USEC: monotonicMicroseconds() });
      try {
        return await reload();
      } finally {
        if (--reloads === 0 && !stops) messages.send({ READY: '1' });
      }
    },
    stopping() {
      stops = true;
      messages.send({ STOPPING: '1', ...news() });
    },
    pause,
    async close() {
      pause();
      await messages.sent();
    },
  };
}

const silent: ServiceReporter = {
  ready: () => undefined,
  reloading: (reload) => reload(),
  stopping: () => undefined,
  pause: () => undefined,
  close: () => Promise.resolve(),
};

/** systemd from 253 on tells by it which reload the message belongs to (Type=notify-reload). */
function monotonicMicroseconds(): string {
  return String(process.hrtime.bigint() / 1000n);
}

/** `1,204 connections, 2 workers`. */
function statusLine(edge: ReportedEdge, stops: boolean): string {
  const open = openIn(edge.totals());
  const workers = edge.workers();
  const mute = edge.silentWorkers().length;
  return [
    `${stops ? 'draining, ' : ''}${counted(open, 'connection')}`,
    counted(workers.length, 'worker'),
    ...(mute === 0 ? [] : [`${mute} silent`]),
    ...(edge.gates.state().closed && !stops ? ['gate closed'] : []),
  ].join(', ');
}

function counted(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;
}
