/** All that a route changes on the way through, worked out once. */
import type { RouteSpec, SubprotocolSpec } from '../../spec/model.ts';
import { applyHeaders, compileHeaders, type HeaderRules } from './headers.ts';
import { compilePath, cookieForClient, locationForClient, type PathMapping } from './path.ts';
import { choiceFor, offerFor } from './subprotocol.ts';
import { tagOfVariable, type Variables } from './template.ts';

export interface Rewriting {
  readonly path: PathMapping | null;
  readonly toServer: HeaderRules | null;
  readonly toClient: HeaderRules | null;
  readonly subprotocol: SubprotocolSpec | null;
}

/** null for a route that passes everything on as it comes, as most do. */
export function compileRewriting(
  route: Pick<RouteSpec, 'match' | 'path' | 'headers' | 'subprotocol'>,
): Rewriting | null {
  const path = compilePath(route.path, route.match.path);
  const toServer = compileHeaders(route.headers.toServer, 'server');
  const toClient = compileHeaders(route.headers.toClient, 'client');
  const { subprotocol } = route;
  return (path ?? toServer ?? toClient ?? subprotocol) ? { path, toServer, toClient, subprotocol } : null;
}

/** What is known of one request, for the variables and for the way back. */
export interface ExchangeFacts {
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly clientSubject: string;
  readonly scheme: 'http' | 'https';
  /** The Host header; empty when there is none. */
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  readonly origin: string;
  readonly route: string;
  readonly tags: Readonly<Record<string, string>>;
  /** In the client's order; empty for plain HTTP. */
  readonly subprotocols: readonly string[];
}

/** The request's headers (name, value, name, value …) for the server. */
export function rewriteRequest(rewriting: Rewriting, rawHeaders: readonly string[], facts: ExchangeFacts): string[] {
  let headers = [...rawHeaders];
  if (rewriting.path !== null && rewriting.path.publicPrefix !== '') {
    // What a trusted proxy in front has taken off already comes first.
    const before = take(headers, 'x-forwarded-prefix');
    headers.push('X-Forwarded-Prefix', `${before.at(-1) ?? ''}${rewriting.path.publicPrefix}`);
  }
  if (rewriting.subprotocol !== null) {
    take(headers, 'sec-websocket-protocol');
    const offer = offerFor(rewriting.subprotocol, facts.subprotocols);
    if (offer.length > 0) headers.push('Sec-WebSocket-Protocol', offer.join(', '));
  }
  if (rewriting.toServer !== null) headers = applyHeaders(headers, rewriting.toServer, variablesOf(facts));
  return headers;
}

/** What the server is offered; null for what the client offers. */
export function offeredBy(rewriting: Rewriting | null, offered: readonly string[]): readonly string[] {
  return rewriting?.subprotocol == null ? offered : offerFor(rewriting.subprotocol, offered);
}

/** An answer's headers for the client. `serverOrigin`: `http://10.0.0.1:9000`. */
export function rewriteAnswer(
  rewriting: Rewriting,
  rawHeaders: readonly string[],
  facts: ExchangeFacts,
  serverOrigin: string,
): string[] {
  let headers = [...rawHeaders];
  const { path, subprotocol, toClient } = rewriting;
  if (path !== null) {
    const hosts = { clientHost: facts.host, publicOrigin: `${facts.scheme}://${facts.host}`, serverOrigin };
    each(headers, 'location', (value) => locationForClient(value, path, hosts));
    each(headers, 'set-cookie', (value) => cookieForClient(value, path));
  }
  if (subprotocol !== null) {
    const [chosen = null] = take(headers, 'sec-websocket-protocol');
    const choice = choiceFor(subprotocol, facts.subprotocols, chosen);
    if (choice !== null) headers.push('Sec-WebSocket-Protocol', choice);
  }
  if (toClient !== null) headers = applyHeaders(headers, toClient, variablesOf(facts));
  return headers;
}

function variablesOf(facts: ExchangeFacts): Variables {
  const values: Readonly<Record<string, string>> = {
    client_address: facts.clientAddress,
    client_port: facts.clientPort === 0 ? '' : String(facts.clientPort),
    client_subject: facts.clientSubject,
    scheme: facts.scheme,
    host: facts.host,
    path: facts.path,
    origin: facts.origin,
    route: facts.route,
  };
  return (name) => {
    const tag = tagOfVariable(name);
    const from = tag === null ? values : facts.tags;
    return Object.hasOwn(from, tag ?? name) ? from[tag ?? name]! : '';
  };
}

/** Takes a header (lower-case name) out of the list; its values in order. */
function take(headers: string[], name: string): string[] {
  const values: string[] = [];
  for (let i = headers.length - 2; i >= 0; i -= 2)
    if (headers[i]!.toLowerCase() === name) values.unshift(headers.splice(i, 2)[1]!);
  return values;
}

function each(headers: string[], name: string, change: (value: string) => string): void {
  for (let i = 0; i + 1 < headers.length; i += 2)
    if (headers[i]!.toLowerCase() === name) headers[i + 1] = change(headers[i + 1]!);
}
