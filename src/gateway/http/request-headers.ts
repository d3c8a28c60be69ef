import { type HeaderChanges, serverHeaders } from '../handshake/server-request.ts';

/** The framing is the edge's own, and so is the answer to an expectation: it has the body, or asks for it, itself. */
const writtenAnew: ReadonlySet<string> = new Set(['content-length', 'expect']);

/**
 * Headers of a plain request for a server, but for those of its framing. A request without a host (HTTP/1.0) goes to
 * the server under the server's own name, `authority`, since HTTP/1.1 knows none without. Name, value, name, value …
 */
export function requestHeaders(
  request: { readonly rawHeaders: readonly string[] },
  changes: HeaderChanges,
  authority: string,
): string[] {
  const all = serverHeaders(request, changes);
  const headers: string[] = [];
  let host = false;
  for (let i = 0; i + 1 < all.length; i += 2) {
    const name = all[i]!.toLowerCase();
    if (writtenAnew.has(name)) continue;
    if (name === 'host') host = true;
    headers.push(all[i]!, all[i + 1]!);
  }
  return host ? headers : ['Host', authority, ...headers];
}
