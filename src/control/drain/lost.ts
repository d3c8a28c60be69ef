import type { DrainRate } from '../../base/drain.ts';
import type { DrainPlace, DrainRequest, LostPlaces } from './job.ts';

/**
 * Workers notice a loss within some milliseconds of each other; together they are one drain, with one line in the log.
 */
const gatherMs = 50;

interface Gathered {
  readonly request: DrainRequest;
  places: readonly DrainPlace[];
  readonly timer: NodeJS.Timeout;
}

/** Makes one drain of what all workers say of one lost server. */
export class LostServers {
  readonly #begin: (request: DrainRequest, places: readonly DrainPlace[]) => void;
  readonly #gathered = new Map<string, Gathered>();

  constructor(begin: (request: DrainRequest, places: readonly DrainPlace[]) => void) {
    this.#begin = begin;
  }

  /** `rate`: of the drain; null for that of the routes. */
  add(loss: LostPlaces, rate: DrainRate | null): void {
    const request = requestFor(loss, rate);
    const gathered = this.#gathered.get(request.what);
    if (gathered !== undefined) {
      gathered.places = [...gathered.places, ...loss.places];
      return;
    }
    const timer = setTimeout(() => this.#end(request.what), gatherMs);
    this.#gathered.set(request.what, { request, places: loss.places, timer });
  }

  /** Begins what is being gathered, for whoever cannot wait. */
  flush(): void {
    for (const what of [...this.#gathered.keys()]) this.#end(what);
  }

  #end(what: string): void {
    const { request, places, timer } = this.#gathered.get(what)!;
    clearTimeout(timer);
    this.#gathered.delete(what);
    this.#begin(request, places);
  }

  close(): void {
    for (const { timer } of this.#gathered.values()) clearTimeout(timer);
    this.#gathered.clear();
  }
}

function requestFor({ server, moves }: LostPlaces, rate: DrainRate | null): DrainRequest {
  return {
    target: { filter: { server }, ids: null, worker: null },
    what: `${moves ? 'movable ' : ''}clients of the lost server ${server}`,
    rate,
    order: null,
    code: null,
    reason: null,
    cause: 'server-lost',
  };
}
