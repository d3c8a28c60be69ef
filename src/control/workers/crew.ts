import { HoldlineError } from '../../base/error.ts';
import { addTotals, newTotals, openIn, retireTotals, type Totals } from '../../registry/totals.ts';
import type { SharedDesk } from '../desk/shared.ts';
import { type PostOffice, postOffice } from '../handover/post.ts';
import type { ChildExit } from '../processes/child.ts';
import type { NotedWorker } from '../succession/protocol.ts';
import { WorkerForks, type WorkerForksOptions, type WorkerStart } from './forks.ts';
import type { WorkerProcess } from './process.ts';
import { type RestartPace, restartPace } from './restart-pace.ts';
import { howEnded, Watchdog } from './watchdog.ts';

export interface CrewOptions extends WorkerForksOptions {
  readonly desk: SharedDesk;
  /** One is ready, or is to leave: whoever might take over has to know. */
  readonly onNoted?: (worker: WorkerProcess, leaving: boolean) => void;
  /** One that died has been replaced. */
  readonly onReplaced: () => void;
}

/** From the fork to `ready`: node itself takes some 100 ms; a loaded machine many times that. */
const startTimeoutMs = 30_000;

/** Who is there: workers that start, that are ready, that leave; whoever holds a place and dies is replaced. */
export class Crew {
  readonly post: PostOffice = postOffice(() => this.ready);
  /** Every process, those included that start still. */
  readonly running = new Set<WorkerProcess>();
  readonly ready = new Set<WorkerProcess>();
  /** Those that take nobody new and end once they hold nothing. */
  readonly leaving = new Set<WorkerProcess>();
  /** Those that hold no place yet. */
  readonly unsettled = new Set<WorkerProcess>();
  readonly watchdog: Watchdog;
  /** Of those that died. */
  restarts = 0;

  readonly #options: CrewOptions;
  readonly #forks: WorkerForks;
  readonly #onMoved: () => void;
  /** Of restarts that wait. */
  readonly #timers = new Set<NodeJS.Timeout>();
  #goneTotals = newTotals();
  #ending = false;

  /** `onMoved`: a worker reports other counts of connections than before. */
  constructor(options: CrewOptions, onMoved: () => void) {
    this.#options = options;
    this.#onMoved = onMoved;
    this.#forks = new WorkerForks(options, this.post);
    this.watchdog = new Watchdog(this.ready, options.onEvent);
  }

  /** Of all workers, those that are gone included. */
  get totals(): Totals {
    return addTotals([this.#goneTotals, ...[...this.ready].flatMap((worker) => worker.report?.totals ?? [])]);
  }

  /** One place in the pool. Rejects when the worker does not start; with `retries` it is tried again nevertheless. */
  async launch({
    pace = restartPace(),
    retries = true,
  }: {
    pace?: RestartPace;
    retries?: boolean;
  } = {}): Promise<WorkerProcess> {
    // Nobody would end it.
    if (this.#ending) throw new HoldlineError('worker-start-failed', 'the edge ends');
    const worker = this.#forks.ordinary(this.#onMoved);
    this.running.add(worker);
    const deadline = setTimeout(() => worker.kill(), startTimeoutMs);
    try {
      await worker.ready;
      this.ready.add(worker);
      this.#options.onNoted?.(worker, false);
      this.#options.onEvent({ kind: 'worker-ready', worker: worker.pid });
      void worker.exited.then((exit) => this.#gone(worker, exit, pace));
      return worker;
    } catch (error) {
      worker.kill();
      this.running.delete(worker);
      if (!this.#ending && retries) this.#notStarted(worker, pace, error as Error);
      throw error;
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Those that another supervisor has started. */
  adopt(workers: readonly NotedWorker[]): void {
    this.post.adopted();
    for (const kept of workers) {
      const worker = this.#forks.kept(kept, this.#onMoved);
      if (worker === null) continue;
      this.running.add(worker);
      this.ready.add(worker);
      if (kept.leaving) this.leaving.add(worker);
      void worker.exited.then((exit) => this.#gone(worker, exit, restartPace()));
    }
  }

  /** Of those that are gone. */
  get goneTotals(): Totals {
    return this.#goneTotals;
  }

  restore(gone: Totals, restarts: number): void {
    this.#goneTotals = addTotals([this.#goneTotals, gone]);
    this.restarts = restarts;
  }

  /** A worker outside of the pool, which no client reaches. */
  trial(change: (start: WorkerStart) => WorkerStart, onErrors: (text: string) => void): WorkerProcess {
    const worker = this.#forks.trial(change, onErrors);
    this.running.add(worker);
    void worker.exited.then(() => this.running.delete(worker));
    return worker;
  }

  /** Nobody is replaced any more. */
  stopReplacing(): void {
    this.#ending = true;
    this.watchdog.close();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  cut(): void {
    this.stopReplacing();
    for (const worker of this.running) worker.kill();
  }

  /** One that was ready has ended. */
  #gone(worker: WorkerProcess, exit: ChildExit, pace: RestartPace): void {
    const { desk, onEvent, nowMs } = this.#options;
    this.post.forget(worker);
    desk.forget(worker.pid);
    this.running.delete(worker);
    this.watchdog.forget(worker);
    this.ready.delete(worker);
    const last = worker.report?.totals ?? newTotals();
    this.#goneTotals = addTotals([this.#goneTotals, retireTotals(last, { crashed: !worker.done })]);
    if (this.#ending) return;
    const lost = worker.done ? 0 : openIn(last);
    if (this.unsettled.delete(worker) || this.leaving.delete(worker)) {
      const how = worker.done ? null : howEnded(worker, exit);
      onEvent({ kind: 'worker-left', worker: worker.pid, how, lost });
      return;
    }
    const restartInMs = pace.pauseAfter(nowMs() - worker.startedAtMs);
    this.restarts++;
    onEvent({ kind: 'worker-crashed', worker: worker.pid, how: howEnded(worker, exit), lost, restartInMs });
    this.#relaunchIn(restartInMs, pace);
  }

  #notStarted(worker: WorkerProcess, pace: RestartPace, { message }: Error): void {
    const restartInMs = pace.pauseAfter(this.#options.nowMs() - worker.startedAtMs);
    this.#options.onEvent({ kind: 'worker-not-started', message, restartInMs });
    this.#relaunchIn(restartInMs, pace);
  }

  #relaunchIn(ms: number, pace: RestartPace): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#ending) return;
      // A start that fails has said so as an event and has set the next try going.
      this.launch({ pace }).then(
        () => this.#options.onReplaced(),
        () => undefined,
      );
    }, ms);
    this.#timers.add(timer);
  }
}
