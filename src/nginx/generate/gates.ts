/**
 * What an nginx version can do or does by itself, as far as the generated configuration depends on it. One row each.
 */

import { isSince, type NginxVersion } from '../../base/nginx-version.ts';

export interface Gate {
  /** The first version that has it. */
  readonly since: NginxVersion;
  readonly what: string;
  /** What is written for older versions instead. */
  readonly before: string;
}

/** Sources: nginx's CHANGES; the behaviour of 1.22.1 and 1.31.4 was seen. */
export const gates = {
  serverKeepalive: {
    since: [1, 15, 6],
    what: 'proxy_socket_keepalive turns TCP keepalive on towards the server',
    before: 'nothing',
  },
  rejectHandshake: {
    since: [1, 19, 4],
    what: 'ssl_reject_handshake ends TLS for host names that are not served',
    before: 'the first certificate is shown to them, and the request gets 404',
  },
  evenAccept: {
    since: [1, 21, 6],
    what: 'EPOLLEXCLUSIVE spreads new connections evenly over the workers',
    before: 'listen … reuseport spreads them',
  },
  headersJoined: {
    since: [1, 23, 0],
    what: '$http_origin holds every Origin header of a request, joined',
    before: 'only the first one is seen, so a note says what that means',
  },
  sharedTicketKeys: {
    since: [1, 23, 2],
    what: 'the keys of session tickets live in the shared session cache, change by themselves and outlive a reload',
    before: 'ssl_session_tickets off, so that sessions resume from the shared cache',
  },
  http2Directive: {
    since: [1, 25, 1],
    what: 'http2 is a directive of the server',
    before: 'http2 is a parameter of listen',
  },
  modernTls: {
    since: [1, 27, 3],
    what: 'TLS 1.2 and 1.3 are the default',
    before: 'ssl_protocols names them: 1.0 and 1.1 are on by default, and before 1.23.4 TLS 1.3 is off',
  },
  resolve: {
    since: [1, 27, 3],
    what: 'server … resolve follows a name in DNS while nginx runs',
    before: 'a name is looked up once, when nginx starts or reloads',
  },
  sticky: {
    since: [1, 29, 6],
    what: 'sticky sends a client back to its server by a cookie',
    before: 'a cookie made of $request_id is the key of a hash',
  },
  http11Upstream: {
    since: [1, 29, 7],
    what: 'servers are spoken to in HTTP/1.1, and 32 idle connections are kept for each upstream',
    before: 'proxy_http_version 1.1 and keepalive 32 say so',
  },
} as const satisfies Record<string, Gate>;

export type GateName = keyof typeof gates;

export function has(version: NginxVersion, gate: GateName): boolean {
  return isSince(version, gates[gate].since);
}
