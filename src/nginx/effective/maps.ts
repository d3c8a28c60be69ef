/** `map` blocks as tables, and looking something up in one. */

import type { Statement } from '../syntax/tree.ts';
import type { MapEntry, VariableMap } from './model.ts';
import { matchPattern } from './patterns.ts';

/** A statement `map SOURCE $VARIABLE { … }` as a table; null when it is not written like that. */
export function readMap(statement: Statement): VariableMap | null {
  const [source, variable] = statement.directive.args;
  if (source === undefined || variable === undefined || !variable.startsWith('$')) return null;
  const entries: MapEntry[] = [];
  let fallback: VariableMap['default'] = null;
  let hostnames = false;
  for (const child of statement.children) {
    const { name, args } = child.directive;
    if (args.length === 0) {
      if (name === 'hostnames') hostnames = true;
      continue;
    }
    const value = args[0]!;
    if (name === 'default') fallback = { value, statement: child };
    else entries.push({ statement: child, regex: name.startsWith('~'), key: name.replace(/^\\/, ''), value });
  }
  return { statement, source, variable, entries, default: fallback, hostnames };
}

export type Lookup =
  | { readonly certain: true; readonly value: string; readonly groups: RegExpExecArray | null }
  | { readonly certain: false; readonly because: string };

/**
 * What a map gives for a text: literals first, in any case of letters, then regexes in order, then the default
 * (ngx_http_map_find).
 */
export function lookUpMap(map: VariableMap, text: string): Lookup {
  const wanted = text.toLowerCase();
  const literal = map.entries.find((entry) => !entry.regex && entry.key.toLowerCase() === wanted);
  if (literal !== undefined) return { certain: true, value: literal.value, groups: null };
  if (map.hostnames) {
    const found = hostnameEntry(map, wanted);
    if (found !== null) return { certain: true, value: found.value, groups: null };
  }
  for (const entry of map.entries) {
    if (!entry.regex) continue;
    const ignoreCase = entry.key.startsWith('~*');
    const outcome = matchPattern(entry.key.slice(ignoreCase ? 2 : 1), text, { ignoreCase });
    if (!outcome.certain) return { certain: false, because: `${entry.key} could not be tried` };
    if (outcome.groups !== null) return { certain: true, value: entry.value, groups: outcome.groups };
  }
  return { certain: true, value: map.default?.value ?? '', groups: null };
}

/** The longest `*.name` or `.name`, then the longest `name.*`. */
function hostnameEntry(map: VariableMap, host: string): MapEntry | null {
  const fitting = map.entries.filter(({ key, regex }) => {
    const name = key.toLowerCase();
    if (regex) return false;
    if (name.startsWith('*.')) return host.endsWith(name.slice(1)) && host.length > name.length - 1;
    if (name.startsWith('.')) return host.endsWith(name) || host === name.slice(1);
    return name.endsWith('.*') && host.startsWith(name.slice(0, -1));
  });
  const rank = ({ key }: MapEntry) => (key.endsWith('.*') ? 0 : 1000) + key.length;
  return fitting.sort((a, b) => rank(b) - rank(a))[0] ?? null;
}
