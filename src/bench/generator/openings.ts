/** The opening exchange of a client: until it is over, what comes belongs to it and not to the load. */
import type { ClientConnection, ConnectionEvent } from '../../client/connection/connection.ts';
import { answersOpening, type Opening } from '../../client/opening.ts';

/** As long as a server may think about a token; whoever needs more is not open. */
const waitMs = 10_000;

export class Openings {
  readonly #waiting = new Map<ClientConnection, { opening: Opening; settle: (ok: boolean) => void }>();
  /** What came with the 101, before anybody waited for it. */
  readonly #early = new WeakMap<ClientConnection, ConnectionEvent>();

  /** True when the server answered as expected. */
  async run(connection: ClientConnection, opening: Opening): Promise<boolean> {
    if (connection.ended !== null) return false;
    const early = this.#early.get(connection);
    if (opening.send !== null) connection.send(opening.send);
    if (opening.expect === null || (early !== undefined && answersOpening(early, opening))) return true;
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => settle(false), waitMs);
      const settle = (ok: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(connection);
        resolve(ok);
      };
      this.#waiting.set(connection, { opening, settle });
    });
  }

  /** A message of a connection that is not open for the load yet. */
  heard(connection: ClientConnection, event: ConnectionEvent): void {
    const waits = this.#waiting.get(connection);
    if (waits === undefined) this.#early.set(connection, event);
    else if (answersOpening(event, waits.opening)) waits.settle(true);
  }

  ended(connection: ClientConnection): void {
    this.#waiting.get(connection)?.settle(false);
  }
}
