import type { CloseCause, CloseParty } from '../base/close-cause.ts';

/**
 * One live connection as the registry knows it. The tunnel that owns the connection updates the counters in
 * place: there is one record per connection and no event per message.
 */
export interface ConnectionRecord {
  /** Unique over all workers and generations, sortable by age within a worker. */
  readonly id: string;
  readonly openedAtMs: number;
  readonly clientAddress: string;
  readonly clientPort: number;
  /** Where the socket comes from: the client, or the proxy in front that spoke for it. */
  readonly peerAddress: string;
  readonly tls: boolean;
  readonly route: string;
  readonly upstream: string;
  /** URL of the server that answered 101. */
  readonly server: string;
  readonly host: string;
  /** Path without the query, which may carry secrets. */
  readonly path: string;
  readonly origin: string | null;
  readonly userAgent: string | null;
  readonly subprotocol: string | null;
  readonly compressed: boolean;
  readonly tags: Readonly<Record<string, string>>;

  state: 'open' | 'closing';
  /** Bytes of frames (headers included) and whole messages received from each end. */
  clientBytes: number;
  clientMessages: number;
  serverBytes: number;
  serverMessages: number;
  /** Last data frame in either direction, on the monotonic clock. */
  lastDataMs: number;
  /** Round trip of the last heartbeat answered by the client; null before the first. */
  rttMs: number | null;
  /** Bytes read and not yet taken by the other side, both directions. */
  bufferedBytes: number;
}

/** How a connection ended. */
export interface ConnectionEnd {
  readonly by: CloseParty;
  readonly cause: CloseCause;
  /** The close code that was sent or seen; 1006 when none could be. */
  readonly code: number;
  readonly reason: string;
  /** When that reason came, milliseconds since 1970, and how long no data frame had passed by then. */
  readonly begunAtMs: number;
  readonly silentMs: number;
  /** When both sockets were closed. */
  readonly closedAtMs: number;
}
