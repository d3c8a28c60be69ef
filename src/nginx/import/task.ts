/**
 * What every part of the import works with: the model, the ledger, and questions to the model about single requests.
 */
import type { Effective, Location, Server } from '../effective/model.ts';
import type { Passage } from '../effective/request/model.ts';
import { passageOf } from '../effective/request/passage.ts';
import type { Ledger } from './ledger.ts';
import type { ImportedRoute } from './model.ts';

export interface ImportTask {
  readonly model: Effective;
  readonly ledger: Ledger;
  /** Directory of nginx.conf with a slash at its end: relative files begin there. */
  readonly prefix: string;
}

/** One location that becomes one or more routes. */
export interface RouteTask extends ImportTask {
  readonly server: Server;
  /** The location that takes the path. */
  readonly entry: Location;
  /** Where its handshakes end up, jumps and `if` followed: the block whose settings count. */
  readonly final: Location & { readonly handler: { readonly kind: 'proxy' } };
  /** The address that requests go to, variables replaced; null when it was not seen. */
  readonly to: string | null;
  /** An Origin with which handshakes get through; null where none is needed. */
  readonly origin: string | null;
  /** Beginnings of paths that it takes, as routes match them. */
  readonly paths: readonly string[];
  readonly webSocket: boolean;
  /** Filled in by the translators. */
  readonly route: ImportedRoute;
}

export interface AskedRequest {
  readonly kind: 'websocket' | 'plain';
  readonly path: string;
  readonly query?: string;
  readonly method?: string;
  readonly origin?: string | null;
}

/** A host that the server is known by; a browser would ask for it. */
export function hostOf({ names }: Server): string {
  const name = names.find((each) => /^(?:\*?\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(each) && each !== '_');
  return name === undefined ? 'localhost' : name.replace(/^\*?\./, 'any.');
}

/** What nginx does with a request to the server, as far as it can be told. */
export function ask(model: Effective, server: Server, question: AskedRequest): Passage {
  const { kind, path, query = '', method = 'GET', origin = null } = question;
  const listen = server.listens.find(({ port, quic }) => port !== null && !quic);
  const upgrade: (readonly [string, string])[] =
    kind === 'plain'
      ? [['Connection', 'keep-alive']]
      : [
          ['Upgrade', 'websocket'],
          ['Connection', 'Upgrade'],
          ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
          ['Sec-WebSocket-Version', '13'],
        ];
  return passageOf(model, {
    method,
    scheme: listen?.ssl === true ? 'https' : 'http',
    host: hostOf(server),
    port: listen?.port ?? null,
    path,
    query,
    headers: origin === null ? upgrade : [...upgrade, ['Origin', origin]],
  });
}

/** True when the request reaches a server behind nginx. */
export function reaches(model: Effective, server: Server, question: AskedRequest): boolean {
  return ask(model, server, question).outcome.kind === 'proxied';
}
