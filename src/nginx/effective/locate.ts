/** Which location of a server takes a path, by nginx's rules (ngx_http_core_find_location). */

import type { Location, Server } from './model.ts';
import { matchPattern } from './patterns.ts';

export interface Located {
  /** Null when none matches: the server block itself answers. */
  readonly location: Location | null;
  /** False when a regular expression on the way could not be tried; `location` is then what it would be without it. */
  readonly certain: boolean;
  /**
   * Where nginx redirects (301) because only the path with a slash behind has a location with a handler that passes on.
   */
  readonly redirectTo: string | null;
}

/** `path` is the decoded path without the query. */
export function locate(server: Pick<Server, 'locations'>, path: string): Located {
  const search: Search = { certain: true, redirectTo: null };
  const location = find(server.locations, path, search);
  return { location, certain: search.certain, redirectTo: search.redirectTo };
}

/** The `location @name` of a server. */
export function namedLocation(server: Pick<Server, 'locations'>, name: string): Location | null {
  return (
    server.locations.find((each) => each.modifier === '@' && each.pattern === name && each.kind === 'location') ?? null
  );
}

interface Search {
  certain: boolean;
  redirectTo: string | null;
}

function find(locations: readonly Location[], path: string, search: Search): Location | null {
  const candidates = locations.filter(({ kind }) => kind === 'location');
  const exact = candidates.find(({ modifier, pattern }) => modifier === '=' && pattern === path);
  if (exact !== undefined) return exact;
  let prefix: Location | null = null;
  for (const each of candidates) {
    const matches = (each.modifier === 'prefix' || each.modifier === '^~') && path.startsWith(each.pattern);
    if (matches && (prefix === null || each.pattern.length > prefix.pattern.length)) prefix = each;
  }
  // nginx sees that before it looks into the prefix or at a regular expression (ngx_http_core_find_static_location).
  if (prefix?.pattern !== path && candidates.some((each) => wantsSlash(each, path))) {
    search.redirectTo = `${path}/`;
    return prefix;
  }
  if (prefix !== null) {
    // Locations inside the prefix are looked at first, their regular expressions included.
    const inner = find(prefix.locations, path, search);
    if (search.redirectTo !== null || (inner !== null && isDecisive(inner, prefix))) return inner;
    const fallback = inner ?? prefix;
    return prefix.modifier === '^~' ? fallback : (byRegex(candidates, path, search) ?? fallback);
  }
  return byRegex(candidates, path, search);
}

/** An exact or regex match inside ends the search; a longer prefix inside does not keep the outer regexes away. */
function isDecisive(inner: Location, outer: Location): boolean {
  for (
    let at: Location | null = inner;
    at !== null && at !== outer;
    at = at.parent.kind === 'location' ? (at.parent as Location) : null
  )
    if (at.modifier !== 'prefix') return true;
  return false;
}

function byRegex(candidates: readonly Location[], path: string, search: Search): Location | null {
  for (const each of candidates) {
    if (each.modifier !== '~' && each.modifier !== '~*') continue;
    const outcome = matchPattern(each.pattern, path, { ignoreCase: each.modifier === '~*' });
    if (!outcome.certain) search.certain = false;
    else if (outcome.groups !== null) {
      const inner = find(each.locations, path, search);
      // Inside a regular expression nginx has no redirect.
      search.redirectTo = null;
      return inner ?? each;
    }
  }
  return null;
}

/** nginx redirects `/ws` to `/ws/` when the location `/ws/` passes requests on. */
function wantsSlash({ modifier, pattern, handler }: Location, path: string): boolean {
  return !modifier.startsWith('~') && modifier !== '@' && pattern === `${path}/` && passesOn.has(handler.kind);
}

const passesOn = new Set(['proxy', 'grpc', 'fastcgi', 'uwsgi', 'scgi', 'memcached']);
