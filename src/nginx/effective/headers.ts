/** The request headers that reach the backend: proxy_set_header's effective lines over nginx's own. */

import { isSince } from '../../base/nginx-version.ts';
import type { BackendHeader, Effective, HandshakeHeaders, Location, RequestKind, Resolved } from './model.ts';
import { assumptionsOf, resolveLocation } from './resolve.ts';
import { valueIn } from './values.ts';

/**
 * All lines in the order in which nginx has them: the effective proxy_set_header lines, then nginx's own that none of
 * them names. Headers of the client that are neither are passed on and not listed.
 */
export function backendHeaders(model: Effective, location: Location): readonly BackendHeader[] {
  const { statements, from, origin } = valueIn(model, location, 'proxy_set_header');
  const written = statements.flatMap<BackendHeader>((statement) => {
    const [name, value] = statement.directive.args;
    if (name === undefined || value === undefined) return [];
    return [{ name, key: name.toLowerCase(), value, origin: origin === 'own' ? 'own' : 'inherited', from, statement }];
  });
  // Since 1.29.7 connections to the backend are kept, so nothing asks to close them.
  const defaults = isSince(model.target, [1, 29, 7]) ? defaultsOfKept : defaultsOfClosed;
  return [...written, ...defaults.filter(({ key }) => !written.some((header) => header.key === key))];
}

/**
 * What the backend gets for a WebSocket handshake, an attempt to change to HTTP/2, or a plain request; null where
 * nothing is proxied over HTTP.
 */
export function backendHandshakeHeaders(
  model: Effective,
  location: Location,
  kind: RequestKind,
  headers: readonly BackendHeader[] = backendHeaders(model, location),
): HandshakeHeaders | null {
  if (location.handler.kind !== 'proxy') return null;
  const version = valueIn(model, location, 'proxy_http_version').text;
  const sent = (name: string) => sentValue(model, location, headers, name, kind);
  return {
    upgrade: sent('upgrade'),
    connection: sent('connection'),
    host: sent('host'),
    httpVersion: version === '1.1' || version === '2' ? version : '1.0',
  };
}

/** nginx's own lines (ngx_http_proxy_headers); an empty value keeps the client's header from being passed on. */
function defaultHeaders(connection: string): readonly BackendHeader[] {
  const lines = { Host: '$proxy_host', Connection: connection, 'Keep-Alive': '', Expect: '', Upgrade: '' };
  return Object.entries(lines).map(([name, value]) => {
    return { name, key: name.toLowerCase(), value, origin: 'default', from: null, statement: null };
  });
}

const defaultsOfKept = defaultHeaders('');
const defaultsOfClosed = defaultHeaders('close');

/** Lines with an empty value are not sent; several with a value are all sent, which the receiver reads as one list. */
function sentValue(
  model: Effective,
  location: Location,
  headers: readonly BackendHeader[],
  name: string,
  kind: RequestKind,
): Resolved {
  const values: string[] = [];
  for (const header of headers) {
    if (header.key !== name) continue;
    const value = resolveLocation(model, location, header.value, assumptionsOf[kind]);
    if (!value.known) return value;
    if (value.value !== '') values.push(value.value);
  }
  return { known: true, value: values.join(', ') };
}
