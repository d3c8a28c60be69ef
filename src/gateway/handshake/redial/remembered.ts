import type { ForwardedClient } from '../../../policy/client-address/forwarded.ts';
import type { AnswerExpectation, AnswerReading } from '../../../ws/client-handshake.ts';

/**
 * What is remembered of a handshake, so that it can be repeated to another server. Plain data: it travels with its
 * connection.
 */
export interface Remembered {
  /** The request as it went to the server. */
  readonly head: Uint8Array;
  readonly expected: AnswerExpectation;
  readonly agreed: Extract<AnswerReading, { ok: true }>;
  /** By whom a server is chosen. */
  readonly asker: {
    readonly request: { readonly url?: string | undefined; readonly rawHeaders: readonly string[] };
    readonly client: ForwardedClient;
  };
  readonly route: string;
  /** That a hook has chosen; null leaves it to the route. */
  readonly upstream: string | null;
}
