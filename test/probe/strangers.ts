/**
 * Servers and proxies that refuse a handshake, each in its own words, and what they say to a plain GET of the same
 * path. `lets` is the handshake that they take.
 */

export interface Stranger {
  readonly path: string;
  /** Status line, body and headers; null for a connection that is cut without a word. */
  readonly handshake: Said | null;
  readonly plain: Said;
  /** Another path of that server, which takes WebSockets. */
  readonly serves?: string;
  readonly lets?: (request: { readonly url: string; readonly headers: Readonly<Record<string, unknown>> }) => boolean;
  readonly code: string;
  readonly certainty: 'proved' | 'likely' | 'possible';
  readonly cause: RegExp;
}

type Said = readonly [status: string, body: string, ...headers: string[]];

const envoyReset = 'upstream connect error or disconnect/reset before headers. reset reason: connection failure';
const goNotFound: Said = ['404 Not Found', '404 page not found\n', 'X-Content-Type-Options: nosniff'];
const cable: Said = ['404 Not Found', 'Page not found', 'Content-Type: text/plain; charset=utf-8'];
const challenge: Said = [
  '403 Forbidden',
  '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies to continue</body></html>',
  'Server: cloudflare',
  'cf-mitigated: challenge',
  'CF-RAY: 8a1b2c3d4e5f-FRA',
];
const tunnelDown: Said = ['530 ', 'error code: 1033', 'Server: cloudflare', 'CF-RAY: 8a1b2c3d4e5f-FRA'];
const offline: Said = [
  '404 Not Found',
  'The endpoint abc.ngrok.app is offline. ERR_NGROK_3200',
  'ngrok-error-code: ERR_NGROK_3200',
];
const wantsTls: Said = [
  '426 Upgrade Required',
  '{"message":"Please use HTTPS protocol"}',
  'Upgrade: TLS/1.2, HTTP/1.1',
  'Connection: Upgrade',
  'Server: kong/3.4.0',
];

export const strangers: readonly Stranger[] = [
  {
    path: '/sockjs',
    serves: '/sockjs/websocket',
    handshake: ['200 OK', 'Welcome to SockJS!\n', 'Content-Type: text/plain;charset=UTF-8'],
    plain: ['200 OK', 'Welcome to SockJS!\n', 'Content-Type: text/plain;charset=UTF-8'],
    code: 'probe-not-an-endpoint',
    certainty: 'proved',
    cause: /SockJS.*\/sockjs\/websocket/,
  },
  {
    path: '/uvicorn',
    handshake: ['403 Forbidden', '', 'server: uvicorn'],
    plain: ['404 Not Found', '{"detail":"Not Found"}', 'server: uvicorn'],
    code: 'probe-forbidden',
    certainty: 'likely',
    cause: /before it accepted/,
  },
  {
    path: '/daphne',
    handshake: [
      '403 Access denied',
      '<html><head><title>403 Access denied</title></head><body><h1>403 Access denied</h1><p>WebSocket connection denied</p></body></html>',
      'Server: daphne',
    ],
    plain: ['404 Not Found', '<h1>Not Found</h1><p>The requested resource was not found on this server.</p>'],
    lets: ({ headers }) => headers.origin !== undefined && String(headers.origin).startsWith('http://127.0.0.1'),
    code: 'probe-origin-refused',
    certainty: 'proved',
    cause: /Origin/,
  },
  {
    path: '/daphne-closed',
    handshake: ['403 Access denied', '<html><body><h1>403 Access denied</h1></body></html>', 'Server: daphne'],
    plain: ['404 Not Found', '<h1>Not Found</h1>'],
    code: 'probe-forbidden',
    certainty: 'likely',
    cause: /Django Channels/,
  },
  {
    path: '/tornado',
    handshake: ['400 Bad Request', '"Connection" must be "Upgrade".', 'Server: TornadoServer/6.4'],
    plain: ['400 Bad Request', 'Can "Upgrade" only to "WebSocket".', 'Server: TornadoServer/6.4'],
    code: 'probe-upgrade-not-forwarded',
    certainty: 'likely',
    cause: /Connection/,
  },
  {
    path: '/kong',
    handshake: wantsTls,
    plain: wantsTls,
    code: 'probe-answer-tls',
    certainty: 'likely',
    cause: /TLS/,
  },
  {
    path: '/ws-path',
    handshake: ['400 Bad Request', 'Bad Request', 'Content-Type: text/html'],
    plain: ['426 Upgrade Required', 'Upgrade Required'],
    code: 'probe-not-found',
    certainty: 'likely',
    cause: /path/,
  },
  {
    path: '/traefik',
    handshake: goNotFound,
    plain: goNotFound,
    code: 'probe-not-found',
    certainty: 'possible',
    cause: /Traefik/,
  },
  {
    path: '/gateway',
    handshake: [
      '403 Forbidden',
      '{"message":"Missing Authentication Token"}',
      'x-amzn-ErrorType: MissingAuthenticationTokenException',
    ],
    plain: [
      '403 Forbidden',
      '{"message":"Missing Authentication Token"}',
      'x-amzn-ErrorType: MissingAuthenticationTokenException',
    ],
    code: 'probe-not-found-proxy',
    certainty: 'likely',
    cause: /API Gateway.*stage/,
  },
  {
    path: '/challenge',
    handshake: challenge,
    plain: challenge,
    code: 'probe-forbidden',
    certainty: 'proved',
    cause: /Cloudflare.*browser/,
  },
  {
    path: '/tunnel-down',
    handshake: tunnelDown,
    plain: tunnelDown,
    code: 'probe-cdn-origin',
    certainty: 'proved',
    cause: /cloudflared/,
  },
  {
    path: '/ngrok',
    handshake: offline,
    plain: offline,
    code: 'probe-bad-gateway',
    certainty: 'proved',
    cause: /tunnel/,
  },
  {
    path: '/engine',
    handshake: null,
    plain: ['200 OK', '<h1>Chat</h1>'],
    code: 'probe-answer-closed',
    certainty: 'likely',
    cause: /plain GET.*(?:path|Socket\.IO)/,
  },
  {
    path: '/socket',
    serves: '/socket/websocket',
    handshake: ['404 Not Found', 'Not Found', 'server: Cowboy'],
    plain: ['404 Not Found', 'Not Found', 'server: Cowboy'],
    code: 'probe-not-found',
    certainty: 'proved',
    cause: /\/socket\/websocket, as with Phoenix/,
  },
  {
    path: '/envoy-404',
    handshake: ['404 Not Found', '', 'server: envoy'],
    plain: ['404 Not Found', '', 'server: envoy'],
    code: 'probe-not-found-proxy',
    certainty: 'likely',
    cause: /Envoy/,
  },
  {
    path: '/envoy-503',
    handshake: ['503 Service Unavailable', envoyReset, 'server: envoy'],
    plain: ['503 Service Unavailable', envoyReset, 'server: envoy'],
    code: 'probe-bad-gateway',
    certainty: 'likely',
    cause: /Envoy did not reach the server: connection failure/,
  },
  {
    path: '/cable',
    handshake: cable,
    plain: cable,
    code: 'probe-not-found',
    certainty: 'possible',
    cause: /Action Cable/,
  },
];
