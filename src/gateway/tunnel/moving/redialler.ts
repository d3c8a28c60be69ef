import type { MoveReason } from '../../../base/move.ts';
import type { ServerState } from '../../../policy/balance/server-state.ts';
import type { Patience } from '../../handshake/patience.ts';
import type { Remembered } from '../../handshake/redial/remembered.ts';
import type { Wire } from '../wire.ts';
import type { Recorder } from './replay.ts';

/** A server that has answered the handshake again, in the same way. Its wire is paused; `rest` are frames that came. */
export interface NewServer {
  readonly upstream: string;
  readonly state: ServerState;
  readonly wire: Wire;
  readonly rest: Buffer;
}

export type Redialled =
  | { readonly ok: true; readonly server: NewServer }
  /** For the log. */
  | { readonly ok: false; readonly detail: string };

export interface RedialRequest {
  readonly reason: MoveReason;
  /** URL of the server that the client is with, which is asked last, or not at all while it is there. */
  readonly from: string;
  readonly patience: Patience;
  readonly recorder: Recorder | null;
}

/**
 * Finds another server and repeats the handshake to it. Never rejects. What is not taken over has to be given back to
 * `discard`.
 */
export interface Redialler {
  /** For whoever goes on with the connection elsewhere. */
  readonly remembered: Remembered;
  redial(request: RedialRequest): Promise<Redialled>;
  discard(server: NewServer): void;
}
