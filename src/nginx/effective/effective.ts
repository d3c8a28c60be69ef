/**
 * Builds the model of a configuration: scopes, servers, locations, upstreams, maps, and the jumps between locations.
 */

import { isSince, type NginxVersion, versionNewest } from '../../base/nginx-version.ts';
import { locationName } from '../facts/structure.ts';
import { isComplete } from '../facts/validate.ts';
import { parseContext } from '../syntax/fragment.ts';
import type { Configuration, Statement } from '../syntax/tree.ts';
import { type HandlerContext, handlerOf, snippetHandler } from './handlers.ts';
import { createTargets, jumpsOf } from './jumps.ts';
import { readListens } from './listens.ts';
import { readMap } from './maps.ts';
import type {
  Effective,
  Jump,
  Location,
  LocationModifier,
  NginxUpstream,
  Scope,
  Server,
  VariableMap,
} from './model.ts';
import { resolveLocation } from './resolve.ts';
import { byName, createScope, labelOf, ownLast } from './scopes.ts';
import { readUpstream } from './upstreams.ts';

export interface EffectiveOptions {
  /** Whose defaults apply. Default: the newest version in the tables. */
  readonly target?: NginxVersion;
}

/** Pure; takes any configuration, however broken: what cannot be read as a block is left out. */
export function effective(configuration: Configuration, options: EffectiveOptions = {}): Effective {
  const target = options.target ?? versionNewest;
  const tops = topsOf(configuration);
  const { main, http } = tops;
  const maps = new Map<string, VariableMap>();
  const upstreams = new Map<string, NginxUpstream>();
  if (http !== null) {
    for (const statement of http.own.get('map') ?? []) {
      const map = readMap(statement);
      if (map !== null) maps.set(map.variable.toLowerCase(), map);
    }
    for (const statement of http.own.get('upstream') ?? []) {
      const upstream = readUpstream(statement, http, target);
      upstreams.set(upstream.name.toLowerCase(), upstream);
    }
  }
  const locations: BuildingLocation[] = [];
  const building: Building = {
    locations,
    hasHttp2Directive: isSince(target, [1, 25, 1]),
    handler: {
      upstreams,
      resolveText: (scope, text) => {
        const resolved = resolveLocation({ maps }, scope, text, {});
        return resolved.known ? resolved.value : null;
      },
    },
  };
  const servers =
    http === null ? [] : serverStatements(tops, http).map((statement) => buildServer(building, statement, http, tops));
  const targets = createTargets();
  for (const location of locations) {
    location.jumps = jumpsOf({ target, targets }, location as Location);
    for (const jump of location.jumps) (jump.location as BuildingLocation | null)?.reachedBy.push(jump);
  }
  return {
    configuration,
    target,
    complete: isComplete(configuration),
    main,
    events: tops.events,
    http,
    servers,
    locations: locations as readonly Location[],
    upstreams,
    maps,
  };
}

type BuildingLocation = Omit<Location, 'jumps' | 'reachedBy' | 'locations' | 'handler'> & {
  jumps: readonly Jump[];
  reachedBy: Jump[];
  locations: BuildingLocation[];
  handler: Location['handler'];
};

interface Building {
  /** Before 1.25.1 there is no directive http2, and a line with it changes nothing. */
  readonly hasHttp2Directive: boolean;
  readonly locations: BuildingLocation[];
  readonly handler: HandlerContext;
}

/** The outermost scopes, with those that only a fragment's context names. */
interface Tops {
  readonly main: Scope;
  readonly events: Scope | null;
  readonly http: Scope | null;
  /** A fragment that stands in a server: its statements, as if they were that server's. */
  readonly inServer: readonly Statement[] | null;
  /** A fragment that stands in a location. */
  readonly inLocation: readonly Statement[] | null;
}

function topsOf({ statements, context }: Configuration): Tops {
  const around = parseContext(context.join(',')) ?? [];
  const innermost = around.at(-1);
  const main = createScope('main', null, null, around.length === 0 ? statements : []);
  const httpBlock = ownLast(main, 'http');
  const eventsBlock = ownLast(main, 'events');
  const none = { inServer: null, inLocation: null };
  if (around.length === 0) {
    const block = (kind: 'http' | 'events', statement: Statement | undefined) =>
      statement === undefined ? null : createScope(kind, statement, main, statement.children);
    return { main, events: block('events', eventsBlock), http: block('http', httpBlock), ...none };
  }
  if (around[0] === 'events')
    return { main, events: createScope('events', null, main, statements), http: null, ...none };
  if (around[0] !== 'http') return { main, events: null, http: null, ...none };
  const http = createScope('http', null, main, innermost === 'http' ? statements : []);
  const inLocation = innermost === 'location' || innermost === 'if' ? statements : null;
  return {
    main,
    events: null,
    http,
    inServer: innermost === 'server' ? statements : around.includes('server') ? [] : null,
    inLocation,
  };
}

/** Null stands for the server around a fragment. */
function serverStatements(tops: Tops, http: Scope): readonly (Statement | null)[] {
  return tops.inServer === null ? (http.own.get('server') ?? []) : [null];
}

function buildServer(building: Building, statement: Statement | null, http: Scope, tops: Tops): Server {
  const statements = statement?.children ?? tops.inServer ?? [];
  const scope = createScope('server', statement, http, statements);
  const isOn = (name: string) =>
    (ownLast(scope, name) ?? ownLast(http, name))?.directive.args[0]?.toLowerCase() === 'on';
  const listens = scope.own.get('listen') ?? [];
  const locations: BuildingLocation[] = [];
  const server: Server = {
    ...scope,
    kind: 'server',
    names: (scope.own.get('server_name') ?? []).flatMap(({ directive }) => directive.args),
    // The server around a fragment listens somewhere, and nobody knows where.
    listens:
      statement === null && listens.length === 0
        ? []
        : readListens(listens, { ssl: isOn('ssl'), http2: building.hasHttp2Directive && isOn('http2') }),
    locations: locations as readonly Location[],
  };
  if (tops.inLocation !== null) locations.push(buildLocation(building, null, tops.inLocation, server, server));
  buildChildren(building, statements, server, server, locations);
  return server;
}

function buildChildren(
  building: Building,
  statements: readonly Statement[],
  parent: Scope,
  server: Server,
  into: BuildingLocation[],
): void {
  for (const statement of statements)
    if (kinds.has(statement.directive.name) && statement.directive.block !== null)
      into.push(buildLocation(building, statement, statement.children, parent, server));
}

const kinds = new Set(['location', 'if', 'limit_except']);

function buildLocation(
  building: Building,
  statement: Statement | null,
  statements: readonly Statement[],
  parent: Scope,
  server: Server,
): BuildingLocation {
  const kind = (statement?.directive.name ?? 'location') as Location['kind'];
  const args = statement?.directive.args ?? [];
  const around = parent.kind === 'server' ? null : (parent as Location);
  const { modifier, path } = locationName(args);
  const location: BuildingLocation = {
    kind,
    statement,
    parent,
    label: statement === null ? 'the location that includes this' : labelOf(kind, statement, statements),
    own: byName(statements),
    server,
    modifier: kind === 'location' ? ((modifier || 'prefix') as LocationModifier) : (around?.modifier ?? 'prefix'),
    pattern: kind === 'location' ? path : (around?.pattern ?? '/'),
    condition: kind === 'location' ? [] : args,
    handler: { kind: 'static' },
    locations: [],
    jumps: [],
    reachedBy: [],
  };
  location.handler = handlerOf(location as Location, building.handler);
  if (statement === null && location.handler.kind === 'static')
    location.handler = snippetHandler(location) ?? location.handler;
  building.locations.push(location);
  buildChildren(building, statements, location as Location, server, location.locations);
  return location;
}
