/** The request that nginx sends to the backend: its line, and its headers with the line that each comes from. */

import { backendHeaders } from '../headers.ts';
import type { Location } from '../model.ts';
import { valueIn } from '../values.ts';
import type { Proxied, SentHeader, Value } from './model.ts';
import { evaluate, known, type State } from './state.ts';

/**
 * ngx_http_proxy_handler: first the address, then the request line, then the headers, each of which may match
 * something.
 */
export function proxied(state: State, location: Location & { handler: { kind: 'proxy' } }): Proxied {
  const { statement, target } = location.handler;
  const written = statement.directive.args[0] ?? '';
  const address = written.includes('$') ? evaluate(state, written) : known(written);
  const match = /^([a-z]+:\/\/(?:unix:[^:]*|[^/?#]*)):?(.*)$/is.exec(address.text);
  const to = match?.[1] ?? address.text;
  const uri = target.scheme === null && !address.known ? null : (match?.[2] ?? '');
  const version = valueIn(state.model, location, 'proxy_http_version').text;
  return {
    kind: 'proxied',
    location,
    statement,
    target,
    to: { text: to, known: address.known },
    method: valueIn(state.model, location, 'proxy_method').text ?? state.request.method,
    uri: requestUri(state, location, uri === null || uri === '' ? null : { text: uri, known: address.known }),
    httpVersion: version === '1.1' || version === '2' ? version : '1.0',
    headers: headersOf(state, location),
  };
}

/**
 * ngx_http_proxy_create_request: with variables the address's path is the whole; else it replaces the location's part.
 */
function requestUri(state: State, location: Location, uri: Value | null): Value {
  const { request, path, query, isUnchanged, replacesLocation } = state;
  const withQuery = (text: string) => (query === '' ? text : `${text}?${query}`);
  const written = location.handler.kind === 'proxy' ? (location.handler.statement.directive.args[0] ?? '') : '';
  if (uri !== null && written.includes('$'))
    return { text: uri.text.startsWith('/') ? uri.text : `/${uri.text}`, known: uri.known };
  if (uri === null || !replacesLocation) {
    if (!isUnchanged) return known(withQuery(path));
    return known(request.query === '' ? request.path : `${request.path}?${request.query}`);
  }
  const isPrefix = location.modifier === 'prefix' || location.modifier === '=' || location.modifier === '^~';
  const rest = isPrefix ? path.slice(Math.min(location.pattern.length, path.length)) : path;
  return known(withQuery(uri.text + rest));
}

function headersOf(state: State, location: Location): readonly SentHeader[] {
  const lines = backendHeaders(state.model, location);
  // nginx measures all values before it writes them, and by then a map's pattern may have taken $1 away.
  for (const { value } of lines) evaluate(state, value);
  const own = lines.map(
    ({ name, value, origin, statement }): SentHeader => ({
      name,
      value: evaluate(state, value),
      from: origin === 'default' ? 'default' : 'line',
      statement,
    }),
  );
  const named = new Set(lines.map(({ name }) => name.toLowerCase()));
  const passes = valueIn(state.model, location, 'proxy_pass_request_headers').text !== 'off';
  const client = passes
    ? state.request.headers
        .filter(([name]) => !named.has(name.toLowerCase()) && !dropped.has(name.toLowerCase()))
        .map(([name, value]): SentHeader => ({ name, value: known(value), from: 'client', statement: null }))
    : [];
  return [...own.filter(({ value }) => value.text !== ''), ...client];
}

/** What nginx sends of its own accord or not at all (ngx_http_proxy_headers). */
const dropped = new Set(['host', 'connection', 'keep-alive', 'expect', 'upgrade', 'te', 'transfer-encoding']);
