/** Which locations carry WebSockets: the one place that decides it, for all rules. */

import type { BackendHeader, Effective, Handler, Jump, Location } from '../effective/model.ts';
import type { Directive } from '../syntax/tree.ts';
import { isTurnedAway } from './guards.ts';
import type { KnownRoute } from './known-route.ts';

export interface WebSocketLocation {
  readonly location: Location;
  readonly proxy: Extract<Handler, { kind: 'proxy' }>;
  /**
   * How it is known: the headers it sends say so, a comment `# holdline:websocket` or a route of the spec says so, or
   * its name sounds like it. `faint` is a name that means other things as often (`/live/`, `/hub/`).
   */
  readonly because: 'headers' | 'mark' | 'name' | 'faint';
  /** True when ordinary requests are expected in it as well, polling transports included. */
  readonly mixed: boolean;
}

interface Asking {
  readonly effective: Effective;
  readonly routes: readonly KnownRoute[];
  readonly marked: ReadonlySet<Directive>;
  readonly headers: (location: Location) => readonly BackendHeader[];
}

export function webSocketLocations({ effective, routes, marked, headers }: Asking): WebSocketLocation[] {
  const found: WebSocketLocation[] = [];
  for (const location of effective.locations) {
    const { handler } = location;
    if (handler.kind !== 'proxy' || !standsForItself(location)) continue;
    const name = soundOf(location);
    const said = isMarked(location, marked) || routes.some((route) => leadsTo(route.path, location));
    const because = said ? 'mark' : sendsUpgrade(headers(location)) ? 'headers' : name;
    if (because === 'none') continue;
    const mixed = isMixed(location, name) && !isTurnedAway(effective, location, 'plain');
    found.push({ location, proxy: handler, because, mixed });
  }
  return found;
}

/** True when a line of the location's effective headers sends Upgrade with something in it. */
export function sendsUpgrade(headers: readonly BackendHeader[]): boolean {
  return headers.some((header) => header.key === 'upgrade' && header.value !== '');
}

/** An `if` that changes nothing about proxying would only repeat what is found in the location around it. */
function standsForItself(location: Location): boolean {
  if (location.kind === 'location') return true;
  return [...location.own.keys()].some((name) => name.startsWith('proxy_'));
}

/** True for the paths of libraries that begin with ordinary requests and need them to reach the same server. */
export function pollsFirst(location: Location): boolean {
  return [location, ...arrivals(location)].some(({ pattern }) => pollingName.test(bare(pattern)));
}

type Sound = 'name' | 'faint' | 'none';

/** The names that libraries use by default, as a segment of the path or a part of one between dots and dashes. */
const plainName = /(?:^|[/._-])(?:wss?|web-?sockets?|websockify|cable)(?=$|[/._-])/i;
/** Libraries that also poll over ordinary requests on the same path. */
const pollingName = /(?:^|[/._-])(?:socket\.?io|engine\.io|sockjs|signalr)(?=$|[/._-])/i;
const faintName = /(?:^|[/._-])live(?=$|[/._-])|(?<!git)hubs?(?=$|[/])/i;

/** What the name says, that of the locations which jump here included. */
function soundOf(location: Location): Sound {
  const patterns = [location, ...arrivals(location)].map(({ pattern }) => bare(pattern));
  if (patterns.some((pattern) => plainName.test(pattern) || pollingName.test(pattern))) return 'name';
  return patterns.some((pattern) => faintName.test(pattern)) ? 'faint' : 'none';
}

/** Locations whose requests come here in the ordinary course of things. */
function arrivals(location: Location): readonly Location[] {
  return location.reachedBy.filter(handsOn).map(({ from }) => from);
}

/**
 * An error page is where a request ends that failed, not where its endpoint is; unless nothing else can happen there:
 * the location returns that very status, alone or in an `if`, or it has files only and this is what happens without
 * one.
 */
function handsOn({ kind, when, from, statement }: Jump): boolean {
  if (when === 'subrequest') return false;
  if (kind !== 'error_page' || when === 'always') return true;
  const codes = statement.directive.args.slice(0, -1);
  const returned = (from.own.get('if') ?? []).flatMap(({ children }) =>
    children.filter(({ directive }) => directive.name === 'return').map(({ directive }) => directive.args[0] ?? ''),
  );
  return returned.some((code) => codes.includes(code)) || (from.handler.kind === 'static' && codes.includes('404'));
}

function isMixed(location: Location, name: Sound): boolean {
  // Of a snippet nobody knows what it is included in.
  if (location.statement === null) return false;
  return name !== 'name' || !plainName.test(bare(location.pattern)) || pollingName.test(bare(location.pattern));
}

/** A pattern without the marks of regular expressions, so that its words can be seen. */
function bare(pattern: string): string {
  return pattern.replace(/\\/g, '').replace(/[\^$()[\]|?*+]+/g, '/');
}

function isMarked(location: Location, marked: ReadonlySet<Directive>): boolean {
  return location.statement !== null && marked.has(location.statement.directive);
}

function leadsTo(path: string, location: Location): boolean {
  const { modifier, pattern } = location;
  if (modifier === '=') return path === pattern;
  return (modifier === 'prefix' || modifier === '^~') && pattern !== '/' && path.startsWith(pattern);
}
