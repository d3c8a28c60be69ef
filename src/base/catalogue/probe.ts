import type { CatalogueEntry } from './entry.ts';
import { probeRouteCodes } from './probe-route.ts';

/** What can be wrong with an endpoint: the causes that a probe names. */
export const probeCodes = {
  ...probeRouteCodes,
  'probe-request-failed': {
    severity: 'error',
    means: 'the request could not be sent',
    remedy: 'check the headers that were given; the message quotes what cannot be written',
  },
  'probe-answer-timeout': {
    severity: 'error',
    means: 'the connection was accepted, but the request got no answer in time',
    remedy: 'look at the server behind the proxy: it accepts and does not answer; --timeout waits longer',
  },
  'probe-answer-closed': {
    severity: 'error',
    means: 'the connection was ended without an answer',
    remedy:
      'read the log of the program that listens there: a crash, a limit on connections, or a port that does not speak HTTP',
  },
  'probe-answer-tls': {
    severity: 'error',
    means: 'the port speaks TLS, and was dialled without it',
    remedy: 'dial wss:// instead of ws://',
  },
  'probe-answer-http2': {
    severity: 'error',
    means: 'the port speaks HTTP/2 only',
    remedy: 'let it speak HTTP/1.1 as well: in nginx, take http2 off the plain listen line',
  },
  'probe-answer-garbage': {
    severity: 'error',
    means: 'the program that answered does not speak HTTP',
    remedy: 'check host and port: another service listens there',
  },
  'probe-answer-endless': {
    severity: 'error',
    means: 'the head of the answer exceeds every reasonable size',
    remedy: 'look at the server: it sends more than 16 KiB, or more than 100 headers, before its first empty line',
  },
  'probe-upgrade-not-forwarded': {
    severity: 'error',
    means: 'the request reached a server as an ordinary GET: a proxy on the way dropped Upgrade and Connection',
    remedy: 'make the proxy pass Upgrade and Connection on, and speak HTTP/1.1 to the server',
  },
  'probe-not-an-endpoint': {
    severity: 'error',
    means: 'the path leads to an ordinary page, not to a WebSocket server',
    remedy: 'correct the path, or add a location for it that proxies to the WebSocket server',
  },
  'probe-path-slash': {
    severity: 'error',
    means: 'the endpoint is on the same path with, or without, its last slash',
    remedy: 'dial the other form, or make the proxy’s location match both',
  },
  'probe-redirect-https': {
    severity: 'error',
    means: 'the server redirects to HTTPS, and WebSocket clients do not follow redirects',
    remedy: 'dial wss://',
  },
  'probe-redirect-elsewhere': {
    severity: 'error',
    means: 'the server redirects, and WebSocket clients do not follow redirects',
    remedy: 'dial the place that the redirect names, or take the redirect off the WebSocket’s path',
  },
  'probe-redirect-login': {
    severity: 'error',
    means: 'the server redirects to a login page',
    remedy: 'send what identifies the user: --header "Cookie: …" or --user',
  },
  'probe-bad-request': {
    severity: 'error',
    means: 'the server found the handshake wrong; a proxy on the way has probably changed it',
    remedy: 'read the answer’s body, which often says what is missing; see what the proxy sends on',
  },
  'probe-headers-too-large': {
    severity: 'error',
    means: 'the request’s headers, usually its cookies, are larger than the server accepts',
    remedy: 'send fewer or shorter cookies, or raise the limit (nginx: large_client_header_buffers)',
  },
  'probe-http10': {
    severity: 'error',
    means: 'the proxy speaks HTTP/1.0 to the server, and HTTP/1.0 has no upgrade',
    remedy: 'make the proxy speak HTTP/1.1 to the server, and pass Upgrade and Connection on',
  },
  'probe-socketio': {
    severity: 'error',
    means: 'this is a Socket.IO server, which wants its own path and query',
    remedy: 'dial /socket.io/?EIO=4&transport=websocket',
  },
  'probe-socketio-session': {
    severity: 'error',
    means:
      'a different server than the one that answered knows the session: requests of one client are spread over several',
    remedy: 'keep a client on one server (nginx: ip_hash or hash in the upstream; Holdline: balance: sticky-cookie)',
  },
  'probe-subprotocol-wanted': {
    severity: 'error',
    means: 'the server refuses clients that do not offer a subprotocol it speaks',
    remedy: 'offer it: --subprotocol NAME; a proxy has to pass Sec-WebSocket-Protocol on',
  },
  'probe-opening': {
    severity: 'error',
    means: 'the answer to the opening message is not what --expect says',
    remedy: 'look at the answer that came; --first sets the message, and the subprotocol has to match it',
  },
  'probe-credentials': {
    severity: 'error',
    means: 'the server wants credentials',
    remedy:
      'give them: --user NAME:PASSWORD, --bearer TOKEN or --header; browsers cannot set headers, so a page needs a cookie or a token in the query',
  },
  'probe-origin-refused': {
    severity: 'error',
    means: 'the server checks the Origin header and refuses this one',
    remedy: 'dial with --origin of a page that is allowed, or add the page’s origin to the server’s list',
  },
  'probe-forbidden': {
    severity: 'error',
    means: 'the server refuses this client: an access rule, a check of Origin, or a firewall',
    remedy: 'try --origin with the page’s origin and the credentials that the page sends; then read the server’s log',
  },
  'probe-not-found': {
    severity: 'error',
    means: 'nothing is on this path',
    remedy: 'correct the path; behind a proxy, compare the path that the server gets with the one that it serves',
  },
  'probe-not-found-proxy': {
    severity: 'error',
    means: 'the proxy itself answered: none of its rules leads from this path to a server',
    remedy: 'add a location for the path, or correct the path',
  },
  'probe-method': {
    severity: 'error',
    means: 'the path exists, but not for GET: it is not a WebSocket endpoint',
    remedy: 'correct the path',
  },
  'probe-too-many': {
    severity: 'error',
    means: 'a limit on requests or connections has been reached',
    remedy: 'wait as long as Retry-After says, or raise the limit',
  },
  'probe-server-error': {
    severity: 'error',
    means: 'the server failed while it handled the handshake',
    remedy: 'read the server’s error log at this moment; in nginx also: worker_connections are not enough',
  },
  'probe-bad-gateway': {
    severity: 'error',
    means: 'the proxy works, but the server behind it refused, broke off, or answered something that is not HTTP',
    remedy: 'start the server, and check the address and port that the proxy dials; its error log names the reason',
  },
  'probe-unavailable': {
    severity: 'error',
    means: 'the proxy has no server for the request, or a limit has been reached',
    remedy: 'look at the health checks of the servers and at connection limits; a Retry-After suggests a planned pause',
  },
  'probe-gateway-timeout': {
    severity: 'error',
    means: 'the proxy reached the server, or tried to, and got no answer to the handshake in time',
    remedy: 'look at the server: it is overloaded, hangs, or a firewall drops what the proxy sends',
  },
  'probe-cdn-origin': {
    severity: 'error',
    means: 'the CDN could not get an answer from the origin server',
    remedy: 'probe the origin server itself: holdline probe URL --resolve HOST:PORT:ADDRESS',
  },
  'probe-status': {
    severity: 'error',
    means: 'the answer is not 101',
    remedy: 'read the answer’s body, and the logs of the servers on the way',
  },
  'probe-some-servers': {
    severity: 'error',
    means: 'some handshakes work and some do not: one of several servers behind this address is wrong',
    remedy: 'probe each server behind the balancer; compare their configuration and their health',
  },
  'probe-accept-wrong': {
    severity: 'error',
    means: 'the 101 does not prove that a WebSocket server read this request',
    remedy:
      'look for a cache or a filter that answers for the server or changes Sec-WebSocket-Key; otherwise the server computes it wrongly',
  },
  'probe-upgrade-answer': {
    severity: 'error',
    means: 'the 101 lacks a header that RFC 6455 demands, or is HTTP/1.0',
    remedy: 'let the proxy pass the answer’s Upgrade and Connection back; otherwise correct the server',
  },
  'probe-subprotocol-wrong': {
    severity: 'error',
    means: 'the server chose a subprotocol that was not offered',
    remedy: 'offer what the server speaks with --subprotocol, or correct the server: it must choose from the offer',
  },
  'probe-extension-wrong': {
    severity: 'error',
    means: 'the server accepted an extension, or a parameter of one, that was not offered',
    remedy: 'correct the server; --no-compression offers no extension at all',
  },
  'probe-closed-at-once': {
    severity: 'error',
    means: 'the connection was upgraded and ended before anything passed',
    remedy:
      'read the close code and the log of the server: it probably accepts every handshake and then closes the unwanted ones',
  },
  'probe-violation': {
    severity: 'error',
    means: 'the data on the connection breaks the WebSocket protocol',
    remedy: 'look for something on the way that writes into the stream; otherwise correct the server',
  },
  'probe-no-pong': {
    severity: 'error',
    means: 'the server does not answer pings',
    remedy: 'answer every ping with a pong (RFC 6455, 5.5.2); check that nothing on the way swallows control frames',
  },
  'probe-close-unanswered': {
    severity: 'warning',
    means: 'the server does not answer a close frame with one',
    remedy: 'answer every close frame with a close frame before ending the connection (RFC 6455, 5.5.1)',
  },
} as const satisfies Record<string, CatalogueEntry>;
