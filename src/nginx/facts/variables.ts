/** Which variables a configuration uses and which exist. */

import type { NginxVersion } from '../../base/nginx-version.ts';
import type { Configuration, Statement } from '../syntax/tree.ts';
import { builtinPrefixes, builtinVariables, prefixesSince, variablesSince } from './builtin-variables.ts';

/** A variable in a text: `$name`, `${name}`, or `$1`. */
export interface VariableUse {
  /** Without the `$`, in lower case as nginx compares it. Empty for a `$` that begins no name, which nginx refuses. */
  readonly name: string;
  /** Offset of the `$` in the text. */
  readonly offset: number;
}

export function variablesIn(text: string): readonly VariableUse[] {
  let at = text.indexOf('$');
  if (at < 0) return none;
  const found: VariableUse[] = [];
  for (; at >= 0; at = text.indexOf('$', use.lastIndex)) {
    use.lastIndex = at;
    const match = use.exec(text)!;
    found.push({ name: (match[1] ?? match[2]!).toLowerCase(), offset: at });
  }
  return found;
}

const none: readonly VariableUse[] = [];
const use = /\$(?:\{(\w*)\}|(\w*))/y;

/** True for a variable that nginx or one of its modules has of itself, and for captures `$1` to `$9`. */
export function isBuiltin(name: string): boolean {
  return builtinVariables.has(name) || /^\d+$/.test(name) || builtinPrefixes.some((prefix) => name.startsWith(prefix));
}

/** The version that brought a built-in variable; null for what is older than 1.18, or not known. */
export function variableSince(name: string): NginxVersion | null {
  if (Object.hasOwn(variablesSince, name)) return variablesSince[name]!;
  const family = families.find(([prefix]) => name.startsWith(prefix));
  return family === undefined ? null : family[1];
}

const families = Object.entries(prefixesSince);

/** The names (lower case, no `$`) that statements of the configuration define, named captures included. */
export function definedVariables(configuration: Configuration): ReadonlySet<string> {
  const known = definedIn.get(configuration);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const pending: Statement[] = [...configuration.statements];
  for (let statement = pending.pop(); statement !== undefined; statement = pending.pop()) {
    addDefinedBy(statement, names);
    addCaptures(statement, names);
    for (const child of statement.children) pending.push(child);
  }
  definedIn.set(configuration, names);
  return names;
}

/** True for what only `set` and captures make: it is empty for requests that none of them has met. */
export function isEmptyUntilSet(configuration: Configuration, name: string): boolean {
  let names = emptyIn.get(configuration);
  if (names === undefined) {
    const [made, others] = [new Set<string>(), new Set<string>()];
    const pending = [...configuration.statements];
    for (let statement = pending.pop(); statement !== undefined; statement = pending.pop()) {
      const { name: directive, args } = statement.directive;
      if (directive === 'set') made.add((args[0] ?? '').slice(1).toLowerCase());
      else addDefinedBy(statement, others);
      addCaptures(statement, made);
      pending.push(...statement.children);
    }
    names = new Set([...made].filter((word) => !others.has(word)));
    emptyIn.set(configuration, names);
  }
  return names.has(name);
}

const emptyIn = new WeakMap<Configuration, ReadonlySet<string>>();

const definedIn = new WeakMap<Configuration, ReadonlySet<string>>();

/** Which argument of a directive is the variable it defines; -1 stands for the last one. */
const definingArgument: ReadonlyMap<string, number> = new Map(
  Object.entries({
    set: 0,
    map: 1,
    split_clients: 1,
    geo: -1,
    auth_request_set: 0,
    perl_set: 0,
    js_set: 0,
    js_var: 0,
    set_by_lua: 0,
    set_by_lua_block: 0,
    set_by_lua_file: 0,
    keyval: 1,
    num_map: 1,
    auth_jwt_claim_set: 0,
    auth_jwt_header_set: 0,
    echo_foreach_split: 1,
  }),
);

const capture = /\(\?P?[<']([A-Za-z_]\w*)[>']/g;

function addDefinedBy({ directive, parent }: Statement, names: Set<string>): void {
  const { name, args } = directive;
  const position = definingArgument.get(name);
  if (position !== undefined) {
    const variable = args.at(position);
    if (variable?.startsWith('$')) names.add(variable.slice(1).toLowerCase());
  } else if (name.startsWith('set_') || name.startsWith('array_') || name.endsWith('_set')) {
    // The set_misc, encrypted-session and array-var modules name their results in different places.
    for (const arg of args) if (/^\$\w+$/.test(arg)) names.add(arg.slice(1).toLowerCase());
  }
  // The lines of geoip2 { $name … } define variables themselves.
  if (name.startsWith('$') && parent?.directive.name === 'geoip2') names.add(name.slice(1).toLowerCase());
}

function addCaptures({ directive: { name, args } }: Statement, names: Set<string>): void {
  addCapturesIn(name, names);
  for (const arg of args) addCapturesIn(arg, names);
}

function addCapturesIn(text: string, names: Set<string>): void {
  if (text.includes('(?')) for (const found of text.matchAll(capture)) names.add(found[1]!.toLowerCase());
}
