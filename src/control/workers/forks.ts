import type { Certificate, GateState } from '../../gateway/contract.ts';
import type { RawListener } from '../../gateway/inside/listener.ts';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { SharedDesk } from '../desk/shared.ts';
import type { PostOffice } from '../handover/post.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import type { Children } from '../processes/child.ts';
import type { DeskAnswer, DeskRequest, ServerLists, ToWorker, WorkerLoss } from './messages.ts';
import { type KeptWorker, startWorkerProcess, type WorkerProcess, type WorkerProcessOptions } from './process.ts';

export interface WorkerStart {
  readonly plan: EdgePlan;
  readonly servers: ServerLists;
  readonly certificates: readonly (Certificate | null)[];
  readonly gate: GateState;
  readonly tellsOpens: boolean;
  readonly sockets: SocketsWay;
}

export interface WorkerForksOptions {
  readonly entry: string;
  readonly children: Children;
  /** One for all workers, those that replace others included: a cookie is good whoever reads it. */
  readonly stickyKey: string;
  readonly listeners: readonly RawListener[];
  readonly nowMs: () => number;
  /** Beginning of the ids of one worker's connections; different for each call. */
  readonly newIdPrefix: () => string;
  /** What a worker that starts now has to know. */
  readonly state: () => WorkerStart;
  readonly onEvent: EdgeEventSink;
  readonly desk: SharedDesk;
  /** Connections of this worker, by process id, wait for their turns since their server is lost. */
  readonly onServerLost: (worker: number, loss: WorkerLoss) => void;
}

/** Starts processes of workers, each with what it has to know, and takes what they say to the part that it is for. */
export class WorkerForks {
  readonly #options: WorkerForksOptions;
  readonly #post: PostOffice;

  constructor(options: WorkerForksOptions, post: PostOffice) {
    this.#options = options;
    this.#post = post;
  }

  /** `onMoved`: it reports other counts of connections than before. */
  ordinary(onMoved: () => void): WorkerProcess {
    const { entry, listeners, state } = this.#options;
    const worker: WorkerProcess = startWorkerProcess({
      ...this.#ears(() => worker, onMoved),
      from: { entry, listeners, start: this.#start(state()) },
    });
    return worker;
  }

  /** One that runs already; null when it is gone. */
  kept(from: KeptWorker, onMoved: () => void): WorkerProcess | null {
    const worker: WorkerProcess | null = startWorkerProcess({ ...this.#ears(() => worker!, onMoved), from });
    return worker;
  }

  #ears(worker: () => WorkerProcess, onMoved: () => void) {
    const { children, nowMs, desk, onEvent } = this.#options;
    return {
      children,
      nowMs,
      onGiven: (job, given) => this.#post.gave(job, given),
      onMoved,
      onServerLost: (loss) => this.#options.onServerLost(worker().pid, loss),
      onDesk: (requests, answer) => {
        const answers = desk.serve(worker().pid, requests);
        if (answers.length > 0) answer(answers);
      },
      onEvents: (events, count) => {
        for (const event of events) onEvent(event);
        if (count > 0) onEvent({ kind: 'events-dropped', worker: worker().pid, count });
      },
    } satisfies Omit<WorkerProcessOptions, 'from'>;
  }

  /** One that no client reaches. `onErrors` gets what it writes to its standard error. */
  trial(change: (start: WorkerStart) => WorkerStart, onErrors: (text: string) => void): WorkerProcess {
    const { entry, children, nowMs, state } = this.#options;
    return startWorkerProcess({
      children,
      from: { entry, listeners: [], start: this.#start(change(state())) },
      nowMs,
      onMoved: () => undefined,
      // Its only client is one that tries it.
      onServerLost: () => undefined,
      onGiven: () => undefined,
      // It counts for nobody.
      onDesk: (requests, answer) => answer(requests.flatMap(admitted)),
      onEvents: () => undefined,
      onErrors,
    });
  }

  #start(start: WorkerStart): Extract<ToWorker, { kind: 'start' }> {
    return { kind: 'start', ...start, idPrefix: this.#options.newIdPrefix(), stickyKey: this.#options.stickyKey };
  }
}

function admitted(request: DeskRequest): DeskAnswer[] {
  if (request.kind !== 'reserve') return [];
  const { id, route, clientAddress } = request;
  return [{ id, route, clientAddress, decision: { admitted: true } }];
}
