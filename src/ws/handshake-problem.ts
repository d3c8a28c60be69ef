/**
 * Every way in which a request that asks for an upgrade can be wrong: the HTTP status that refuses it, the section
 * that is broken, and a sentence for the answer's body and the log. `headers` (name, value, name, value …) belong
 * into the refusal.
 */
export interface HandshakeProblemFacts {
  readonly status: 400 | 405 | 426;
  readonly section: string;
  readonly sentence: string;
  readonly headers: readonly string[];
}

const none: readonly string[] = [];

export const handshakeProblems = {
  method: {
    status: 405,
    section: 'RFC 6455, 4.2.1 item 1',
    sentence: 'a WebSocket handshake is a GET request',
    headers: ['Allow', 'GET'],
  },
  'http-version': {
    status: 400,
    section: 'RFC 6455, 4.2.1 item 1',
    sentence: 'a WebSocket handshake needs HTTP/1.1; a proxy in front may be speaking HTTP/1.0',
    headers: none,
  },
  host: {
    status: 400,
    section: 'RFC 6455, 4.2.1 item 2',
    sentence: 'the handshake must carry exactly one Host header',
    headers: none,
  },
  'upgrade-missing': {
    status: 426,
    section: 'RFC 6455, 4.2.1 item 3',
    sentence: 'the request carries no "Upgrade: websocket"; a proxy in front may have removed it',
    headers: ['Upgrade', 'websocket'],
  },
  'upgrade-other': {
    status: 400,
    section: 'RFC 6455, 4.2.1 item 3',
    sentence: 'the request asks for an upgrade to another protocol than websocket',
    headers: none,
  },
  connection: {
    status: 400,
    section: 'RFC 6455, 4.2.1 item 4',
    sentence: 'the Connection header does not name "upgrade"; a proxy in front may have replaced it',
    headers: none,
  },
  'key-missing': {
    status: 400,
    section: 'RFC 6455, 4.2.1 item 5',
    sentence: 'the Sec-WebSocket-Key header is missing',
    headers: none,
  },
  'key-repeated': {
    status: 400,
    section: 'RFC 6455, 11.3.1',
    sentence: 'the Sec-WebSocket-Key header came more than once',
    headers: none,
  },
  'key-invalid': {
    status: 400,
    section: 'RFC 6455, 4.2.1 item 5',
    sentence: 'the Sec-WebSocket-Key is not 16 bytes in base64',
    headers: none,
  },
  version: {
    status: 426,
    section: 'RFC 6455, 4.2.1 item 6 and 4.4',
    sentence: 'only version 13 of the WebSocket protocol is spoken here',
    headers: ['Sec-WebSocket-Version', '13', 'Upgrade', 'websocket'],
  },
  'version-repeated': {
    status: 400,
    section: 'RFC 6455, 11.3.5',
    sentence: 'the Sec-WebSocket-Version header came more than once',
    headers: none,
  },
  origin: {
    status: 400,
    section: 'RFC 6454, 7.3',
    sentence: 'the Origin header came more than once',
    headers: none,
  },
  subprotocols: {
    status: 400,
    section: 'RFC 6455, 4.1 item 10',
    sentence: 'the Sec-WebSocket-Protocol header is not a list of different tokens, or has too many',
    headers: none,
  },
  extensions: {
    status: 400,
    section: 'RFC 6455, 9.1',
    sentence: 'the Sec-WebSocket-Extensions header does not follow its grammar, or is too long',
    headers: none,
  },
  body: {
    status: 400,
    section: 'RFC 6455, 4.1',
    sentence: 'a handshake carries no body: the bytes after it are frames',
    headers: none,
  },
} as const satisfies Record<string, HandshakeProblemFacts>;

export type HandshakeProblem = keyof typeof handshakeProblems;
