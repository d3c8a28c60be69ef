/** Ways on which a request leaves the location that took it first. */

import { locate, namedLocation } from './locate.ts';
import type { Effective, Jump, Location, Scope, Server } from './model.ts';
import { valueIn } from './values.ts';

/** Where a path leads in a server; the same error pages are asked for by every location below them. */
export type Targets = Map<Server, Map<string, Location | null>>;

export function createTargets(): Targets {
  return new Map();
}

type Model = Pick<Effective, 'target'> & { readonly targets: Targets };

/** The jumps that start in a location, in nginx's order: rewrite, try_files, then those that wait for an answer. */
export function jumpsOf(model: Model, location: Location): readonly Jump[] {
  return [
    ...rewrites(model, location),
    ...tryFiles(model, location),
    ...errorPages(model, location),
    ...subrequests(model, location),
  ];
}

/** Jumps followed to their ends. Each chain starts with a jump of this location; one that comes round again is cut. */
export function chainsFrom(location: Location): readonly (readonly Jump[])[] {
  const chains: Jump[][] = [];
  const follow = (at: Location, chain: readonly Jump[], seen: ReadonlySet<Location>) => {
    const next = at.jumps.filter(({ when }) => when !== 'subrequest');
    const open = next.filter((jump) => jump.location === null || !seen.has(jump.location));
    // nginx gives up after 10 internal redirects (NGX_HTTP_MAX_URI_CHANGES).
    if (open.length === 0 || chain.length >= 10 || chains.length >= chainsMax) {
      if (chain.length > 0) chains.push([...chain]);
      return;
    }
    for (const jump of open) {
      if (jump.location === null) chains.push([...chain, jump]);
      else follow(jump.location, [...chain, jump], new Set([...seen, jump.location]));
    }
  };
  follow(location, [], new Set([location]));
  return chains;
}

/** Where every request of a location ends up: the location itself, or the one it always jumps to. */
export function finalLocation(location: Location): Location {
  let at = location;
  for (let steps = 0; steps < 10; steps++) {
    const always = at.jumps.find(({ when }) => when === 'always');
    if (always === undefined || always.location === null) break;
    at = always.location;
  }
  return at;
}

/** More ways than a person follows. */
const chainsMax = 50;

function jump(targets: Targets, facts: Omit<Jump, 'location'>): Jump {
  const { server } = facts.from;
  const known = targets.get(server) ?? new Map<string, Location | null>();
  targets.set(server, known);
  const cached = known.get(facts.to);
  if (cached !== undefined) return { ...facts, location: cached };
  const location = targetOf(server, facts.to);
  known.set(facts.to, location);
  return { ...facts, location };
}

/** A path with variables is followed when what stands before the first one already decides. */
function targetOf(server: Server, to: string): Location | null {
  if (to.startsWith('@')) return namedLocation(server, to);
  const path = to.split('?')[0]!;
  if (!path.startsWith('/')) return null;
  const variable = path.search(/\$/);
  const found = locate(server, variable < 0 ? path : path.slice(0, variable));
  if (variable < 0) return found.certain ? found.location : null;
  return isOnlyOne(server.locations, path.slice(0, variable), found.location) ? found.location : null;
}

/** True when no regex and no longer prefix could take a path that begins like this. */
function isOnlyOne(locations: readonly Location[], start: string, found: Location | null): boolean {
  if (found === null) return false;
  return locations.every(
    (each) =>
      each === found ||
      each.kind !== 'location' ||
      each.modifier === '@' ||
      (!each.modifier.startsWith('~') && !each.pattern.startsWith(start)) ||
      found.modifier === '^~',
  );
}

function rewrites({ targets }: Model, location: Location): Jump[] {
  return (location.own.get('rewrite') ?? []).flatMap((statement) => {
    const [pattern = '', to = '', flag] = statement.directive.args;
    if (flag === 'break' || flag === 'redirect' || flag === 'permanent' || /^(?:https?:\/\/|\$scheme)/.test(to))
      return [];
    const matchesAll = /^\^?(?:\(?\.[*+]\)?|\/|)\$?$/.test(pattern) || pattern === '^';
    return [
      jump(targets, {
        kind: 'rewrite',
        statement,
        from: location,
        to,
        when: matchesAll && location.kind === 'location' ? 'always' : 'sometimes',
      }),
    ];
  });
}

/** Names that people give files which are not there, to make try_files jump. */
const nowhere = /\/dev\/null|non[-_]?exist|not[-_]?exist|no[-_]?such|fake|dummy|maintenance_off/i;

function tryFiles({ targets }: Model, location: Location): Jump[] {
  if (location.handler.kind === 'return') return [];
  return (location.own.get('try_files') ?? []).flatMap((statement) => {
    const { args } = statement.directive;
    const to = args.at(-1) ?? '';
    if (to.startsWith('=')) return [];
    const never = args.slice(0, -1).every((file) => nowhere.test(file));
    return [jump(targets, { kind: 'try_files', statement, from: location, to, when: never ? 'always' : 'sometimes' })];
  });
}

function errorPages(model: Model, location: Location): Jump[] {
  if (!isSetAround(location, 'error_page')) return [];
  const status = location.handler.kind === 'return' ? location.handler.status : null;
  return valueIn(model, location, 'error_page').statements.flatMap((statement) => {
    const { args } = statement.directive;
    const to = args.at(-1) ?? '';
    if (!to.startsWith('@') && !to.startsWith('/')) return [];
    const returned = status !== null && args.slice(0, -1).includes(String(status));
    // A location that always returns something else never gets there.
    if (status !== null && !returned) return [];
    return [
      jump(model.targets, {
        kind: 'error_page',
        statement,
        from: location,
        to,
        when: returned ? 'always' : 'sometimes',
      }),
    ];
  });
}

const subrequestDirectives = ['auth_request', 'mirror', 'post_action'] as const;

/** Most locations have none of these anywhere around them, which is cheaper to see than a value is to work out. */
function isSetAround(scope: Scope, name: string): boolean {
  for (let at: Scope | null = scope; at !== null; at = at.parent) if (at.own.has(name)) return true;
  return false;
}

function subrequests(model: Model, location: Location): Jump[] {
  const set = subrequestDirectives.filter((kind) => isSetAround(location, kind));
  return set.flatMap((kind) =>
    valueIn(model, location, kind).statements.flatMap((statement) => {
      const to = statement.directive.args[0] ?? 'off';
      return to === 'off' ? [] : [jump(model.targets, { kind, statement, from: location, to, when: 'subrequest' })];
    }),
  );
}
