/**
 * What a hooks module is written against. It exports any of these functions by name; each may be async, and runs in a
 * thread beside the worker that holds the connections, under the deadline of its route.
 */
import type { CloseCause, CloseParty } from '../../base/close-cause.ts';

/**
 * Asked for every handshake that the route, its origins, its limits and its authorizer let through, before the server
 * is dialled.
 */
export type OnHandshake = (handshake: HookHandshake) => Returned<HandshakeDecision>;
/** Told when a connection is open. */
export type OnOpen = (connection: HookConnection) => Returned<void>;
/** Told when a connection is over. */
export type OnClose = (connection: HookConnection, end: HookEnd) => Returned<void>;
/**
 * Asked for every message, on routes with `hooks: { messages: on }`; one after the other for each direction of a
 * connection.
 */
export type OnMessage = (message: HookMessage) => Returned<MessageDecision>;

/** What a hooks module may export, by name or together as its default. */
export interface Hooks {
  readonly onHandshake?: OnHandshake;
  readonly onOpen?: OnOpen;
  readonly onClose?: OnClose;
  readonly onMessage?: OnMessage;
}

export interface HookHandshake {
  readonly route: string;
  /** Where the route leads, unless the hook says otherwise. */
  readonly upstream: string;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly tls: boolean;
  /** The Host header. */
  readonly host: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  readonly origin: string | null;
  readonly subprotocols: readonly string[];
  /** By lower-case name; several of one name joined with a comma, cookies with a semicolon. */
  readonly headers: Readonly<Record<string, string>>;
  /** What an authorizer has given. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Nothing: go on as the route says. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing at all.
export type HandshakeDecision = void | HandshakeChanges | { readonly refuse: HandshakeRefusalByHook };

export interface HandshakeChanges {
  /** Name of an upstream of the spec. */
  readonly upstream?: string;
  /** URL of one server of that upstream, as in the spec. */
  readonly server?: string;
  /**
   * Path that the server is asked for, in place of the route's; the client's query follows unless it has one of its
   * own.
   */
  readonly path?: string;
  /** Headers of the request to the server, in place of the client's; null takes the client's away. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Whether the client's offer to compress counts, whatever the route says. */
  readonly compression?: 'pass' | 'off';
  /**
   * Short words by which people filter and count connections: 16 at most, values of up to 128 printable ASCII
   * characters.
   */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface HandshakeRefusalByHook {
  /** 300 to 599. */
  readonly status: number;
  /** Up to 64 KiB; text goes out as UTF-8. Without one the answer says that a hook refused. */
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HookConnection {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly openedAtMs: number;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly tls: boolean;
  readonly route: string;
  readonly upstream: string;
  /** URL of the server. */
  readonly server: string;
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  readonly origin: string | null;
  readonly userAgent: string | null;
  readonly subprotocol: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface HookEnd {
  readonly by: CloseParty;
  readonly cause: CloseCause;
  /** The close code that was sent or seen; 1006 when none could be. */
  readonly code: number;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly closedAtMs: number;
  /** Bytes of frames and whole messages received from each end. */
  readonly clientBytes: number;
  readonly clientMessages: number;
  readonly serverBytes: number;
  readonly serverMessages: number;
}

export interface HookMessage {
  readonly connection: HookConnection;
  /** Who sent it. */
  readonly from: 'client' | 'server';
  /** A string for a text message, bytes for a binary one. */
  readonly data: string | Uint8Array;
}

/**
 * Nothing: it goes on as it came. `replace`: these go on in its place. `answer`: these go back to its sender, and it
 * does not go on. `close`: both sides are closed with the code (1000 to 1014, or 3000 to 4999).
 */
export type MessageDecision =
  // biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing at all.
  | void
  | 'drop'
  | { readonly replace: string | Uint8Array }
  | { readonly answer: string | Uint8Array }
  | { readonly close: { readonly code: number; readonly reason?: string } };

type Returned<Value> = Value | Promise<Value>;
