import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handshake } from '../../ws/handshake.ts';
import type { RequestHead } from '../../ws/request-head.ts';
import type { Wire } from '../tunnel/wire.ts';
import type { ProxiedEnds } from './proxied-ends.ts';

/** A request that asks for an upgrade. */
export interface Call {
  readonly request: RequestHead;
  /** null when it has still to be read from the request, and may be none. */
  readonly handshake: Handshake | null;
  /** Nobody reads it any more. */
  readonly wire: Wire;
  /** What came behind the request. */
  readonly head: Buffer;
  readonly ends: ProxiedEnds;
  readonly tls: boolean;
  /** Of the certificate that the client showed and that was verified; empty for none. */
  readonly certificateSubject: string;
}

export interface Arrivals {
  onCall(call: Call): void;
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** A client has connected. False: there is no room for it, not even to tell it so. */
  onSocket(): boolean;
  /** What came is no request that could be served. `status` is what the client is told; null when it cannot be told. */
  onNonsense(clientAddress: string, status: number | null, detail: string): void;
}
