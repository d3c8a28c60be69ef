import { HoldlineError } from '../../base/error.ts';
import { emptyRecord } from '../../base/record.ts';
import type { PassiveSign } from '../../policy/health/status.ts';
import type { Totals } from '../../registry/totals.ts';
import type { PostOffice } from '../handover/post.ts';
import type { NotedWorker } from '../succession/protocol.ts';
import { Crew, type CrewOptions } from './crew.ts';
import type { WorkerStart } from './forks.ts';
import type { Answer, QuestionName, Questions, ToWorker } from './messages.ts';
import type { WorkerProcess } from './process.ts';

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
  /**
   * Tells every worker what the others hold. Done by itself when a report brings other counts; now and then for those
   * that are new.
   */
  sharePeerLoads(): void;
  /** Closes every connection with this close frame, waits `graceMs`, and ends the workers. */
  close(request: { code: number; reason: string; graceMs: number }): Promise<void>;
  /** Ends the workers without any word. */
  cut(): void;
  readonly post: PostOffice;
  /** Those that take nobody new and end once they hold nothing. */
  retiring(): readonly WorkerProcess[];
  /**
   * Starts one more worker. Rejects when it does not start; then it is not tried again, nor is it replaced before
   * `settle`.
   */
  add(): Promise<WorkerProcess>;
  /** Its place is one of the pool's from now on. */
  settle(worker: WorkerProcess): void;
  /**
   * A worker outside of the pool, which no client reaches. Whoever starts it ends it. `onErrors` gets what it writes to
   * its standard error.
   */
  readonly trial: (change: (start: WorkerStart) => WorkerStart, onErrors: (text: string) => void) => WorkerProcess;
  /** Those that another supervisor has started, and what the ones before them have counted. */
  adopt(workers: readonly NotedWorker[], gone: { readonly totals: Totals; readonly restarts: number }): void;
  /** For another supervisor. */
  kept(): { readonly workers: NotedWorker[]; readonly gone: Totals; readonly restarts: number };
  /** Another supervisor looks after them from now on: nobody is replaced. */
  hand(): void;
  /** It takes nobody new from now on, and is not replaced when it ends. */
  retire(worker: WorkerProcess): void;
}

/** For the last report and the exit, after the grace for the connections is over. */
const exitGraceMs = 2000;

export function workerPool(options: CrewOptions): WorkerPool {
  const crew: Crew = new Crew(options, () => sharePeerLoads(crew.ready));
  const { running, ready, leaving, unsettled, watchdog } = crew;
  return {
    async start(count) {
      const starts = Array.from({ length: count }, () => crew.launch());
      try {
        await Promise.all(starts);
      } catch (error) {
        const exits = [...running].map((worker) => worker.exited);
        crew.cut();
        await Promise.all([...exits, Promise.allSettled(starts)]);
        throw error;
      }
    },
    ready: () => [...ready],
    silent: () => watchdog.silent,
    get restarts() {
      return crew.restarts;
    },
    tellAll(message) {
      // One that is starting still is told too: it has been given the state of a moment ago.
      for (const worker of running) worker.tell(message);
    },
    async askAll(name, ask) {
      const asked = watchdog.answering;
      const answers = await Promise.allSettled(asked.map((worker) => worker.ask(name, ask)));
      return answers.flatMap((answer, index) => {
        if (answer.status === 'fulfilled') return [answer.value];
        const worker = asked[index]!;
        if (!ready.has(worker)) return [];
        if ((answer.reason as Partial<HoldlineError>).code !== 'worker-silent') throw answer.reason;
        watchdog.suspect(worker);
        return [];
      });
    },
    async askOne(pid, name, ask) {
      const worker = [...ready].find((each) => each.pid === pid);
      if (worker === undefined) throw new HoldlineError('worker-gone', `worker ${pid} is gone`);
      return worker.ask(name, ask);
    },
    passiveSigns: () => Object.assign({}, ...[...ready].map((worker) => worker.report?.passive ?? {})),
    totals: () => crew.totals,
    sharePeerLoads: () => sharePeerLoads(ready),
    async close(request) {
      crew.stopReplacing();
      for (const worker of ready) worker.tell({ kind: 'close-all', ...request });
      for (const worker of running) if (!ready.has(worker)) worker.kill();
      const exits = Promise.all([...running].map((worker) => worker.exited));
      const deadline = setTimeout(() => crew.cut(), request.graceMs + exitGraceMs);
      await exits;
      clearTimeout(deadline);
    },
    cut: () => crew.cut(),
    post: crew.post,
    retiring: () => [...leaving],
    async add() {
      const worker = await crew.launch({ retries: false });
      unsettled.add(worker);
      return worker;
    },
    settle: (worker) => void unsettled.delete(worker),
    trial: (change, onErrors) => crew.trial(change, onErrors),
    adopt(workers, gone) {
      crew.adopt(workers);
      crew.restore(gone.totals, gone.restarts);
    },
    kept: () => ({
      workers: [...ready].map((worker) => ({ ...worker.kept(), leaving: leaving.has(worker) })),
      gone: crew.goneTotals,
      restarts: crew.restarts,
    }),
    hand: () => crew.stopReplacing(),
    retire(worker) {
      if (!ready.has(worker)) return;
      leaving.add(worker);
      options.onNoted?.(worker, true);
      worker.tell({ kind: 'retire' });
    },
  };
}

function sharePeerLoads(ready: ReadonlySet<WorkerProcess>): void {
  const all = [...ready].map((worker) => ({ worker, own: worker.report?.totals.openByServer ?? {} }));
  const sum = emptyRecord<number>();
  for (const { own } of all) for (const [url, open] of Object.entries(own)) sum[url] = (sum[url] ?? 0) + open;
  for (const { worker, own } of all) {
    const others = Object.entries(sum).map(([url, open]) => [url, open - (own[url] ?? 0)] as const);
    worker.tellLatest({ kind: 'peer-loads', connectionsByServer: Object.fromEntries(others) });
  }
}
