import { deserialize } from 'node:v8';
import type { Gateway, ReceivedConnection } from '../../gateway/contract.ts';
import type { Parcel, ParcelAnswer } from './parcel.ts';

/** Whose a connection is, is known within milliseconds, and a giver that hangs has been ended by then: nobody goes on with it here. */
const wordMs = 60_000;

interface Waiting {
  readonly arrival: ReceivedConnection;
  readonly timer: NodeJS.Timeout;
  /** The child that gives it. */
  readonly from: string;
}

/** The worker's side of taking connections over. */
export class Taker {
  readonly #gateway: Pick<Gateway, 'receive'>;
  /** To another child. */
  readonly #post: (child: string, answer: ParcelAnswer) => void;
  /** Client sockets whose other half is still on its way. */
  readonly #halves = new Map<string, { readonly handle: unknown; readonly from: string }>();
  readonly #arrivals = new Map<string, Waiting>();

  constructor(gateway: Pick<Gateway, 'receive'>, post: (child: string, answer: ParcelAnswer) => void) {
    this.#gateway = gateway;
    this.#post = post;
  }

  receive(parcel: Exclude<Parcel, ParcelAnswer>, handle: unknown): void {
    const { key } = parcel;
    switch (parcel.kind) {
      case 'parcel-client':
        this.#halves.set(key, { handle, from: parcel.from });
        break;
      case 'parcel-server':
        this.#take(parcel, { client: this.#halves.get(key)?.handle, server: handle });
        this.#halves.delete(key);
        break;
      case 'parcel-yours':
        this.#settle(key)?.begin(parcel.asked);
        break;
      case 'parcel-back':
        close(this.#halves.get(key)?.handle);
        this.#halves.delete(key);
        this.#settle(key)?.drop();
        break;
    }
  }

  /** A worker has died, and has said all that it had to say: what it held still, and is here, goes on here. */
  end(child: string): void {
    for (const [key, { handle, from }] of this.#halves) {
      if (from !== child) continue;
      close(handle);
      this.#halves.delete(key);
    }
    for (const [key, { from }] of this.#arrivals)
      if (from === child) this.#settle(key)?.begin({ close: null, messages: [] });
  }

  #settle(key: string): ReceivedConnection | null {
    const waiting = this.#arrivals.get(key);
    if (waiting === undefined) return null;
    clearTimeout(waiting.timer);
    this.#arrivals.delete(key);
    return waiting.arrival;
  }

  #take(
    { key, from, state }: Extract<Parcel, { kind: 'parcel-server' }>,
    handles: { readonly client: unknown; readonly server: unknown },
  ): void {
    const arrival = this.#gateway.receive(deserialize(state), handles);
    if ('problem' in arrival) {
      close(handles.client);
      close(handles.server);
      this.#post(from, { kind: 'parcel-refused', key, problem: arrival.problem });
    } else {
      this.#arrivals.set(key, { arrival, from, timer: setTimeout(() => this.#settle(key)?.drop(), wordMs) });
      this.#post(from, { kind: 'parcel-taken', key });
    }
  }
}

/** Of this process only: the peer hears nothing while another process has the socket. */
function close(handle: unknown): void {
  (handle as { close?: () => void } | undefined)?.close?.();
}
