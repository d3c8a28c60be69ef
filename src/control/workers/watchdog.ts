import type { EdgeEventSink } from '../log/notices.ts';
import { type ChildExit, exitText } from '../processes/child.ts';
import type { WorkerProcess } from './process.ts';
import { reportEveryMs } from './session.ts';

/**
 * Six reports are missing: more than any garbage collection or any message takes, and less than a client's patience
 * with a handshake.
 */
const silentAfterMs = 3000;
/**
 * What stands still for so long does not come back by itself, and everybody on it waits; its connections are lost when
 * it ends.
 */
const endedAfterMs = 10_000;
/** When several workers fall silent together, the machine is likelier short of processor than each of them hung. */
const endedTogetherAfterMs = 30_000;

/** Watches for workers that have fallen silent, and ends those that stay so. */
export class Watchdog {
  readonly #ready: ReadonlySet<WorkerProcess>;
  readonly #onEvent: EdgeEventSink;
  /** Of the ready ones, those that do not report or answer. */
  readonly #silent = new Set<WorkerProcess>();
  readonly #timer = setInterval(() => this.#watch(), reportEveryMs);

  /** `ready` is the pool's own set, which changes. */
  constructor(ready: ReadonlySet<WorkerProcess>, onEvent: EdgeEventSink) {
    this.#ready = ready;
    this.#onEvent = onEvent;
  }

  get silent(): readonly WorkerProcess[] {
    return [...this.#silent];
  }

  /** Those that are asked. */
  get answering(): readonly WorkerProcess[] {
    return [...this.#ready].filter((worker) => !this.#silent.has(worker));
  }

  /** It has left a question unanswered. */
  suspect(worker: WorkerProcess): void {
    this.#silent.add(worker);
  }

  forget(worker: WorkerProcess): void {
    this.#silent.delete(worker);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /**
   * Counts missing reports rather than time: a supervisor that was stopped itself, or a machine that slept, must not
   * take that for a worker's silence.
   */
  #watch(): void {
    const ready = [...this.#ready];
    for (const worker of ready) worker.tick();
    const together = ready.length > 1 && ready.every((worker) => worker.silentMs >= silentAfterMs);
    const limitMs = together ? endedTogetherAfterMs : endedAfterMs;
    for (const worker of ready) {
      const { silentMs } = worker;
      if (silentMs === 0) this.#silent.delete(worker);
      if (silentMs === silentAfterMs) {
        this.#silent.add(worker);
        worker.giveUpAsking();
        const endsInMs = limitMs - silentMs;
        this.#onEvent({ kind: 'worker-silent', worker: worker.pid, silentMs, endsInMs });
      }
      if (silentMs >= limitMs) worker.kill();
    }
  }
}

/** For the log. */
export function howEnded({ silentMs }: WorkerProcess, exit: ChildExit): string {
  return silentMs < endedAfterMs ? exitText(exit) : `no report for ${silentMs / 1000} s, ended with ${exitText(exit)}`;
}
