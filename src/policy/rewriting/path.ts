/**
 * What a route makes of paths: the server is asked for another one than the client asked for, and what the server says
 * of paths in Location and Set-Cookie is put back, so that a browser finds it again. An application under a prefix
 * needs to know nothing of it.
 */
import type { PathSpec } from '../../spec/model.ts';
import { readRequestPath, routeSegments } from '../routes/request-path.ts';

export interface PathMapping {
  /** What is in front of the server's paths on the client's side and not on the server's; empty for nothing. */
  readonly publicPrefix: string;
  /**
   * The target for the server, query kept. null when servers read the path in two ways (`..`, an encoded slash): what
   * is taken off or put in front of such a path could be undone by it.
   */
  toServer(target: string): string | null;
  /** The path by which the client finds what the server calls `path`; the same when it is not one of the server's. */
  toClient(path: string): string;
}

/** null when the route leaves paths as they are. `matchPath` is the route's own. */
export function compilePath(spec: PathSpec | null, matchPath: string): PathMapping | null {
  if (spec === null) return null;
  const from = bare(spec.replace === null ? (spec.strip ?? '') : matchPath);
  const to = spec.replace ?? spec.prefix ?? '';
  const segments = routeSegments(from).length;
  const own = bare(to);
  return {
    publicPrefix: from,
    toServer(target) {
      if (readRequestPath(target)?.literal !== null) return null;
      const query = target.search(/[?#]/);
      const end = query === -1 ? target.length : query;
      // A target that begins with two slashes is a host to many readers of URLs: what is taken off must not leave one
      // behind.
      const rest = target.slice(endOfSegments(target.slice(0, end), segments), end).replace(/^\/{2,}/, '/');
      // A bare prefix is asked for as it was written, with its slash at the end or without.
      const atPrefix = rest === '' || (rest === '/' && from === '');
      return (atPrefix ? to || '/' : own + rest) + target.slice(end);
    },
    toClient(path) {
      // An application that knows its prefix by itself writes it by itself.
      if (from !== '' && beginsWith(path, from)) return path;
      if (!beginsWith(path, own)) return path;
      return from + path.slice(own.length) || '/';
    },
  };
}

/**
 * The Location of an answer for the client. `clientHost` is the request's Host, `publicOrigin` how the client reached
 * the edge, and `serverOrigin` the server's own; a place anywhere else is not the route's to change.
 */
export function locationForClient(
  value: string,
  mapping: PathMapping,
  hosts: { readonly clientHost: string; readonly publicOrigin: string; readonly serverOrigin: string },
): string {
  const absolute = /^((?:https?:)?\/\/([^/?#\\]*))([^\\]*)$/i.exec(value);
  if (absolute === null) return value.startsWith('/') ? mapPath(value, mapping) : value;
  const [, origin = '', host = '', rest = ''] = absolute;
  if (host.toLowerCase() === hosts.clientHost.toLowerCase()) return origin + mapPath(rest || '/', mapping);
  if (origin.toLowerCase() === hosts.serverOrigin) return hosts.publicOrigin + mapPath(rest || '/', mapping);
  return value;
}

/** A Set-Cookie with its Path as the client sees it (RFC 6265, 4.1.2.4). One without a Path takes the client's own. */
export function cookieForClient(value: string, mapping: PathMapping): string {
  // A cookie of that name is only taken with Path=/ (draft-ietf-httpbis-rfc6265bis, 4.1.3.2).
  if (value.trimStart().startsWith('__Host-')) return value;
  return value.replace(
    /(;\s*path\s*=\s*)(\/[^;]*?)(\s*)(?=;|$)/gi,
    (_all, name: string, path: string, space: string) => {
      const mapped = mapping.toClient(path);
      // "/app/" would not be sent with "/app" itself.
      return `${name}${path === '/' ? bare(mapped) || '/' : mapped}${space}`;
    },
  );
}

function mapPath(text: string, mapping: PathMapping): string {
  const query = text.search(/[?#]/);
  const end = query === -1 ? text.length : query;
  return mapping.toClient(text.slice(0, end)) + text.slice(end);
}

function bare(path: string): string {
  return path.replace(/\/+$/, '');
}

/** By whole segments; nothing is the beginning of everything. */
function beginsWith(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

/** Where the first so many segments of a path end; slashes in a row are one, as when the route was matched. */
function endOfSegments(path: string, count: number): number {
  let at = 0;
  for (let segment = 0; segment < count; segment++) {
    while (path[at] === '/') at++;
    while (at < path.length && path[at] !== '/') at++;
  }
  return at;
}
