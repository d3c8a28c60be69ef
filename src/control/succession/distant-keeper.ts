import { DistantChildren } from './distant-children.ts';
import { LocalIncumbent } from './incumbent.ts';
import {
  type CommitOutcome,
  type FromKeeper,
  type Greeting,
  type Keeper,
  keeperVersions,
  type NotedWorker,
  type Past,
  type Successor,
  type ToKeeper,
  type TrialResult,
  type WrittenSupervisor,
} from './protocol.ts';

/** The channel to the process that was started first. */
export interface KeeperChannel {
  send(message: ToKeeper, handle: unknown, sent: () => void): void;
  onMessage(hear: (message: FromKeeper, handle: unknown) => void): void;
}

export type Draft = Extract<FromKeeper, { kind: 'draft' }>;
export type Turn = Omit<Extract<FromKeeper, { kind: 'state' }>, 'kind'> & { readonly control: unknown };

/** The keeper as a supervisor sees it that was started by it. */
export class DistantKeeper implements Keeper {
  readonly children = new DistantChildren((message, sent) => this.#tell(message, undefined, sent));
  readonly successor: Successor;
  /** The state to try itself with. It comes once, and not where the one before is dead. */
  readonly draft: Promise<Draft>;
  /** Its turn has come. */
  readonly turn: Promise<Turn>;
  /** Nobody needs this one any more. */
  readonly dismissed: Promise<void>;
  readonly past: Past[] = [];
  onSignal: (signal: NodeJS.Signals) => void = () => undefined;
  readonly #channel: KeeperChannel;
  #own = new LocalIncumbent();

  constructor(channel: KeeperChannel) {
    this.#channel = channel;
    let [onDraft, onTurn, onDismissed]: [(draft: Draft) => void, (turn: Turn) => void, () => void] = [
      () => undefined,
      () => undefined,
      () => undefined,
    ];
    this.draft = new Promise((resolve) => (onDraft = resolve));
    this.turn = new Promise((resolve) => (onTurn = resolve));
    this.dismissed = new Promise((resolve) => (onDismissed = resolve));
    channel.onMessage((message, handle) => {
      switch (message.kind) {
        case 'beat':
          return this.#tell({ kind: 'beat' });
        case 'draft':
          return onDraft(message);
        case 'past':
          return void this.past.push({ part: message.part, rows: message.rows });
        case 'state': {
          const { state, children, anew } = message;
          this.children.expect(children);
          return onTurn({ state, children, anew, control: handle });
        }
        case 'started':
        case 'heard':
        case 'text':
        case 'exit':
          return this.children.hear(message);
        case 'signal':
          return this.onSignal(message.signal);
        case 'greeted':
          return this.#own.greeted(message);
        case 'tried':
          return this.#own.tried(message.trial);
        case 'back':
          this.children.expect(message.children);
          return this.#own.back(message, handle);
        case 'dismissed':
          this.#own.final();
          return onDismissed();
      }
    });
    this.successor = {
      took: () => this.#tell({ kind: 'took' }),
      settled: () => this.#tell({ kind: 'settled' }),
      giveBack: (why, state, control) =>
        new Promise((sent) => this.#tell({ kind: 'return', why, state }, control, sent)),
      keep: (state) => this.#tell({ kind: 'keep', state }),
      end: (code) => new Promise((sent) => this.#tell({ kind: 'end', code }, undefined, sent)),
    };
  }

  greet({ version, reads }: Pick<Greeting, 'version' | 'reads'>): void {
    this.#tell({ kind: 'greeting', speaks: keeperVersions, version, reads });
  }

  /** `problem`: null where it can take over. */
  judge(problem: string | null): Promise<void> {
    return new Promise((sent) => this.#tell({ kind: 'verdict', problem }, undefined, sent));
  }

  begin(): Promise<Greeting> {
    this.#own = new LocalIncumbent();
    this.#tell({ kind: 'begin' });
    return this.#own.greeting.promise;
  }

  tryIt(state: WrittenSupervisor, probationMs: number): Promise<TrialResult> {
    this.#tell({ kind: 'draft', state, probationMs });
    return this.#own.trial.promise;
  }

  pass(past: Past): void {
    this.#tell({ kind: 'past', ...past });
  }

  commit(state: WrittenSupervisor, control: unknown, sent: () => void): Promise<CommitOutcome> {
    this.#tell({ kind: 'commit', state }, control, sent);
    return this.#own.outcome.promise;
  }

  dismiss(): void {
    this.#tell({ kind: 'dismiss' });
  }

  note(child: string, worker: NotedWorker): void {
    this.#tell({ kind: 'note', child, worker });
  }

  #tell(message: ToKeeper, handle?: unknown, sent: () => void = () => undefined): void {
    this.#channel.send(message, handle, sent);
  }
}
