import { serialize } from 'node:v8';
import type { StayCause, StayCounts } from '../../base/stay-cause.ts';
import type { Departure, Gateway } from '../../gateway/contract.ts';
import type { GiveOrder, Parcel, ParcelAnswer } from './parcel.ts';

/**
 * Frozen at the same time. Handles travel one after the other, so that more of them would only stand still for longer.
 */
const underWayMax = 8;
/** A quiet machine takes a few milliseconds for one. Where it takes longer than this, fewer are frozen at the same time. */
const slowMs = 20;
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
  /** To another child; `handle` travels beside the message. */
  readonly post: (child: string, message: Parcel, handle?: object) => void;
  readonly onGiven: (job: string, given: GiveOutcome) => void;
  readonly monotonicMs: () => number;
  /** Beginning of the keys of this worker's parcels. */
  readonly prefix: string;
}

interface UnderWay {
  readonly departure: Departure;
  readonly timer: NodeJS.Timeout;
  /** The child that is to take it. */
  readonly to: string;
  readonly sentMs: number;
}

/** The worker's side of giving connections away: one order at a time. */
export class Giver {
  readonly #options: GiverOptions;
  readonly #underWay = new Map<string, UnderWay>();
  /** How many each taker may still get. */
  #quotas = new Map<string, number>();
  /** Those that are not read, so that their reader catches up. */
  readonly #calmed = new Set<string>();
  #order: GiveOrder | null = null;
  #ids: string[] = [];
  /** How many may be frozen at the same time: 1 to `underWayMax`. */
  #window = underWayMax;
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
    this.#quotas = new Map(order.takers.map(({ child, quota }) => [child, quota]));
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
    const { departure, to, sentMs } = waiting;
    const step = this.#options.monotonicMs() - sentMs > slowMs ? -1 : 1;
    this.#window = Math.min(underWayMax, Math.max(1, this.#window + step));
    if (answer.kind === 'parcel-taken') {
      this.#calmed.delete(departure.id);
      this.#moved++;
      this.#options.post(to, { kind: 'parcel-yours', key: answer.key, asked: departure.release() });
    } else {
      this.#problem = answer.problem;
      this.#stuck.set(departure.id, 'declined');
      departure.stay();
    }
    this.#pump();
  }

  /** A worker has died: what it was to take stays. */
  end(child: string): void {
    this.#quotas.delete(child);
    for (const [key, { departure, timer, to }] of this.#underWay) {
      if (to !== child) continue;
      clearTimeout(timer);
      this.#keep(key, departure, 'the other worker is gone');
    }
    this.#pump();
  }

  #pump(): void {
    const order = this.#order;
    if (order === null) return;
    let to = this.#emptiest();
    while (to !== null && this.#mayBegin(order)) {
      const id = this.#ids.pop()!;
      const departure = this.#options.gateway.depart(id, order.version);
      if (typeof departure === 'object') this.#send(order, to, departure);
      else this.#note(id, departure);
      to = this.#emptiest();
    }
    if (this.#underWay.size > 0) return;
    if (to === null) this.#nobodyTakes(order);
    if (this.#isOver(order)) this.stop();
    else this.#later();
  }

  /** The taker that may get most; null where there is none. */
  #emptiest(): string | null {
    let best: string | null = null;
    for (const [child, quota] of this.#quotas)
      if (quota > 0 && (best === null || quota > this.#quotas.get(best)!)) best = child;
    return best;
  }

  #nobodyTakes({ count }: GiveOrder): void {
    if (count === null) for (const id of this.#ids) this.#stuck.set(id, 'declined');
    this.#ids = [];
    this.#problem ??= 'nobody takes more';
  }

  #mayBegin(order: GiveOrder): boolean {
    if (this.#ids.length === 0 || this.#underWay.size >= this.#window) return false;
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

  #send({ self: from }: GiveOrder, to: string, departure: Departure): void {
    const { post, prefix } = this.#options;
    const key = `${prefix}-${++this.#number}`;
    const timer = setTimeout(() => this.#takeBack(key, to, departure), answerTimeoutMs);
    this.#underWay.set(key, { departure, timer, to, sentMs: this.#options.monotonicMs() });
    this.#quotas.set(to, this.#quotas.get(to)! - 1);
    post(to, { kind: 'parcel-client', key, from }, departure.client);
    post(to, { kind: 'parcel-server', key, from, state: serialize(departure.state) }, departure.server);
  }

  #takeBack(key: string, to: string, departure: Departure): void {
    this.#options.post(to, { kind: 'parcel-back', key });
    this.#keep(key, departure, 'no answer came');
    this.#pump();
  }

  #keep(key: string, departure: Departure, problem: string): void {
    this.#underWay.delete(key);
    this.#problem = problem;
    this.#stuck.set(departure.id, 'declined');
    departure.stay();
  }
}
