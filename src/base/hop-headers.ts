/**
 * Headers that belong to one hop and are never passed on, by whatever way a message takes through the edge: the one
 * list of the project. Names are lower case.
 */
import { lowerName } from './header-name.ts';

/**
 * RFC 9110, 7.6.1; with what older programs write (Keep-Alive, Proxy-Connection), and the framing of the hop's own
 * messages.
 */
export const hopHeaders: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * What a Connection header cannot take away, whatever it nominates: how the body is framed and what it is, which host
 * and page the request is of, and the WebSocket handshake. The edge has judged the request by them, so that the server
 * has to see the same ones.
 */
function isNominable(name: string): boolean {
  return name !== 'host' && name !== 'origin' && !name.startsWith('content-') && !name.startsWith('sec-websocket-');
}

/**
 * The names that the message's Connection header declares to be of this hop; null for none, as nearly always.
 * `rawHeaders`: name, value …
 */
export function nominatedBy(rawHeaders: readonly string[]): ReadonlySet<string> | null {
  let nominated: Set<string> | null = null;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length !== 10 || lowerName(name) !== 'connection') continue;
    const written = rawHeaders[i + 1]!;
    if (usual.has(written)) continue;
    const value = written.toLowerCase();
    for (const element of value.split(',')) {
      const token = element.trim();
      if (token === '' || options.has(token) || !isNominable(token)) continue;
      nominated ??= new Set();
      nominated.add(token);
    }
  }
  return nominated;
}

/** As clients and servers write it. */
const usual: ReadonlySet<string> = new Set([
  'upgrade',
  'Upgrade',
  'keep-alive',
  'Keep-Alive',
  'close',
  'keep-alive, upgrade',
  'keep-alive, Upgrade',
]);

/** Connection options that are no names of headers, or of such that are dropped anyway. */
const options: ReadonlySet<string> = new Set(['close', 'keep-alive', 'upgrade']);

/** Whether a header of this message stays on this hop; `nominated` as `nominatedBy` gave it, `name` in lower case. */
export function isOfHop(name: string, nominated: ReadonlySet<string> | null): boolean {
  return hopHeaders.has(name) || nominated?.has(name) === true;
}
