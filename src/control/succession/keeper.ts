import type { LocalChildren } from '../processes/local.ts';
import { restartPace } from '../workers/restart-pace.ts';
import { type Incumbent, incumbentIn, LocalIncumbent } from './incumbent.ts';
import type {
  CommitOutcome,
  Greeting,
  Keeper,
  NotedWorker,
  Past,
  Returned,
  ToKeeper,
  TrialResult,
  WrittenSupervisor,
} from './protocol.ts';
import { ChildRelay } from './relay.ts';
import { SuccessorProcess, type SupervisorProgram } from './successor-process.ts';
import { comesUpMs, SupervisorTrial, speaks } from './trial.ts';

/** A supervisor in charge that stands still has as long as a worker. */
const patienceMs = 10_000;
const takesOverMs = 15_000;
/** In a row, before they have taken over; then the code on disk does not run, and the edge ends. */
const failedStartsMax = 3;

export interface KeeperOptions {
  readonly program: SupervisorProgram;
  /**
   * Another process was the supervisor, and the edge has ended with this exit code, or was lost; `problem` says why
   * then.
   */
  readonly onEnd: (code: number, problem: string | null) => void;
  /** The supervisor died, and another one begins. */
  readonly onRestart: (why: string) => void;
}

/**
 * The process that was started first. It has the pid that the system knows, the bound sockets and the child processes.
 * While it is the supervisor as well, it is its own incumbent; once another process has taken over, it passes on what
 * that one and the children say to each other.
 */
export class LocalKeeper implements Keeper {
  readonly successor = null;
  readonly #options: KeeperOptions;
  readonly #relay = new ChildRelay();
  readonly #trial = new SupervisorTrial(this.#relay, (patience) => this.#startSuccessor(patience));
  #own = new LocalIncumbent();
  /** null while this process is the supervisor. */
  #charge: SuccessorProcess | null = null;
  /** Who gets the edge back when the one in charge fails. */
  #before: { readonly successor: SuccessorProcess | null; readonly incumbent: Incumbent } | null = null;
  /** What a new one begins with when the one in charge dies and there is nobody to give the edge back to. */
  #kept: WrittenSupervisor | null = null;
  /** Why the one that is coming up was started. */
  #restarted: string | null = null;
  #failedStarts = 0;
  readonly #pace = restartPace();
  #late: NodeJS.Timeout | null = null;
  #signals: NodeJS.Signals[] = [];
  #ended = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  get children(): LocalChildren {
    return this.#relay.children;
  }

  /** The bound sockets, in the order of the plan. */
  keepListeners(handles: readonly unknown[]): void {
    this.#relay.handles.keepListeners(handles);
  }

  begin(): Promise<Greeting> {
    this.#own = new LocalIncumbent();
    this.#trial.begin(this.#own);
    return this.#own.greeting.promise;
  }

  tryIt(state: WrittenSupervisor, probationMs: number): Promise<TrialResult> {
    this.#trial.draft(state, probationMs);
    return this.#own.trial.promise;
  }

  pass(past: Past): void {
    this.#trial.pass(past);
  }

  commit(state: WrittenSupervisor, control: unknown, sent: () => void): Promise<CommitOutcome> {
    this.#commit(this.#own, state, control, sent);
    return this.#own.outcome.promise;
  }

  dismiss(): void {
    this.#trial.dismiss();
  }

  note(child: string, worker: NotedWorker): void {
    this.#relay.note(child, worker);
  }

  /** To the supervisor in charge; it waits while none is there. */
  signal(signal: NodeJS.Signals): void {
    if (this.#charge === null || this.#restarted !== null) this.#signals.push(signal);
    else this.#charge.tell({ kind: 'signal', signal });
  }

  /** Those that have waited. */
  takeSignals(): NodeJS.Signals[] {
    return this.#signals.splice(0);
  }

  /** Ends whatever runs, at once. */
  cut(): void {
    this.#ended = true;
    this.dismiss();
    this.#charge?.kill();
    this.children.cut();
  }

  #startSuccessor(patience: number): SuccessorProcess {
    const successor: SuccessorProcess = new SuccessorProcess(this.#options.program, patience, {
      message: (message, handle) => this.#obey(successor, message, handle),
      exit: (how) => this.#gone(successor, how),
    });
    return successor;
  }

  #commit(incumbent: Incumbent, state: WrittenSupervisor, control: unknown, sent: () => void): void {
    const tried = this.#trial.take();
    if (tried === null) {
      sent();
      incumbent.back(this.#returned('it ended before it took over', null), undefined);
      return;
    }
    this.#before = { successor: this.#charge, incumbent };
    this.#kept = state;
    tried.successor.patienceMs = patienceMs;
    this.#install(tried.successor, control, sent);
  }

  /** From here on it is in charge. */
  #install(successor: SuccessorProcess, control?: unknown, sent?: () => void): void {
    const relay = this.#relay;
    this.#charge = successor;
    this.#within(takesOverMs, successor);
    const anew = this.#restarted === null ? null : { why: this.#restarted, workers: relay.workers() };
    successor.tell({ kind: 'state', state: this.#kept!, children: relay.pids(), anew }, control, sent);
    relay.giveTo(successor);
  }

  #within(ms: number, successor: SuccessorProcess): void {
    this.#inTime();
    this.#late = setTimeout(() => successor.kill(), ms);
  }

  #inTime(): void {
    if (this.#late !== null) clearTimeout(this.#late);
    this.#late = null;
  }

  #took(successor: SuccessorProcess): void {
    this.#inTime();
    this.#failedStarts = 0;
    this.#restarted = null;
    for (const signal of this.takeSignals()) successor.tell({ kind: 'signal', signal });
  }

  #obey(successor: SuccessorProcess, message: ToKeeper, handle: unknown): void {
    const inCharge = successor === this.#charge;
    switch (message.kind) {
      case 'beat':
        break;
      case 'greeting':
        if (this.#trial.isOf(successor)) this.#trial.greeted(message);
        else if (inCharge && speaks(message)) this.#install(successor);
        break;
      case 'verdict':
        if (this.#trial.isOf(successor)) this.#trial.judged(message.problem);
        else if (inCharge) successor.kill();
        break;
      case 'took':
        this.#took(successor);
        break;
      case 'settled':
        this.#before?.incumbent.final();
        this.#before = null;
        break;
      case 'return':
        if (inCharge) this.#giveBack(message.why, message.state, handle);
        break;
      case 'keep':
        if (inCharge) this.#kept = message.state;
        break;
      case 'end':
        this.#end(message.code, null);
        break;
      case 'begin':
        this.#trial.begin(incumbentIn(successor));
        break;
      case 'draft':
        this.#trial.draft(message.state, message.probationMs);
        break;
      case 'past':
        this.pass(message);
        break;
      case 'commit':
        this.#commit(incumbentIn(successor), message.state, handle, () => closeHandle(handle));
        break;
      case 'dismiss':
        this.dismiss();
        break;
      default:
        this.#relay.obey(successor, message);
    }
  }

  #giveBack(why: string, state: WrittenSupervisor | null, control: unknown): void {
    const before = this.#before;
    if (before === null) return;
    this.#before = null;
    this.#inTime();
    this.#charge?.kill();
    this.#charge = before.successor;
    this.#relay.giveTo(before.successor);
    before.incumbent.back(this.#returned(why, state), control);
  }

  #returned(why: string, state: WrittenSupervisor | null): Returned {
    return { why, state, workers: this.#relay.workers(), children: this.#relay.pids() };
  }

  #gone(successor: SuccessorProcess, how: string): void {
    if (this.#ended) return;
    if (this.#trial.isOf(successor)) this.#trial.fail(how);
    // The one that the edge could have gone back to: the one in charge is on its own now.
    else if (this.#before?.successor === successor) this.#before = null;
    else if (this.#charge === successor && this.#before !== null) this.#giveBack(how, null, undefined);
    else if (this.#charge === successor) this.#startAgain(how);
  }

  /** The one in charge died, and nobody is there to take the edge back: the code on disk begins with what is known. */
  #startAgain(how: string): void {
    this.#inTime();
    this.dismiss();
    this.#failedStarts++;
    if (this.#failedStarts > failedStartsMax) {
      this.#end(3, `the supervisor is gone: ${how}`);
      return;
    }
    this.#restarted = how;
    this.#options.onRestart(how);
    setTimeout(() => {
      this.#charge = this.#startSuccessor(patienceMs);
      this.#within(comesUpMs, this.#charge);
    }, this.#pace.pauseAfter(0));
  }

  #end(code: number, problem: string | null): void {
    if (this.#ended) return;
    this.#ended = true;
    // Nothing comes back to the one before.
    this.#before?.incumbent.final();
    this.#options.onEnd(code, problem);
  }
}

function closeHandle(handle: unknown): void {
  (handle as { close?: () => void } | undefined)?.close?.();
}
