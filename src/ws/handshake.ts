/** The server's side of the opening handshake (RFC 6455, 4.2). The client's side is in client-handshake.ts. */
import { hash } from 'node:crypto';
import { lowerName } from '../base/header-name.ts';
import { type Extension, parseExtensions } from './extension.ts';
import type { HandshakeProblem } from './handshake-problem.ts';
import { listNames, tokensOf, trimmed } from './token.ts';

export interface HandshakeRequest {
  readonly method: string;
  /** `1.1`, as node:http gives it. */
  readonly httpVersion: string;
  /** Name, value, name, value … as they came, repeated ones apart: node:http's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
}

export interface Handshake {
  readonly host: string;
  readonly origin: string | null;
  readonly key: string;
  /** In the client's order of preference. */
  readonly subprotocols: readonly string[];
  readonly extensions: readonly Extension[];
}

export type HandshakeReading =
  | { readonly ok: true; readonly handshake: Handshake }
  | { readonly ok: false; readonly problem: HandshakeProblem };

/** Most subprotocols in one offer. Clients name one or two; the list is compared with itself, so it needs an end. */
export const subprotocolsMax = 64;

/**
 * Reads one request in one pass over its headers. It runs for every handshake, so names are told apart by length first.
 */
export function readHandshake(request: HandshakeRequest): HandshakeReading {
  if (request.method !== 'GET') return refused('method');
  if (request.httpVersion === '1.0' || request.httpVersion.startsWith('0')) return refused('http-version');

  let host: string | null = null;
  let origin: string | null = null;
  let upgrade: string | null = null;
  let connection: string | null = null;
  let key: string | null = null;
  let version: string | null = null;
  let subprotocols: string | null = null;
  let extensions: string | null = null;

  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const written = rawHeaders[i]!;
    if (!interestingLengths.has(written.length)) continue;
    const value = rawHeaders[i + 1]!;
    switch (lowerName(written)) {
      case 'host':
        if (host !== null) return refused('host');
        host = value;
        break;
      case 'origin':
        // Two of them would let one be checked and the other be believed.
        if (origin !== null) return refused('origin');
        origin = value;
        break;
      case 'upgrade':
        upgrade = joined(upgrade, value);
        break;
      case 'connection':
        connection = joined(connection, value);
        break;
      case 'sec-websocket-key':
        if (key !== null) return refused('key-repeated');
        key = trimmed(value);
        break;
      case 'sec-websocket-version':
        if (version !== null) return refused('version-repeated');
        version = trimmed(value);
        break;
      case 'sec-websocket-protocol':
        subprotocols = joined(subprotocols, value);
        break;
      case 'sec-websocket-extensions':
        extensions = joined(extensions, value);
        break;
      case 'content-length':
        // A length of zero is no body, and some HTTP libraries write it on every request.
        if (trimmed(value) !== '0') return refused('body');
        break;
      case 'transfer-encoding':
        return refused('body');
    }
  }

  if (host === null) return refused('host');
  if (upgrade === null) return refused('upgrade-missing');
  if (!listNames(upgrade, 'websocket')) return refused('upgrade-other');
  if (connection === null || !listNames(connection, 'upgrade')) return refused('connection');
  if (version !== '13') return refused('version');
  if (key === null) return refused('key-missing');
  if (!isKey(key)) return refused('key-invalid');

  const tokens = subprotocols === null ? none : tokensOf(subprotocols);
  if (
    tokens === null ||
    tokens.length > subprotocolsMax ||
    (tokens.length > 1 && new Set(tokens).size !== tokens.length)
  )
    return refused('subprotocols');
  if (subprotocols !== null && tokens.length === 0) return refused('subprotocols');
  const offers = extensions === null ? none : parseExtensions(extensions);
  if (offers === null) return refused('extensions');
  return { ok: true, handshake: { host, origin, key, subprotocols: tokens, extensions: offers } };
}

/** The Sec-WebSocket-Accept that answers a key (RFC 6455, 4.2.2 item 5.4). */
export function acceptFor(key: string): string {
  return hash('sha1', key + acceptSuffix, 'base64');
}

/** True for 16 bytes in base64. */
export function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{22}==$/.test(text);
}

/** The constant of RFC 6455, 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const none: readonly never[] = Object.freeze([]);

const interestingLengths: ReadonlySet<number> = new Set(
  [
    'host',
    'origin',
    'upgrade',
    'connection',
    'content-length',
    'transfer-encoding',
    'sec-websocket-key',
    'sec-websocket-version',
    'sec-websocket-protocol',
    'sec-websocket-extensions',
  ].map((name) => name.length),
);

/** A header that is a list may come in several lines, which mean the same as one line with commas. */
function joined(before: string | null, value: string): string {
  return before === null ? value : `${before},${value}`;
}

function refused(problem: HandshakeProblem): HandshakeReading {
  return { ok: false, problem };
}
