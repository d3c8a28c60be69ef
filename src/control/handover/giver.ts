import type { StayCause, StayCounts } from '../../base/stay-cause.ts';
import type { Departure, Gateway } from '../../gateway/contract.ts';
import type { GiveOrder, Parcel, ParcelAnswer } from './parcel.ts';

/**
 * Frozen at the same time. Handles travel one after the other, so that more of them would only stand still for longer.
 */
const underWayMax = 8;
/** A taker answers within milliseconds; who does not is in distress, and the connection goes on here. */
const answerTimeoutMs = 2000;
/**
 * Those that could not leave are tried again after this: a hook's answer and a socket's turn take a few milliseconds.
 */
const retryMs = 10;

/** What may be over in a moment. The other causes stay as they are. */
const passing: ReadonlySet<StayCause> = new Set(['behind', 'hook', 'moving', 'declined']);

export interface GiveOutcome {
  readonly moved: number;
  /** Connections that are still here, by what keeps them. */
  readonly stayed: Readonly<StayCounts>;
  /** What the takers said last that did not take one; null when all did. */
  readonly problem: string | null;
}

export interface GiverOptions {
  readonly gateway: Pick<Gateway, 'registry' | 'depart' | 'calm'>;
  /** `handle` travels beside the message. */
  readonly post: (message: Parcel, handle?: object) => void;
  readonly onGiven: (job: number, given: GiveOutcome) => void;
  readonly monotonicMs: () => number;
  /** Beginning of the keys of this worker's parcels. */
  readonly prefix: string;
}

/** The worker's side of giving connections away: one order at a time. */
export class Giver {
  readonly #options: GiverOptions;
  readonly #underWay = new Map<string, { readonly departure: Departure; readonly timer: NodeJS.Timeout }>();
  /** Those that are not read, so that their reader catches up. */
  readonly #calmed = new Set<string>();
  #order: GiveOrder | null = null;
  #ids: string[] = [];
  #stuck = new Map<string, StayCause>();
  #moved = 0;
  #problem: string | null = null;
  #startedMs = 0;
  #number = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: GiverOptions) {
    this.#options = options;
  }

  /** Begins; an order before it ends where it is. */
  give(order: GiveOrder): void {
    this.stop();
    this.#order = order;
    this.#ids = [...this.#options.gateway.registry.all()].map(({ id }) => id).reverse();
    this.#stuck = new Map();
    this.#moved = 0;
    this.#problem = null;
    this.#startedMs = this.#options.monotonicMs();
    this.#pump();
  }

  /** Gives no more away. What is under way is settled. */
  stop(): void {
    const order = this.#order;
    if (order === null) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#order = null;
    for (const id of this.#calmed) this.#options.gateway.calm(id, false);
    this.#calmed.clear();
    const stayed: StayCounts = {};
    for (const [id, cause] of this.#stuck)
      if (this.#options.gateway.registry.get(id) !== undefined) stayed[cause] = (stayed[cause] ?? 0) + 1;
    this.#options.onGiven(order.job, { moved: this.#moved, stayed, problem: this.#problem });
  }

  answered(answer: ParcelAnswer): void {
    const waiting = this.#underWay.get(answer.key);
    if (waiting === undefined) return;
    this.#underWay.delete(answer.key);
    clearTimeout(waiting.timer);
    const { departure } = waiting;
    if (answer.kind === 'parcel-taken') {
      this.#calmed.delete(departure.id);
      this.#moved++;
      this.#options.post({ kind: 'parcel-yours', key: answer.key, asked: departure.release() });
    } else {
      this.#problem = answer.problem;
      this.#stuck.set(departure.id, 'declined');
      departure.stay();
    }
    this.#pump();
  }

  #pump(): void {
    const order = this.#order;
    if (order === null) return;
    while (this.#mayBegin(order)) {
      const id = this.#ids.pop()!;
      const departure = this.#options.gateway.depart(id, order.version);
      if (typeof departure === 'object') this.#send(order, departure);
      else this.#note(id, departure);
    }
    if (this.#underWay.size > 0) return;
    if (this.#isOver(order)) this.stop();
    else this.#later();
  }

  #mayBegin(order: GiveOrder): boolean {
    if (this.#ids.length === 0 || this.#underWay.size >= underWayMax) return false;
    const begun = this.#moved + this.#underWay.size;
    if (order.count !== null && begun >= order.count) return false;
    const seconds = (this.#options.monotonicMs() - this.#startedMs) / 1000;
    return order.perSecond === null || begun < Math.max(1, order.perSecond * seconds);
  }

  #isOver(order: GiveOrder): boolean {
    if (order.count !== null && this.#moved >= order.count) return true;
    if (this.#ids.length > 0) return false;
    if (this.#options.monotonicMs() - this.#startedMs >= order.waitMs) return true;
    return ![...this.#stuck.values()].some((cause) => passing.has(cause));
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#ids.length === 0) {
        for (const [id, cause] of this.#stuck) if (passing.has(cause)) this.#ids.push(id);
        for (const id of this.#ids) this.#stuck.delete(id);
      }
      this.#pump();
    }, retryMs);
  }

  #note(id: string, cause: StayCause): void {
    const { gateway } = this.#options;
    if (gateway.registry.get(id) === undefined) return;
    this.#stuck.set(id, cause);
    if (cause !== 'behind' || this.#calmed.has(id)) return;
    this.#calmed.add(id);
    gateway.calm(id, true);
  }

  #send({ job }: GiveOrder, departure: Departure): void {
    const key = `${this.#options.prefix}-${++this.#number}`;
    const timer = setTimeout(() => this.#takeBack(key, departure), answerTimeoutMs);
    this.#underWay.set(key, { departure, timer });
    this.#options.post({ kind: 'parcel-client', key, job }, departure.client);
    this.#options.post({ kind: 'parcel-server', key, job, state: departure.state }, departure.server);
  }

  #takeBack(key: string, departure: Departure): void {
    this.#underWay.delete(key);
    this.#options.post({ kind: 'parcel-back', key });
    this.#problem = 'no answer came';
    this.#stuck.set(departure.id, 'declined');
    departure.stay();
    this.#pump();
  }
}
