/**
 * Where lines could stand that were not read: in a file that is not at hand, in what a template's engine puts in, and
 * in the blocks around a fragment. Whether something is missing is a question of one block and one directive:
 * worker_rlimit_nofile cannot stand in http, whatever http includes.
 */

import { factsOf } from '../facts/directives.ts';
import type { Context } from '../facts/facts.ts';
import type { Configuration, Statement } from '../syntax/tree.ts';
import type { Effective, EffectiveValue, Scope, ScopeKind } from './model.ts';
import { outward } from './scopes.ts';

export interface Unread {
  readonly scope: Scope;
  /** `around`: the block itself is in another file. `inside`: an include or a template's mark in it brings lines in. */
  readonly how: 'around' | 'inside';
  /** For messages: `http`, or `conf.d/tuning.conf`. */
  readonly what: string;
}

/** What was not read and could set a directive for a block, innermost first; empty when nothing could. */
export function unreadFor(model: Effective, scope: Scope, name: string): readonly Unread[] {
  if (isWhole(model)) return nothing;
  const contexts = contextsOfDirective(name);
  return outward(scope).flatMap((each) =>
    contextsOf[each.kind].some((context) => contexts.has(context)) ? unreadIn(model, each) : [],
  );
}

/** The same for a value that is already known: a line of its own wins, an inherited one may be displaced on the way. */
export function couldChange(model: Effective, scope: Scope, value: EffectiveValue): readonly Unread[] {
  if (isWhole(model)) return nothing;
  const adds = factsOf(value.name).some(({ repetition }) => repetition === 'adds');
  const all = unreadFor(model, scope, value.name);
  if (value.from === null) return all;
  const scopes = outward(scope);
  // Lines of a set stand beside one another: what an include brings into the same block is added to them.
  const reach = scopes.indexOf(value.from) + (adds ? 1 : 0);
  return all.filter((each) => scopes.indexOf(each.scope) < reach);
}

const nothing: readonly Unread[] = [];

/** Most configurations are: nothing is around the root file, and everything that it includes was read. */
function isWhole({ configuration: { context, gaps } }: Effective): boolean {
  return context.length === 0 && gaps.length === 0;
}

/** In one block, not in those around it. */
export function unreadIn(model: Effective, scope: Scope): readonly Unread[] {
  const { configuration, main } = model;
  const { context } = configuration;
  const innermost = context.at(-1) ?? 'main';
  const isAround = scope.statement === null && (scope === main ? context.length > 0 : true);
  const around: Unread[] = isAround ? [{ scope, how: 'around', what: scope === main ? 'nginx.conf' : scope.kind }] : [];
  const holdsTop =
    scope.statement === null && (scope.kind === innermost || (innermost === 'if' && scope.kind === 'location'));
  const gaps = scope.statement === null && !holdsTop ? [] : (gapsOf(configuration).get(scope.statement) ?? []);
  return [...gaps.map((what): Unread => ({ scope, how: 'inside', what })), ...around];
}

const gapsByConfiguration = new WeakMap<Configuration, ReadonlyMap<Statement | null, readonly string[]>>();

/** Sorted once: many locations ask. */
function gapsOf(configuration: Configuration): ReadonlyMap<Statement | null, readonly string[]> {
  const known = gapsByConfiguration.get(configuration);
  if (known !== undefined) return known;
  const made = new Map<Statement | null, string[]>();
  for (const { parent, what } of configuration.gaps) {
    const others = made.get(parent);
    if (others === undefined) made.set(parent, [what]);
    else others.push(what);
  }
  gapsByConfiguration.set(configuration, made);
  return made;
}

const contextsByName = new Map<string, ReadonlySet<Context>>();

/** Asked for every location again. */
function contextsOfDirective(name: string): ReadonlySet<Context> {
  const known = contextsByName.get(name) ?? new Set(factsOf(name).flatMap((facts) => facts.contexts));
  contextsByName.set(name, known);
  return known;
}

const contextsOf: Readonly<Record<ScopeKind, readonly Context[]>> = {
  main: ['main'],
  events: ['events'],
  http: ['http'],
  server: ['server'],
  location: ['location'],
  if: ['if:location'],
  limit_except: ['limit_except'],
  upstream: ['upstream'],
};
