/**
 * State that travels between versions of Holdline: a table of fields, each with the version that brought it. A newer
 * version reads what the one before wrote, and writes for it what it can read.
 */

export type Guard<Value> = (value: unknown) => value is Value;

export interface StateField<Value> {
  /** The version of the state that brought it. */
  readonly since: number;
  readonly is: Guard<Value>;
  /** What a state without it means. Every field that came after the oldest version that is read has one. */
  readonly absent?: Value;
}

export type Fields<State> = { readonly [Name in keyof State]-?: StateField<State[Name]> };

export interface Versions {
  readonly oldest: number;
  readonly newest: number;
}

export type WrittenState =
  | { readonly ok: true; readonly raw: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: string };

export type ReadState<State> =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly problem: string };

/** The newest version that both know; null when there is none. */
export function commonVersion(own: Versions, other: Versions): number | null {
  const version = Math.min(own.newest, other.newest);
  return version >= own.oldest && version >= other.oldest ? version : null;
}

/**
 * Fields that the version does not know are left out, where what they say is what their absence means; otherwise it
 * cannot be said.
 */
export function writeState<State>(fields: Fields<State>, state: State, version: number): WrittenState {
  const raw: Record<string, unknown> = { version };
  for (const name of Object.keys(fields) as (keyof State & string)[]) {
    const field = fields[name];
    if (field.since <= version) raw[name] = state[name];
    else if (state[name] !== field.absent) return { ok: false, problem: `version ${version} does not know ${name}` };
  }
  return { ok: true, raw };
}

export function readState<State>(fields: Fields<State>, raw: unknown, versions: Versions): ReadState<State> {
  if (!isObject(raw) || !isNumber(raw.version)) return { ok: false, problem: 'it says no version' };
  const { version } = raw;
  if (version < versions.oldest || version > versions.newest)
    return { ok: false, problem: `version ${version} is unknown` };
  const state: Partial<State> = {};
  for (const name of Object.keys(fields) as (keyof State & string)[]) {
    const field = fields[name];
    const value = field.since <= version ? raw[name] : field.absent;
    if (!field.is(value)) return { ok: false, problem: `${name} is not what version ${version} says` };
    state[name] = value;
  }
  return { ok: true, state: state as State };
}

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
export const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);
export const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

export function orNull<Value>(check: Guard<Value>): Guard<Value | null> {
  return (value): value is Value | null => value === null || check(value);
}

export function listOf<Value>(check: Guard<Value>): Guard<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.every(check);
}

export function recordOf<Value>(check: Guard<Value>): Guard<Readonly<Record<string, Value>>> {
  return (value): value is Readonly<Record<string, Value>> => isObject(value) && Object.values(value).every(check);
}

export function isOneOf<const Values extends readonly string[]>(...values: Values): Guard<Values[number]> {
  return (value): value is Values[number] => isText(value) && values.includes(value);
}

/** An object of which these properties are looked at. */
export function shape<Shape extends object>(
  checks: { readonly [Name in keyof Shape]-?: Guard<Shape[Name]> },
): Guard<Shape> {
  return (value): value is Shape =>
    isObject(value) && Object.entries<Guard<unknown>>(checks as never).every(([name, check]) => check(value[name]));
}
