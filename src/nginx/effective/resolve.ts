/** What a text with variables comes to for a request of which some facts are known. */

import { variablesIn } from '../facts/variables.ts';
import { unknownLetter } from '../syntax/template/mask.ts';
import type { Statement } from '../syntax/tree.ts';
import { lookUpMap } from './maps.ts';
import type { Effective, Location, ProxyTarget, RequestKind, Resolved, Scope, Server, VariableMap } from './model.ts';
import { outward } from './scopes.ts';

/** Values of request variables, by name without `$`. */
export type Assumptions = Readonly<Record<string, string>>;

/** What the three kinds of request are taken to carry: a browser's handshake, curl's --http2, and an ordinary GET. */
export const assumptionsOf: Readonly<Record<RequestKind, Assumptions>> = {
  websocket: {
    http_upgrade: 'websocket',
    http_connection: 'Upgrade',
    request_method: 'GET',
    http_sec_websocket_version: '13',
  },
  h2c: {
    http_upgrade: 'h2c',
    http_connection: 'Upgrade, HTTP2-Settings',
    request_method: 'GET',
    http_sec_websocket_version: '',
  },
  plain: {
    http_upgrade: '',
    http_connection: 'keep-alive',
    request_method: 'GET',
    http_sec_websocket_version: '',
    http_sec_websocket_key: '',
  },
};

type Model = Pick<Effective, 'maps'>;

/** Expands every variable that can be known; one that cannot makes the whole unknown. */
export function resolveLocation(model: Model, scope: Scope, text: string, assumptions: Assumptions): Resolved {
  return expand({ model, scope, assumptions }, text, null, 0);
}

interface Situation {
  readonly model: Model;
  readonly scope: Scope;
  readonly assumptions: Assumptions;
}

/** A map that refers to itself through others would go on for ever. */
const depthMax = 10;

function expand(situation: Situation, text: string, groups: RegExpExecArray | null, depth: number): Resolved {
  if (text.includes(unknownLetter)) return unknown('only the template’s engine knows the value');
  if (!text.includes('$')) return known(text);
  const pieces: string[] = [];
  let at = 0;
  for (const { name, offset } of variablesIn(text)) {
    const value = variable(situation, name, groups, depth);
    if (!value.known) return value;
    const length = text[offset + 1] === '{' ? name.length + 3 : name.length + 1;
    pieces.push(text.slice(at, offset), value.value);
    at = offset + length;
  }
  pieces.push(text.slice(at));
  return { known: true, value: pieces.join('') };
}

function variable(situation: Situation, name: string, groups: RegExpExecArray | null, depth: number): Resolved {
  const { model, scope, assumptions } = situation;
  if (depth > depthMax) return unknown(`$${name} refers to itself`);
  if (/^\d$/.test(name)) return groups === null ? unknown(`$${name} is a capture`) : known(groups[Number(name)] ?? '');
  const captured = groups?.groups?.[name];
  if (captured !== undefined) return known(captured);
  const map = model.maps.get(`$${name}`);
  if (map !== undefined) return throughMap(situation, map, depth);
  if (Object.hasOwn(assumptions, name)) return known(assumptions[name]!);
  return throughSet(situation, name, depth) ?? ofServer(scope, name) ?? unknown(`$${name} depends on the request`);
}

function throughMap(situation: Situation, map: VariableMap, depth: number): Resolved {
  const source = expand(situation, map.source, null, depth + 1);
  if (source.known) {
    const found = lookUpMap(map, source.value);
    return found.certain ? expand(situation, found.value, found.groups, depth + 1) : unknown(found.because);
  }
  const values = [...map.entries.map(({ value }) => value), map.default?.value ?? ''];
  const [first] = values as [string];
  const same = values.every((value) => value === first);
  return same ? expand(situation, first, null, depth + 1) : unknown(`${map.variable} depends on ${map.source}`);
}

/** `set` with one value: in the location, else in the server. One in an `if` makes it depend on the condition. */
function throughSet(situation: Situation, name: string, depth: number): Resolved | null {
  for (const scope of outward(situation.scope)) {
    const script = scriptThatMaySet(scope, name);
    if (script !== null) return unknown(`$${name} may be set by ${script}`);
    const inIf = (scope.own.get('if') ?? []).some(({ children }) =>
      children.some(({ directive }) => directive.name === 'set' && isVariable(directive.args[0], name)),
    );
    if (inIf) return unknown(`$${name} is set in an "if"`);
    const line = (scope.own.get('set') ?? []).findLast(({ directive }) => isVariable(directive.args[0], name));
    if (line !== undefined) {
      const text = line.directive.args[1] ?? '';
      // "set $a $a…" would look itself up.
      if (variablesIn(text).some((use) => use.name === name)) return unknown(`$${name} is made from itself`);
      return expand(situation, text, null, depth + 1);
    }
  }
  return null;
}

/** Lua and njs that run before the request is proxied can give any variable another value. */
const scripts = /^(?:(?:server_)?rewrite|access|balancer)_by_lua(?:_block|_file)?$|^js_access$/;

/** Its directive’s name; null when there is none, or its text shows that it does not touch the variable. */
export function scriptThatMaySet({ own }: Scope, name: string): string | null {
  for (const [directive, statements] of scriptsIn(own)) {
    const mayTouch = statements.some(({ directive: { block, file } }) => {
      if (block === null || block.language !== 'lua') return true;
      const text = file.text.slice(block.start, block.end).toLowerCase();
      return /\bvar\s*\[/.test(text) || text.includes(`var.${name}`) || /\b(?:require|dofile|loadfile)\b/.test(text);
    });
    if (mayTouch) return directive;
  }
  return null;
}

/** Most blocks have none, and every variable that is looked up asks. */
function scriptsIn(own: Scope['own']): readonly (readonly [string, readonly Statement[]])[] {
  let found = scriptsOf.get(own);
  if (found === undefined) {
    found = [...own].filter(([name]) => scripts.test(name));
    scriptsOf.set(own, found);
  }
  return found;
}

const scriptsOf = new WeakMap<Scope['own'], readonly (readonly [string, readonly Statement[]])[]>();

function isVariable(written: string | undefined, name: string): boolean {
  return written?.toLowerCase() === `$${name}`;
}

/** Variables that the server block fixes. */
function ofServer(scope: Scope, name: string): Resolved | null {
  const server = outward(scope).find((each): each is Server => each.kind === 'server');
  if (server === undefined) return null;
  const only = <Value>(values: readonly Value[]): Value | null =>
    values.length > 0 && values.every((value) => value === values[0]) ? values[0]! : null;
  if (name === 'server_name') return known(server.names[0] ?? '');
  if (name === 'scheme') {
    const ssl = only(server.listens.map((listen) => listen.ssl || listen.quic));
    return ssl === null ? null : known(ssl ? 'https' : 'http');
  }
  if (name === 'server_port') {
    const port = only(server.listens.map((listen) => listen.port));
    return port === null ? null : known(String(port));
  }
  if (name === 'proxy_host') {
    const location = outward(scope).find((each): each is Location => each.kind === 'location' || each.kind === 'if');
    return location?.handler.kind === 'proxy' &&
      location.handler.target.scheme !== null &&
      !location.handler.target.authority.includes(unknownLetter) &&
      !location.handler.target.authority.includes('$')
      ? known(hostOf(location.handler.target))
      : null;
  }
  return null;
}

/** nginx leaves a port out that the scheme has anyway, and calls a unix socket localhost (ngx_http_proxy_set_vars). */
function hostOf({ authority, scheme }: ProxyTarget): string {
  if (authority.startsWith('unix:')) return 'localhost';
  return authority.replace(scheme === 'https' ? /:443$/ : /:80$/, '');
}

function known(value: string): Resolved {
  return { known: true, value };
}

function unknown(because: string): Resolved {
  return { known: false, because };
}
