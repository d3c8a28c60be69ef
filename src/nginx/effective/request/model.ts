/** What becomes of one request: who takes it and why, and what the backend gets. */

import type { Statement } from '../../syntax/tree.ts';
import type { Location, ProxyTarget, Server } from '../model.ts';

/** A request as a client sends it. */
export interface ClientRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** As in the Host header, with the port where it is not the scheme's own. */
  readonly host: string;
  /** The port it comes in on; null when that does not matter. */
  readonly port: number | null;
  /** As sent, percent-encoding and all. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** All but Host. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** A text in which what is not known stands as the variable's name. */
export interface Value {
  readonly text: string;
  readonly known: boolean;
}

/** One thing that happens on the way, with the line that makes it happen. */
export interface RequestStep {
  readonly text: string;
  readonly statement: Statement | null;
  /** False for what only the running nginx can tell: files, other programs. */
  readonly certain: boolean;
}

export interface SentHeader {
  readonly name: string;
  readonly value: Value;
  /** `line`: proxy_set_header. `default`: nginx's own. `client`: passed on as it came. */
  readonly from: 'line' | 'default' | 'client';
  readonly statement: Statement | null;
}

/** The request that reaches the backend. */
export interface Proxied {
  readonly kind: 'proxied';
  readonly location: Location;
  readonly statement: Statement;
  readonly target: ProxyTarget;
  /** The address with its scheme, variables replaced. */
  readonly to: Value;
  readonly method: string;
  readonly uri: Value;
  readonly httpVersion: '1.0' | '1.1' | '2';
  readonly headers: readonly SentHeader[];
}

export type Outcome =
  | Proxied
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** A redirect's address or the answer's text. */
      readonly text: Value;
      readonly statement: Statement | null;
    }
  | { readonly kind: 'elsewhere'; readonly what: string; readonly statement: Statement | null }
  | { readonly kind: 'lost'; readonly because: string };

export interface Passage {
  readonly request: ClientRequest;
  readonly server: Server | null;
  /** The location that has the last word; null when the server itself has it. */
  readonly location: Location | null;
  readonly steps: readonly RequestStep[];
  readonly outcome: Outcome;
}
