/**
 * The value of a directive in a block: its own, or inherited by nginx's rules, or the default of the target version.
 */

import { isSince, type NginxVersion } from '../../base/nginx-version.ts';
import { factsIn, factsOf } from '../facts/directives.ts';
import type { Context, DirectiveFacts } from '../facts/facts.ts';
import { parseSizeBytes } from '../facts/values.ts';
import type { Statement } from '../syntax/tree.ts';
import type { Effective, EffectiveValue, LostLine, Scope, ScopeKind } from './model.ts';
import { outward } from './scopes.ts';

type Model = Pick<Effective, 'target'>;

/** Works for any directive that is known; for one that is not, only what stands in the block itself counts. */
export function valueIn(model: Model, scope: Scope, name: string): EffectiveValue {
  const { facts, unset } = knownOf(name, scope, model.target);
  const inheritance = facts?.inheritance ?? 'none';
  if (inheritance === 'none') {
    const passesOn = passedIntoPseudoLocations.has(name) && (scope.kind === 'if' || scope.kind === 'limit_except');
    const from = passesOn ? outward(scope).find((each) => each.own.has(name) || each.kind === 'location') : scope;
    return from?.own.has(name) ? made(name, scope, from, facts, []) : (unset ?? made(name, scope, null, facts, []));
  }
  const group = groups[name];
  let from: Scope | null = scope;
  while (from !== null && !(group === undefined ? from.own.has(name) : holdsOneOf(from, group))) from = from.parent;
  const lost: LostLine[] = [];
  for (let outer = from?.parent ?? null; outer !== null; outer = outer.parent)
    for (const statement of outer.own.get(name) ?? [])
      lost.push({ statement, scope: outer, to: firstOf(from!, group ?? [name]) });
  if ((name === 'add_header' || name === 'add_trailer') && isSince(model.target, [1, 29, 3])) {
    const changed = withInheritDirective(model, scope, name, from, facts);
    if (changed !== null) return changed;
  }
  return from === null && unset !== null ? unset : made(name, scope, from, facts, lost);
}

/** The value where no line of the configuration has the name; null where that depends on other directives. */
export function unsetIn(model: Model, scope: Scope, name: string): EffectiveValue | null {
  return Object.hasOwn(groups, name) ? null : knownOf(name, scope, model.target).unset;
}

/** The argument that matters, for a directive with one; null when it is unset. */
export function textIn(model: Model, scope: Scope, name: string): string | null {
  return valueIn(model, scope, name).text;
}

/** nginx hands the content handler of a location on to its `if` and `limit_except` blocks. */
const passedIntoPseudoLocations = new Set([
  'proxy_pass',
  'grpc_pass',
  'fastcgi_pass',
  'uwsgi_pass',
  'scgi_pass',
  'memcached_pass',
]);

/** Directives that displace one another's inherited lines, because nginx keeps them in one list. */
const groups: Record<string, readonly string[]> = { allow: ['allow', 'deny'], deny: ['allow', 'deny'] };

const contextOf: Record<Scope['kind'], Context> = {
  main: 'main',
  events: 'events',
  http: 'http',
  server: 'server',
  location: 'location',
  if: 'if:location',
  limit_except: 'limit_except',
  upstream: 'upstream',
};

interface Known {
  readonly facts: DirectiveFacts | undefined;
  /** The value where no line sets it, which most locations share; null where it depends on other lines. */
  readonly unset: EffectiveValue | null;
}

/** By version, kind of block and name: the same question comes for every location. */
const known = new WeakMap<NginxVersion, Map<ScopeKind, Map<string, Known>>>();

function knownOf(name: string, scope: Scope, target: NginxVersion): Known {
  const found = known.get(target)?.get(scope.kind)?.get(name);
  if (found !== undefined) return found;
  const facts = findFacts(name, scope, target);
  const unset = name === busySize ? null : unsetValue(name, defaultOf(name, scope, facts), []);
  const made: Known = { facts, unset };
  const ofTarget = known.get(target) ?? new Map<ScopeKind, Map<string, Known>>();
  const ofKind = ofTarget.get(scope.kind) ?? new Map<string, Known>();
  known.set(target, ofTarget.set(scope.kind, ofKind.set(name, made)));
  return made;
}

/** A block may inherit what it may not hold itself (timeouts in an `if`), so any row of the HTTP modules will do. */
function findFacts(name: string, scope: Scope, target: NginxVersion): DirectiveFacts | undefined {
  const own = factsIn(name, contextOf[scope.kind], target);
  if (own !== undefined || scope.kind === 'upstream' || scope.kind === 'events') return own;
  const order: readonly Context[] = ['location', 'server', 'http', 'if:location', 'main', 'events'];
  for (const context of order) {
    const facts = factsIn(name, context, target);
    if (facts !== undefined) return facts;
  }
  return undefined;
}

function holdsOneOf({ own }: Scope, group: readonly string[]): boolean {
  return group.some((word) => own.has(word));
}

function firstOf(scope: Scope, group: readonly string[]): Statement {
  const candidates = group.flatMap((word) => scope.own.get(word) ?? []);
  return candidates[0]!;
}

function made(
  name: string,
  scope: Scope,
  from: Scope | null,
  facts: DirectiveFacts | undefined,
  lost: readonly LostLine[],
): EffectiveValue {
  if (from !== null) {
    const all = from.own.get(name) ?? [];
    const statements = facts === undefined || facts.repetition === 'adds' ? all : all.slice(-1);
    const rows = statements.map(({ directive }) => directive.args);
    const origin = from === scope ? 'own' : 'inherited';
    return { name, origin, from, statements, rows, text: rows.at(-1)?.join(' ') ?? null, lost };
  }
  return unsetValue(name, defaultOf(name, scope, facts), lost);
}

function unsetValue(name: string, text: string | null, lost: readonly LostLine[]): EffectiveValue {
  const rows = text === null ? [] : [text === '""' ? [''] : text.split(' ')];
  return { name, origin: text === null ? 'unset' : 'default', from: null, statements: [], rows, text, lost };
}

const busySize = 'proxy_busy_buffers_size';

function defaultOf(name: string, scope: Scope, facts: DirectiveFacts | undefined): string | null {
  // error_log has its default at the top of the file only.
  const usual = facts?.default ?? factsOf(name).find(({ contexts }) => contexts.includes('main'))?.default ?? null;
  if (name !== busySize) return usual;
  // Twice the larger of proxy_buffer_size and one of proxy_buffers (ngx_http_proxy_merge_loc_conf).
  const size = (directive: string, index: number, otherwise: number) => {
    const holder = outward(scope).find((each) => each.own.has(directive));
    return parseSizeBytes(holder?.own.get(directive)?.at(-1)?.directive.args[index] ?? '') ?? otherwise;
  };
  const bytes = 2 * Math.max(size('proxy_buffer_size', 0, 4096), size('proxy_buffers', 1, 4096));
  return bytes % 1024 === 0 ? `${bytes / 1024}k` : String(bytes);
}

/**
 * Since 1.29.3 add_header_inherit and add_trailer_inherit change what happens with outer lines; null when they do not.
 */
function withInheritDirective(
  model: Model,
  scope: Scope,
  name: string,
  from: Scope | null,
  facts: DirectiveFacts | undefined,
): EffectiveValue | null {
  const how = valueIn(model, scope, `${name}_inherit`).text?.toLowerCase();
  if (how === 'off' && from !== scope) return made(name, scope, null, facts, []);
  if (how !== 'merge') return null;
  const scopes = outward(scope)
    .filter((each) => each.own.has(name))
    .reverse();
  const statements = scopes.flatMap((each) => each.own.get(name)!);
  if (statements.length === 0) return null;
  const rows = statements.map(({ directive }) => directive.args);
  const origin = scope.own.has(name) ? 'own' : 'inherited';
  return { name, origin, from: scopes.at(-1)!, statements, rows, text: rows.at(-1)!.join(' '), lost: [] };
}
