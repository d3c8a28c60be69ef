import { headerName } from '../../base/header-name.ts';
import { hopHeaders, nominatedBy } from '../../base/hop-headers.ts';
import { type ForwardedClient, forwardingHeaders, isForgeable } from '../../policy/client-address/forwarded.ts';

/** What else must not reach the server under the client's hand: a hook or an authorizer sets it. Lower-case names. */
export type ExtraHeaders = readonly (readonly [name: string, value: string])[];

export interface HeaderChanges {
  readonly client: ForwardedClient;
  readonly extraHeaders: ExtraHeaders;
  /** Names (lower case, in the canonical form) that are left out; null for none. */
  readonly withheld: ((name: string) => boolean) | null;
  /** What the route makes of the headers, before a hook or an authorizer has the last word; null for nothing. */
  readonly reshape?: ((rawHeaders: readonly string[]) => string[]) | null;
}

/** What the edge says to a server that takes a client over; nobody else may say it. */
export const movedHeader = 'holdline-moved';

/**
 * The request's headers as the server gets them: as the client wrote them, order and case kept, without those of the
 * hop and with the edge's word on where the request came from. Name, value, name, value …
 */
export function serverHeaders(request: { readonly rawHeaders: readonly string[] }, changes: HeaderChanges): string[] {
  const { client, extraHeaders: extra, withheld } = changes;
  const raw = request.rawHeaders;
  const nominated = nominatedBy(raw);
  const replaced = extra.length === 0 ? null : new Set(extra.map(([name]) => headerName(name).canonical));
  let headers: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const { lower, canonical: name } = headerName(raw[i]!);
    if (
      hopHeaders.has(name) ||
      name === movedHeader ||
      isForgeable(client, name) ||
      nominated?.has(lower) ||
      replaced?.has(name) ||
      withheld?.(name) ||
      (name !== lower && isMisspelt(name))
    )
      continue;
    headers.push(raw[i]!, raw[i + 1]!);
  }
  for (const [name, value] of forwardingHeaders(client)) headers.push(name, value);
  if (changes.reshape != null) {
    headers = changes.reshape(headers);
    for (let i = headers.length - 2; i >= 0; i -= 2)
      if (replaced?.has(headerName(headers[i]!).canonical)) headers.splice(i, 2);
  }
  for (const [name, value] of extra) headers.push(name, value);
  return headers;
}

/**
 * The bytes of a handshake for the server. The strings come from a head that was read, by node:http or here, which lets
 * no line break through.
 */
export function handshakeHead(target: string, headers: readonly string[]): Buffer {
  let head = `GET ${target} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/**
 * Of a name that only looks like this one: `Content_Length` would tell a CGI program of another body than was framed.
 */
function isMisspelt(name: string): boolean {
  return name === 'host' || name.startsWith('content-') || name.startsWith('sec-websocket-');
}
