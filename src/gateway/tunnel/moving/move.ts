import type { MoveReason } from '../../../base/move.ts';
import { Patience } from '../../handshake/patience.ts';
import type { NewServer } from './redialler.ts';

/** One exchange of the server that is under way. */
export class Move {
  readonly reason: MoveReason;
  /** URL of the server that is left. */
  readonly from: string;
  readonly patience: Patience = new Patience();
  /** What becomes of the connection when it cannot be moved and its server is still there. */
  readonly orElse: () => void;
  server: NewServer | null = null;
  /** The old server can carry nothing any more. */
  serverGone = false;
  /** Our last word has been said to the old server, and its answer is awaited. */
  parting = false;
  /** When the client was stopped, monotonic. */
  stoppedMs: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(reason: MoveReason, from: string, orElse: () => void) {
    this.reason = reason;
    this.from = from;
    this.orElse = orElse;
  }

  /** Calls `onOver` unless the old server is gone by then. One thing is waited for at a time. */
  wait(ms: number, onOver: () => void): void {
    this.stopWaiting();
    this.#timer = setTimeout(() => {
      if (!this.serverGone) onOver();
    }, ms);
  }

  stopWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }
}
