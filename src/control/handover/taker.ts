import type { Gateway, ReceivedConnection } from '../../gateway/contract.ts';
import type { Parcel, ParcelAnswer } from './parcel.ts';

/**
 * Whose a connection is, is known within milliseconds; a giver that hangs has been ended by then. Past it the word was
 * lost with a supervisor that was killed, and nobody goes on with the connection.
 */
const wordMs = 60_000;

/** The worker's side of taking connections over. */
export class Taker {
  readonly #gateway: Pick<Gateway, 'receive'>;
  readonly #post: (answer: ParcelAnswer) => void;
  /** Client sockets whose other half is still on its way. */
  readonly #halves = new Map<string, unknown>();
  readonly #arrivals = new Map<string, { readonly arrival: ReceivedConnection; readonly timer: NodeJS.Timeout }>();

  constructor(gateway: Pick<Gateway, 'receive'>, post: (answer: ParcelAnswer) => void) {
    this.#gateway = gateway;
    this.#post = post;
  }

  receive(parcel: Exclude<Parcel, ParcelAnswer>, handle: unknown): void {
    const { key } = parcel;
    switch (parcel.kind) {
      case 'parcel-client':
        this.#halves.set(key, handle);
        break;
      case 'parcel-server':
        this.#take(key, parcel.state, { client: this.#halves.get(key), server: handle });
        this.#halves.delete(key);
        break;
      case 'parcel-yours':
        this.#settle(key)?.begin(parcel.asked);
        break;
      case 'parcel-back':
        close(this.#halves.get(key));
        this.#halves.delete(key);
        this.#settle(key)?.drop();
        break;
    }
  }

  #settle(key: string): ReceivedConnection | null {
    const waiting = this.#arrivals.get(key);
    if (waiting === undefined) return null;
    clearTimeout(waiting.timer);
    this.#arrivals.delete(key);
    return waiting.arrival;
  }

  #take(key: string, state: unknown, handles: { readonly client: unknown; readonly server: unknown }): void {
    const arrival = this.#gateway.receive(state, handles);
    if ('problem' in arrival) {
      close(handles.client);
      close(handles.server);
      this.#post({ kind: 'parcel-refused', key, problem: arrival.problem });
    } else {
      this.#arrivals.set(key, { arrival, timer: setTimeout(() => this.#settle(key)?.drop(), wordMs) });
      this.#post({ kind: 'parcel-taken', key });
    }
  }
}

/** Of this process only: the peer hears nothing while another process has the socket. */
function close(handle: unknown): void {
  (handle as { close?: () => void } | undefined)?.close?.();
}
