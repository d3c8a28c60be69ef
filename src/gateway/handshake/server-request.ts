import type { IncomingMessage } from 'node:http';
import { type ForwardedClient, forwardingHeaders, isForgeable } from '../../policy/client-address/forwarded.ts';
import { headerValues } from '../../ws/head.ts';

/** Headers that belong to one hop and are never passed on (RFC 9110, 7.6.1), and those that the edge writes itself. */
const ofOneHop: ReadonlySet<string> = new Set([
  'connection',
  'upgrade',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'http2-settings',
]);

/** What else must not reach the server under the client's hand: a hook or an authorizer sets it. Lower-case names. */
export type ExtraHeaders = readonly (readonly [name: string, value: string])[];

export interface HeaderChanges {
  readonly client: ForwardedClient;
  readonly extraHeaders: ExtraHeaders;
  /** Names (lower case) that are left out; null for none. */
  readonly withheld: ((name: string) => boolean) | null;
}

/**
 * The request's headers as the server gets them: as the client wrote them, order and case kept, without those of the hop and
 * with the edge's word on where the request came from. Name, value, name, value …
 */
export function serverHeaders(request: IncomingMessage, changes: HeaderChanges): string[] {
  const { client, extraHeaders: extra, withheld } = changes;
  const nominated = nominatedBy(headerValues(request.rawHeaders, 'connection').join(', '));
  const replaced = new Set(extra.map(([name]) => name.toLowerCase()));
  const headers: string[] = [];
  const raw = request.rawHeaders;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    if (
      ofOneHop.has(name) ||
      isForgeable(client, name) ||
      nominated?.has(name) ||
      replaced.has(name) ||
      withheld?.(name)
    )
      continue;
    headers.push(raw[i]!, raw[i + 1]!);
  }
  for (const [name, value] of forwardingHeaders(client)) headers.push(name, value);
  for (const [name, value] of extra) headers.push(name, value);
  return headers;
}

/** The bytes of a handshake for the server. The strings come from node:http, which lets no line break through. */
export function handshakeHead(target: string, headers: readonly string[]): Buffer {
  let head = `GET ${target} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/** Headers that the Connection header declares to be for this hop only; null for the usual ones, which name none. */
function nominatedBy(connection: string): ReadonlySet<string> | null {
  const lower = connection.toLowerCase();
  if (lower === 'upgrade' || lower === 'keep-alive' || lower === 'close' || lower === 'keep-alive, upgrade')
    return null;
  // Host and the handshake's own headers are the request itself: a client that nominates them gets them passed on all the same.
  const tokens = lower.split(',').map((token) => token.trim());
  return new Set(tokens.filter((token) => token !== 'host' && !token.startsWith('sec-websocket-')));
}
