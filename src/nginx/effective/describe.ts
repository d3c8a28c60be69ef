/** Everything that matters to a WebSocket in one location, ready to be shown. */

import { backendHandshakeHeaders, backendHeaders } from './headers.ts';
import { chainsFrom } from './jumps.ts';
import type { Effective, HandshakeHeaders, Location, LocationDescription, RequestKind } from './model.ts';
import { outward } from './scopes.ts';
import { valueIn } from './values.ts';

/** The directives that are listed, grouped by what they decide. */
export const describedDirectives: readonly string[] = [
  // Where it goes, and how it is asked.
  'proxy_pass',
  'proxy_http_version',
  'proxy_set_header',
  'proxy_pass_request_headers',
  // How long it may last.
  'proxy_read_timeout',
  'proxy_send_timeout',
  'proxy_connect_timeout',
  'send_timeout',
  'keepalive_timeout',
  'proxy_socket_keepalive',
  // What it costs.
  'proxy_buffer_size',
  'proxy_buffers',
  'proxy_busy_buffers_size',
  'ssl_buffer_size',
  // What acts on plain requests only.
  'proxy_buffering',
  'proxy_request_buffering',
  'gzip',
  'proxy_cache',
  'proxy_cache_bypass',
  'proxy_no_cache',
  'proxy_cache_lock',
  // How quickly bytes leave.
  'tcp_nodelay',
  // Who may.
  'allow',
  'deny',
  'satisfy',
  'auth_basic',
  'auth_request',
  'limit_conn',
  'limit_req',
  // What else nginx sends, and writes down.
  'add_header',
  'proxy_intercept_errors',
  'error_page',
  'proxy_next_upstream',
  'proxy_redirect',
  'proxy_ssl_server_name',
  'proxy_ssl_name',
  'proxy_ssl_verify',
  'ssl_protocols',
  'ssl_session_cache',
  'ssl_session_timeout',
  'access_log',
  'error_log',
];

/** `holdline lint --effective` prints this. */
export function describe(model: Effective, location: Location): LocationDescription {
  return {
    location,
    within: outward(location)
      .filter(({ kind }) => kind !== 'main')
      .map(({ label }) => label),
    values: describedDirectives.map((name) => valueIn(model, location, name)),
    headers: backendHeaders(model, location),
    handshake: handshakesOf(model, location),
    chains: chainsFrom(location),
  };
}

function handshakesOf(model: Effective, location: Location): Readonly<Record<RequestKind, HandshakeHeaders>> | null {
  const websocket = backendHandshakeHeaders(model, location, 'websocket');
  const h2c = backendHandshakeHeaders(model, location, 'h2c');
  const plain = backendHandshakeHeaders(model, location, 'plain');
  return websocket === null || h2c === null || plain === null ? null : { websocket, h2c, plain };
}
