import { brokenToBeLost, lossWindowMs } from '../../policy/health/loss.ts';
import type { Bereft } from './connection-options.ts';

/** Connections that wait for their turns, for whoever sets the pace for all workers. */
export interface ServerLoss {
  readonly upstream: string;
  /** URL. */
  readonly server: string;
  readonly connections: readonly Bereft[];
}

/** Nobody is kept without a server for longer, whatever the pace; also when whoever set it is gone. */
const turnWaitMsMax = 600_000;

interface Case {
  /** Connections of this worker when the first one broke. */
  readonly held: number;
  broken: Bereft[];
  lost: boolean;
}

/**
 * Tells a server that is lost from connections that break one by one. What breaks goes on at once while its server has
 * few connections here; otherwise it waits for what happens to the others.
 */
export class Losses {
  readonly #onLost: (loss: ServerLoss) => void;
  readonly #cases = new Map<Bereft['serverState'], Case>();

  /** `onLost` gets each connection of a lost server once, and calls its `takeTurn` later. */
  constructor(onLost: (loss: ServerLoss) => void) {
    this.#onLost = onLost;
  }

  /** The server of this connection has broken off. True: it has to wait. False: it may go on. */
  broke(connection: Bereft): boolean {
    const { serverState } = connection;
    const known = this.#cases.get(serverState);
    if (known !== undefined) {
      known.broken.push(connection);
      return true;
    }
    const held = serverState.connections;
    if (held < brokenToBeLost(held)) return false;
    this.#cases.set(serverState, { held, broken: [connection], lost: false });
    this.#lookLater(serverState);
    return true;
  }

  #lookLater(server: Bereft['serverState']): void {
    setTimeout(() => this.#look(server), lossWindowMs).unref();
  }

  #look(server: Bereft['serverState']): void {
    const found = this.#cases.get(server)!;
    const broken = found.broken;
    if (broken.length === 0 || (!found.lost && broken.length < brokenToBeLost(found.held))) {
      this.#cases.delete(server);
      takeTurns(broken);
      return;
    }
    found.lost = true;
    found.broken = [];
    const waiting = broken.filter(({ waits }) => waits);
    for (const connection of waiting) connection.lost();
    if (waiting.length > 0) {
      this.#onLost({ upstream: waiting[0]!.upstream, server: server.url, connections: waiting });
      setTimeout(() => takeTurns(waiting), turnWaitMsMax).unref();
    }
    // More of them may follow: a case is over when nothing has broken for a while.
    this.#lookLater(server);
  }
}

function takeTurns(connections: readonly Bereft[]): void {
  for (const connection of connections) connection.takeTurn();
}
