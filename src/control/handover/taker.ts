import type { Gateway, NewArrival } from '../../gateway/contract.ts';
import type { Parcel, ParcelAnswer } from './parcel.ts';

/** The worker's side of taking connections over. */
export class Taker {
  readonly #gateway: Pick<Gateway, 'receive'>;
  readonly #post: (answer: ParcelAnswer) => void;
  /** Client sockets whose other half is still on its way. */
  readonly #halves = new Map<string, unknown>();
  readonly #arrivals = new Map<string, NewArrival>();

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
        this.#arrivals.get(key)?.begin(parcel.asked);
        this.#arrivals.delete(key);
        break;
      case 'parcel-back':
        close(this.#halves.get(key));
        this.#halves.delete(key);
        this.#arrivals.get(key)?.drop();
        this.#arrivals.delete(key);
        break;
    }
  }

  #take(key: string, state: unknown, handles: { readonly client: unknown; readonly server: unknown }): void {
    const arrival = this.#gateway.receive(state, handles);
    if ('problem' in arrival) {
      close(handles.client);
      close(handles.server);
      this.#post({ kind: 'parcel-refused', key, problem: arrival.problem });
    } else {
      this.#arrivals.set(key, arrival);
      this.#post({ kind: 'parcel-taken', key });
    }
  }
}

/** Of this process only: the peer hears nothing while another process has the socket. */
function close(handle: unknown): void {
  (handle as { close?: () => void } | undefined)?.close?.();
}
