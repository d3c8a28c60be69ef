import type { DeflateWishes } from '../../ws/deflate-offer.ts';
import type { ClientConnectionOptions } from '../connection/connection.ts';
import { type ClosePatience, defaultCloseMs } from '../connection/options.ts';
import type { DialProgress } from './progress.ts';
import type { TlsOptions } from './tls-options.ts';

/** How to dial. Everything is optional; an options object may serve any number of dials. */
export interface DialOptions extends ClientConnectionOptions {
  /** Default: no Origin header, as programs that are no browser send none. */
  readonly origin?: string | null;
  readonly subprotocols?: readonly string[];
  /** More headers: name, value, name, value … */
  readonly rawHeaders?: readonly string[];
  /** Offers permessage-deflate with these wishes; absent or null offers nothing. */
  readonly deflate?: DeflateWishes | null;
  /** The value of Sec-WebSocket-Extensions as it is, instead of `deflate`. */
  readonly extensions?: string | null;
  readonly tls?: TlsOptions;
  /** Gives an address for a host and port in place of DNS, or null to ask DNS. */
  readonly resolve?: (host: string, port: number) => string | null;
  /** The source address: one address reaches one server with 28,000 ports at most. */
  readonly localAddress?: string;
  /** Dials a unix socket in place of host and port. */
  readonly socketPath?: string;
  /** `http://user:password@host:port`: an HTTP proxy, asked to CONNECT. */
  readonly proxy?: string;
  readonly timeouts?: Partial<DialTimeouts>;
  readonly tweaks?: HandshakeTweaks;
  /** Called when a phase of the dial has succeeded. Must not throw. */
  readonly onProgress?: (progress: DialProgress) => void;
  /** Called for all bytes from the request on, inside TLS; they are valid during the call. Must not throw. */
  readonly onBytes?: (direction: 'sent' | 'received', bytes: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

/** Milliseconds for each phase; a phase that takes longer fails with the code `timeout`. */
export interface DialTimeouts extends ClosePatience {
  readonly dnsMs: number;
  /** For each address that is tried. */
  readonly tcpMs: number;
  readonly proxyMs: number;
  readonly tlsMs: number;
  /** From the request's first byte to the answer's last. */
  readonly answerMs: number;
}

export const defaultTimeouts: DialTimeouts = {
  // The resolver's own first try takes 5 s.
  dnsMs: 5000,
  // Three SYNs: they are sent after 0, 1 and 3 s.
  tcpMs: 7000,
  proxyMs: 10_000,
  tlsMs: 10_000,
  // Below the 60 s at which most proxies give up themselves, above any server that works.
  answerMs: 10_000,
  closeMs: defaultCloseMs,
};

/** Handshakes that are wrong on purpose, for whoever tests a server. */
export interface HandshakeTweaks {
  readonly method?: string;
  readonly httpVersion?: string;
  readonly key?: string;
  /** Changes the list of headers (name, value, name, value …) before it is written. */
  readonly headers?: (rawHeaders: readonly string[]) => readonly string[];
  /** The bytes of the whole request head, unchecked; `key` is what the answer is held against. */
  readonly request?: Uint8Array;
}
