/**
 * Which route a handshake takes. Hosts first: the exact host, then the wildcard with the longest name, then routes for
 * any host; within the first of these that has a matching path, the longest path wins, and of two equal ones the first
 * in the file.
 *
 * A route's path is a prefix on segment boundaries: `/chat` and `/chat/` both match `/chat`, `/chat/` and `/chat/room`,
 * never `/chatter`. Paths are compared with case, hosts without. (nginx answers `/chat` with a redirect where the
 * location is `/chat/`; WebSocket clients follow no redirect, so here it is simply served.)
 */
import { browserHost, endsInNumber, hostOfHeader } from './host-name.ts';
import { type RequestPath, readRequestPath, routeSegments } from './request-path.ts';

export interface Routable {
  readonly match: { readonly host: string | null; readonly path: string };
}

/** One step for each path segment, so that a handshake costs its own length and not the number of routes. */
export interface RouteTable<Route extends Routable> {
  readonly exact: ReadonlyMap<string, PathNode<Route>>;
  /** By the name behind `*.`. */
  readonly wildcard: ReadonlyMap<string, PathNode<Route>>;
  readonly any: PathNode<Route>;
}

interface PathNode<Route> {
  readonly children: Map<string, PathNode<Route>>;
  route: Route | undefined;
}

/** A route whose host is not a host name matches nothing; the spec's reader says so to the user. */
export function compileRoutes<Route extends Routable>(routes: readonly Route[]): RouteTable<Route> {
  const exact = new Map<string, PathNode<Route>>();
  const wildcard = new Map<string, PathNode<Route>>();
  const any = newNode<Route>();
  for (const route of routes) {
    const written = route.match.host;
    if (written === null) {
      addPath(any, route);
      continue;
    }
    const isWildcard = written.startsWith('*.');
    const name = browserHost(isWildcard ? written.slice(2) : written);
    if (name !== null) addPath(rootFor(isWildcard ? wildcard : exact, name), route);
  }
  return { exact, wildcard, any };
}

/** `host` is the Host header as sent (undefined when missing), `target` the request target. undefined: no route. */
export function matchRoute<Route extends Routable>(
  table: RouteTable<Route>,
  host: string | undefined,
  target: string,
): Route | undefined {
  const path = readRequestPath(target);
  if (path === null) return undefined;
  for (const root of rootsFor(table, host === undefined ? null : hostOfHeader(host))) {
    const found = matchPath(root, path);
    if (found === 'ambiguous') return undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function matchPath<Route>(root: PathNode<Route>, path: RequestPath): Route | 'ambiguous' | undefined {
  const route = longestPrefix(root, path.resolved);
  for (const reading of [path.literal, path.bare]) {
    if (reading !== null && longestPrefix(root, reading) !== route) return 'ambiguous';
  }
  return route;
}

function rootsFor<Route extends Routable>(table: RouteTable<Route>, host: string | null): PathNode<Route>[] {
  const roots: PathNode<Route>[] = [];
  if (host !== null) {
    const exact = table.exact.get(host);
    if (exact !== undefined) roots.push(exact);
    for (let dot = endsInNumber(host) ? -1 : host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
      const wildcard = table.wildcard.get(host.slice(dot + 1));
      if (wildcard !== undefined) roots.push(wildcard);
    }
  }
  roots.push(table.any);
  return roots;
}

function longestPrefix<Route>(root: PathNode<Route>, segments: readonly string[]): Route | undefined {
  let node: PathNode<Route> | undefined = root;
  let route = root.route;
  for (const segment of segments) {
    node = node.children.get(segment);
    if (node === undefined) break;
    route = node.route ?? route;
  }
  return route;
}

function addPath<Route extends Routable>(root: PathNode<Route>, route: Route): void {
  let node = root;
  for (const segment of routeSegments(route.match.path)) {
    let child = node.children.get(segment);
    if (child === undefined) {
      child = newNode<Route>();
      node.children.set(segment, child);
    }
    node = child;
  }
  node.route ??= route;
}

function rootFor<Route>(roots: Map<string, PathNode<Route>>, name: string): PathNode<Route> {
  const root = roots.get(name) ?? newNode<Route>();
  roots.set(name, root);
  return root;
}

function newNode<Route>(): PathNode<Route> {
  return { children: new Map(), route: undefined };
}
