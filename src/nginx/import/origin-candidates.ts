/**
 * Origins that a configuration may mean: what its conditions and maps compare with, and what their patterns are made
 * for.
 */
import { conditionOf } from '../effective/condition.ts';
import type { Effective, Location, Scope, Server, VariableMap } from '../effective/model.ts';
import type { OriginPattern } from '../lint/origin-pattern.ts';
import { samplesOf } from '../lint/pattern-samples.ts';
import type { Statement } from '../syntax/tree.ts';
import { ifsAround, variablesBehind } from './variables-behind.ts';

export interface ChecksOfOrigin {
  /** The `if` statements that come down to the Origin header. */
  readonly conditions: readonly Statement[];
  readonly maps: readonly VariableMap[];
  readonly patterns: readonly OriginPattern[];
}

export function checksOfOrigin(model: Effective, scope: Scope): ChecksOfOrigin {
  const around = ifsAround(scope);
  const conditions = around.filter(({ directive }) => variablesBehind(model, scope, directive.args).has('http_origin'));
  const behind = variablesBehind(
    model,
    scope,
    conditions.flatMap(({ directive }) => directive.args),
  );
  const maps = [...model.maps.values()].filter(
    ({ variable, source }) => behind.has(variable.slice(1).toLowerCase()) && source.includes('http_origin'),
  );
  // A condition may set the variable that another one looks at.
  const compared = around.flatMap(({ directive }) => {
    const condition = conditionOf(directive);
    const isAbout = condition?.subject === '$http_origin' && condition.compare?.operator.includes('~') === true;
    return isAbout ? [patternOf(condition.compare!.value, condition.compare!.operator.endsWith('*'))] : [];
  });
  const mapped = maps.flatMap(({ entries }) =>
    entries.filter(({ regex }) => regex).map(({ key }) => patternOf(key.replace(/^~\*?/, ''), key.startsWith('~*'))),
  );
  return { conditions, maps, patterns: [...compared, ...mapped] };
}

function patternOf(pattern: string, ignoreCase: boolean): OriginPattern {
  return { pattern, ignoreCase };
}

/** In the order in which they are worth trying; the server's own names first. */
export function candidateOrigins(model: Effective, location: Location): readonly string[] {
  const checks = checksOfOrigin(model, location);
  const literals = [
    ...checks.maps.flatMap(({ entries }) => entries.filter(({ regex }) => !regex).map(({ key }) => key)),
    ...ifsAround(location).flatMap(({ directive }) => conditionOf(directive)?.compare?.value ?? []),
  ];
  // Samples leave out what may be left out; what is optional is meant as well.
  const sampled = checks.patterns.flatMap(({ pattern }) => [
    ...samplesOf(pattern),
    ...samplesOf(pattern.replaceAll(')?', ')')),
  ]);
  const origins = [...namesOf(location.server), ...literals, ...sampled].flatMap(originsFrom);
  return [...new Set(origins)].filter((origin) => isOrigin.test(origin));
}

function namesOf({ names }: Server): string[] {
  return names.filter((name) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(name));
}

function originsFrom(text: string): string[] {
  const clean = text.toLowerCase().replace(/^[/:.]+|[/.]+$/g, '');
  const host = clean.replace(/^[a-z]+:\/\//, '');
  return [`https://${host}`, `http://${host}`, ...(clean.includes('://') ? [clean] : [])];
}

const isOrigin = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d+)?$/;
