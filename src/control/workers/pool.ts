import { randomBytes } from 'node:crypto';
import { HoldlineError } from '../../base/error.ts';
import { emptyRecord } from '../../base/record.ts';
import type { Certificate, GateState } from '../../gateway/surface.ts';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { PassiveSign } from '../../policy/health/status.ts';
import { addTotals, newTotals, openIn, retireTotals, type Totals } from '../../registry/totals.ts';
import type { SharedDesk } from '../desk/shared.ts';
import { type PostOffice, postOffice } from '../handover/post.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import type { RawListener } from '../raw-listener.ts';
import type { Guardian } from './guardian.ts';
import type { Answer, QuestionName, Questions, ServerLists, ToWorker } from './messages.ts';
import { exitText, startWorkerProcess, type WorkerExit, type WorkerProcess } from './process.ts';
import { restartPace } from './restart-pace.ts';
import { reportEveryMs } from './session.ts';

/** The workers: always as many as wanted, whatever happens to one of them. */
export interface WorkerPool {
  /** Starts them all; rejects when one cannot start, and then none is left. */
  start(count: number): Promise<void>;
  /** Those that have said that they are ready. */
  ready(): readonly WorkerProcess[];
  readonly restarts: number;
  tellAll(message: ToWorker): void;
  /** Those that do not report, or have left a question unanswered: what is asked of all is answered without them. */
  silent(): readonly WorkerProcess[];
  /** Asks every worker that answers; one that dies or falls silent meanwhile is left out, as its connections are. */
  askAll<Name extends QuestionName>(name: Name, ask: Questions[Name]['ask']): Promise<Answer<Name>[]>;
  /** Asks one worker, by process id. Rejects with `worker-gone` when it is not there. */
  askOne<Name extends QuestionName>(pid: number, name: Name, ask: Questions[Name]['ask']): Promise<Answer<Name>>;
  /** Servers that a worker passes over, by URL. */
  passiveSigns(): Record<string, PassiveSign>;
  /** Of all workers, those that are gone included. */
  totals(): Totals;
  /** Tells every worker what the others hold. Done by itself when a report brings other counts; now and then for those that are new. */
  sharePeerLoads(): void;
  /** Closes every connection with this close frame, waits `graceMs`, and ends the workers. */
  close(request: { code: number; reason: string; graceMs: number }): Promise<void>;
  /** Ends the workers without any word. */
  cut(): void;
  readonly post: PostOffice;
  /** Those that take nobody new and end once they hold nothing. */
  retiring(): readonly WorkerProcess[];
  /** Starts one more worker. Rejects when it does not start; then it is not tried again, nor is it replaced before `settle`. */
  add(): Promise<WorkerProcess>;
  /** Its place is one of the pool's from now on. */
  settle(worker: WorkerProcess): void;
  /** A worker outside of the pool, which no client reaches. Whoever starts it ends it. `onErrors` gets what it writes to its standard error. */
  readonly trial: (change: (start: WorkerStart) => WorkerStart, onErrors: (text: string) => void) => WorkerProcess;
  /** It takes nobody new from now on, and is not replaced when it ends. */
  retire(worker: WorkerProcess): void;
}

export interface WorkerStart {
  readonly plan: EdgePlan;
  readonly servers: ServerLists;
  readonly certificates: readonly (Certificate | null)[];
  readonly gate: GateState;
  readonly tellsOpens: boolean;
  readonly sockets: SocketsWay;
}

export interface WorkerPoolOptions {
  readonly entry: string;
  readonly listeners: readonly RawListener[];
  readonly nowMs: () => number;
  /** Beginning of the ids of one worker's connections; different for each call. */
  readonly newIdPrefix: () => string;
  /** What a worker that starts now has to know. */
  readonly state: () => WorkerStart;
  readonly onEvent: EdgeEventSink;
  readonly desk: SharedDesk;
  /** Ends the workers that outlive their supervisor. */
  readonly guardian: Guardian;
  /** One that died has been replaced. */
  readonly onReplaced: () => void;
}

/** From the fork to `ready`: node itself takes some 100 ms; a loaded machine many times that. */
const startTimeoutMs = 30_000;
/** Six reports are missing: more than any garbage collection or any message takes, and less than a client's patience with a handshake. */
const silentAfterMs = 3000;
/** What stands still for so long does not come back by itself, and everybody on it waits; its connections are lost when it ends. */
const endedAfterMs = 10_000;
/** When several workers fall silent together, the machine is likelier short of processor than each of them hung. */
const endedTogetherAfterMs = 30_000;
/** For the last report and the exit, after the grace for the connections is over. */
const exitGraceMs = 2000;

export function workerPool(options: WorkerPoolOptions): WorkerPool {
  /** One for all workers, those that replace others included: a cookie is good whoever reads it. */
  const stickyKey = randomBytes(32).toString('base64url');
  const running = new Set<WorkerProcess>();
  const readyOnes = new Set<WorkerProcess>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  /** Of the ready ones, those that do not report or answer. */
  const hung = new Set<WorkerProcess>();
  const leaving = new Set<WorkerProcess>();
  const unsettled = new Set<WorkerProcess>();
  const post = postOffice();
  const watchdog = setInterval(watch, reportEveryMs);
  let retired = newTotals();
  let restarts = 0;
  let ending = false;

  /** One place in the pool: whoever holds it is replaced when it dies. */
  async function launch(pace = restartPace(), retries = true): Promise<WorkerProcess> {
    const worker: WorkerProcess = startWorkerProcess({
      entry: options.entry,
      listeners: options.listeners,
      nowMs: options.nowMs,
      start: {
        kind: 'start',
        ...options.state(),
        idPrefix: options.newIdPrefix(),
        stickyKey,
      },
      onParcel: (parcel, handle) => post.pass(worker, parcel, handle),
      onGiven: (job, given) => post.gave(job, given),
      onMoved: sharePeerLoads,
      onDesk: (requests, answer) => {
        const answers = options.desk.serve(worker.pid, requests);
        if (answers.length > 0) answer(answers);
      },
      onEvents: (events, count) => {
        for (const event of events) options.onEvent(event);
        if (count > 0) options.onEvent({ kind: 'events-dropped', worker: worker.pid, count });
      },
    });
    running.add(worker);
    options.guardian.watch(worker.pid);
    const deadline = setTimeout(() => worker.kill(), startTimeoutMs);
    try {
      await worker.ready;
      readyOnes.add(worker);
      options.onEvent({ kind: 'worker-ready', worker: worker.pid });
      void replaceWhenGone(worker, pace);
      return worker;
    } catch (error) {
      worker.kill();
      options.guardian.forget(worker.pid);
      running.delete(worker);
      if (!ending && retries) void retryStart(worker, pace, error as Error);
      throw error;
    } finally {
      clearTimeout(deadline);
    }
  }

  async function replaceWhenGone(worker: WorkerProcess, pace = restartPace()): Promise<void> {
    const exit = await worker.exited;
    post.forget(worker);
    options.desk.forget(worker.pid);
    options.guardian.forget(worker.pid);
    hung.delete(worker);
    running.delete(worker);
    readyOnes.delete(worker);
    const last = worker.report?.totals ?? newTotals();
    retired = addTotals([retired, retireTotals(last, { crashed: !worker.done })]);
    if (ending) return;
    const lost = worker.done ? 0 : openIn(last);
    if (unsettled.delete(worker) || leaving.delete(worker)) {
      options.onEvent({
        kind: 'worker-left',
        worker: worker.pid,
        how: worker.done ? null : howEnded(worker, exit),
        lost,
      });
      return;
    }
    const restartInMs = pace.pauseAfter(options.nowMs() - worker.startedAtMs);
    restarts++;
    options.onEvent({ kind: 'worker-crashed', worker: worker.pid, how: howEnded(worker, exit), lost, restartInMs });
    relaunchIn(restartInMs, pace);
  }

  /**
   * Counts missing reports rather than time: a supervisor that was stopped itself, or a machine that slept, must not take that for a worker's
   * silence.
   */
  function watch(): void {
    for (const worker of readyOnes) worker.tick();
    const together = readyOnes.size > 1 && [...readyOnes].every((worker) => worker.silentMs >= silentAfterMs);
    const limitMs = together ? endedTogetherAfterMs : endedAfterMs;
    for (const worker of readyOnes) {
      const { silentMs } = worker;
      if (silentMs === 0) hung.delete(worker);
      if (silentMs === silentAfterMs) {
        hung.add(worker);
        worker.giveUpAsking();
        const endsInMs = limitMs - silentMs;
        options.onEvent({ kind: 'worker-silent', worker: worker.pid, silentMs, endsInMs });
      }
      if (silentMs >= limitMs) worker.kill();
    }
  }

  function howEnded(worker: WorkerProcess, exit: WorkerExit): string {
    const { silentMs } = worker;
    return silentMs < endedAfterMs
      ? exitText(exit)
      : `no report for ${silentMs / 1000} s, ended with ${exitText(exit)}`;
  }

  async function retryStart(worker: WorkerProcess, pace: ReturnType<typeof restartPace>, error: Error): Promise<void> {
    const restartInMs = pace.pauseAfter(options.nowMs() - worker.startedAtMs);
    options.onEvent({ kind: 'worker-not-started', message: error.message, restartInMs });
    relaunchIn(restartInMs, pace);
  }

  function relaunchIn(ms: number, pace: ReturnType<typeof restartPace>): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      // A start that fails has said so as an event and has set the next try going.
      if (!ending)
        launch(pace).then(
          () => options.onReplaced(),
          () => undefined,
        );
    }, ms);
    timers.add(timer);
  }

  function sharePeerLoads(): void {
    const all = [...readyOnes].map((worker) => ({ worker, own: worker.report?.totals.openByServer ?? {} }));
    const sum = emptyRecord<number>();
    for (const { own } of all) for (const [url, open] of Object.entries(own)) sum[url] = (sum[url] ?? 0) + open;
    for (const { worker, own } of all) {
      const others = Object.entries(sum).map(([url, open]) => [url, open - (own[url] ?? 0)] as const);
      worker.tellLatest({ kind: 'peer-loads', connectionsByServer: Object.fromEntries(others) });
    }
  }

  function stopReplacing(): void {
    ending = true;
    clearInterval(watchdog);
    for (const timer of timers) clearTimeout(timer);
  }

  function cut(): void {
    stopReplacing();
    for (const worker of running) worker.kill();
  }

  return {
    async start(count) {
      const starts = Array.from({ length: count }, () => launch());
      try {
        await Promise.all(starts);
      } catch (error) {
        const exits = [...running].map((worker) => worker.exited);
        cut();
        await Promise.all([...exits, Promise.allSettled(starts)]);
        throw error;
      }
    },
    ready: () => [...readyOnes],
    silent: () => [...hung],
    get restarts() {
      return restarts;
    },
    tellAll(message) {
      // One that is starting still is told too: it has been given the state of a moment ago.
      for (const worker of running) worker.tell(message);
    },
    async askAll(name, ask) {
      const asked = [...readyOnes].filter((worker) => !hung.has(worker));
      const answers = await Promise.allSettled(asked.map((worker) => worker.ask(name, ask)));
      return answers.flatMap((answer, index) => {
        if (answer.status === 'fulfilled') return [answer.value];
        const worker = asked[index]!;
        if (!readyOnes.has(worker)) return [];
        if ((answer.reason as Partial<HoldlineError>).code !== 'worker-silent') throw answer.reason;
        hung.add(worker);
        return [];
      });
    },
    async askOne(pid, name, ask) {
      const worker = [...readyOnes].find((each) => each.pid === pid);
      if (worker === undefined) throw new HoldlineError('worker-gone', `worker ${pid} is gone`);
      return worker.ask(name, ask);
    },
    passiveSigns: () => Object.assign({}, ...[...readyOnes].map((worker) => worker.report?.passive ?? {})),
    totals: () => addTotals([retired, ...[...readyOnes].flatMap((worker) => worker.report?.totals ?? [])]),
    sharePeerLoads,
    async close(request) {
      stopReplacing();
      for (const worker of readyOnes) worker.tell({ kind: 'close-all', ...request });
      for (const worker of running) if (!readyOnes.has(worker)) worker.kill();
      const exits = Promise.all([...running].map((worker) => worker.exited));
      const deadline = setTimeout(cut, request.graceMs + exitGraceMs);
      await exits;
      clearTimeout(deadline);
    },
    cut,
    post,
    retiring: () => [...leaving],
    async add() {
      const worker = await launch(restartPace(), false);
      unsettled.add(worker);
      return worker;
    },
    settle: (worker) => void unsettled.delete(worker),
    trial(change, onErrors) {
      const worker = startWorkerProcess({
        entry: options.entry,
        listeners: [],
        nowMs: options.nowMs,
        start: { kind: 'start', ...change(options.state()), idPrefix: options.newIdPrefix(), stickyKey },
        onMoved: () => undefined,
        onParcel: () => undefined,
        onGiven: () => undefined,
        // It counts for nobody.
        onDesk: (requests, answer) =>
          answer(
            requests.flatMap((request) =>
              request.kind === 'reserve'
                ? [
                    {
                      id: request.id,
                      route: request.route,
                      clientAddress: request.clientAddress,
                      decision: { admitted: true },
                    },
                  ]
                : [],
            ),
          ),
        onEvents: () => undefined,
        onErrors,
      });
      running.add(worker);
      options.guardian.watch(worker.pid);
      void worker.exited.then(() => {
        running.delete(worker);
        options.guardian.forget(worker.pid);
      });
      return worker;
    },
    retire(worker) {
      if (!readyOnes.has(worker)) return;
      leaving.add(worker);
      worker.tell({ kind: 'retire' });
    },
  };
}
