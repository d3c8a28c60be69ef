import { Fifo } from '../../../base/fifo.ts';
import type { Redialled } from '../../tunnel/moving/redialler.ts';
import type { Patience } from '../patience.ts';

/**
 * A server that dies sends all of its clients to the others at once. So many handshakes of moves are under way at a
 * time and worker: the servers answer them as fast as they can, and no faster than that are they asked.
 */
const atOnceMax = 64;

/** Lets moves begin in turn. */
export class MoveTurns {
  #underWay = 0;
  readonly #waiting = new Fifo<() => void>();

  async run(patience: Patience, redial: () => Promise<Redialled>): Promise<Redialled> {
    if (this.#underWay < atOnceMax) this.#underWay++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return patience.lost === null ? await redial() : { ok: false, detail: 'too many were to be moved at once' };
    } finally {
      const next = this.#waiting.take();
      if (next === undefined) this.#underWay--;
      else next();
    }
  }
}
