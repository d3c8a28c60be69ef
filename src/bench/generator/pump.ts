/** Does what is due at its time: dials, so many in a turn, and then the messages. */
import type { Client } from './client.ts';
import { DueQueue } from './schedule.ts';

/** Dials that begin in one turn of the event loop: thousands at once would keep the first answers waiting. */
const dialsPerTurn = 50;

export interface PumpOptions {
  readonly nowMs: () => number;
  readonly dial: (client: Client) => void;
  /** Sends every message that is due; null before there are any. */
  readonly messages: () => { readonly nextMs: number | null; send(): void } | null;
}

export class Pump {
  readonly #options: PumpOptions;
  readonly #dials = new DueQueue<Client>();
  #timer: NodeJS.Timeout | null = null;
  #soon: NodeJS.Immediate | null = null;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** Puts a dial in the queue. */
  schedule(client: Client, atMs: number): void {
    client.dialDueMs = atMs;
    this.#dials.push(atMs, client);
  }

  /** Puts a dial in the queue and sees to it that it happens in time. */
  dialAt(client: Client, atMs: number): void {
    const isNext = atMs < (this.#dials.nextMs ?? Number.POSITIVE_INFINITY);
    this.schedule(client, atMs);
    if (isNext) this.wake();
  }

  /** Once for all who ask in the same turn: thousands may lose their connection together. */
  wake(): void {
    this.#soon ??= setImmediate(() => this.run());
  }

  run(): void {
    this.stop();
    const { nowMs, dial } = this.#options;
    for (let left = dialsPerTurn; left > 0; left--) {
      const client = this.#dials.pop(nowMs());
      if (client === null) break;
      if (!client.retired) dial(client);
    }
    const messages = this.#options.messages();
    messages?.send();
    const next = Math.min(this.#dials.nextMs ?? Number.POSITIVE_INFINITY, messages?.nextMs ?? Number.POSITIVE_INFINITY);
    const waitMs = next - nowMs();
    if (waitMs <= 0) this.wake();
    else if (Number.isFinite(waitMs)) this.#timer = setTimeout(() => this.run(), waitMs);
  }

  /** Forgets every dial that has not begun. */
  clear(): void {
    this.#dials.clear();
  }

  /** Until it is woken again. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#soon !== null) clearImmediate(this.#soon);
    this.#timer = null;
    this.#soon = null;
  }
}
