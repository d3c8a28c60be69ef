/** A request on its way through nginx: its variables, and the captures that each match leaves behind. */

import { isEmptyUntilSet, variablesIn } from '../../facts/variables.ts';
import { unknownLetter } from '../../syntax/template/mask.ts';
import { lookUpMap } from '../maps.ts';
import type { Effective, Location, Scope, Server } from '../model.ts';
import { matchPattern } from '../patterns.ts';
import { scriptThatMaySet } from '../resolve.ts';
import { outward } from '../scopes.ts';
import type { ClientRequest, RequestStep, Value } from './model.ts';

export interface State {
  readonly model: Effective;
  readonly request: ClientRequest;
  readonly server: Server;
  /** The location, or the `if` in it, whose settings count now. */
  block: Location | null;
  path: string;
  query: string;
  /** The client's own request line is what the backend gets, unless a rewrite has changed it. */
  isUnchanged: boolean;
  /** `rewrite … break` keeps proxy_pass from replacing the location's part. */
  replacesLocation: boolean;
  /** $1 to $9: of the last match, whatever matched; a map's pattern counts (ngx_http_regex_exec). */
  captures: readonly string[];
  readonly named: Map<string, string>;
  /** What `set` made, and maps, which are worked out once for each request. */
  readonly variables: Map<string, Value>;
  readonly steps: RequestStep[];
}

export function known(text: string): Value {
  return { text, known: true };
}

export function matchAndCapture(
  state: State,
  pattern: string,
  text: string,
  options: { readonly ignoreCase: boolean },
): boolean | null {
  const outcome = matchPattern(pattern, text, options);
  if (!outcome.certain) return null;
  if (outcome.groups !== null) capture(state, outcome.groups);
  return outcome.groups !== null;
}

export function capture(state: State, groups: RegExpExecArray): void {
  state.captures = [...groups].map((group) => group ?? '');
  for (const [name, value] of Object.entries(groups.groups ?? {})) state.named.set(name.toLowerCase(), value ?? '');
}

/** A map that refers to itself through others would go on for ever. */
const depthMax = 10;

/** The text with its variables replaced. Looking at a map can change what $1 is for whatever comes after. */
export function evaluate(state: State, text: string, depth = 0): Value {
  if (text.includes(unknownLetter))
    return { text: text.replaceAll(new RegExp(`${unknownLetter}+`, 'g'), '…'), known: false };
  const pieces: string[] = [];
  let allKnown = true;
  let at = 0;
  for (const { name, offset } of variablesIn(text)) {
    const value = variable(state, name, depth);
    allKnown &&= value.known;
    const length = text[offset + 1] === '{' ? name.length + 3 : name.length + 1;
    pieces.push(text.slice(at, offset), value.text);
    at = offset + length;
  }
  pieces.push(text.slice(at));
  return { text: pieces.join(''), known: allKnown };
}

function variable(state: State, name: string, depth: number): Value {
  const unknown: Value = { text: `$${name}`, known: false };
  if (depth > depthMax || name === '') return unknown;
  if (/^\d$/.test(name)) return known(state.captures[Number(name)] ?? '');
  const named = state.named.get(name);
  if (named !== undefined) return known(named);
  const scope = state.block ?? state.server;
  if (state.variables.has(name) && untouched(scope, name)) return state.variables.get(name)!;
  const map = state.model.maps.get(`$${name}`);
  if (map !== undefined) {
    const value = throughMap(state, name, depth);
    state.variables.set(name, value);
    return value;
  }
  if (state.variables.has(name)) return unknown;
  const made = ofRequest(state, name);
  if (made !== null) return made;
  return isEmptyUntilSet(state.model.configuration, name) && untouched(scope, name) ? known('') : unknown;
}

/** No script that runs before the request is proxied may give it another value. */
function untouched(scope: Scope, name: string): boolean {
  return outward(scope).every((each) => scriptThatMaySet(each, name) === null);
}

function throughMap(state: State, name: string, depth: number): Value {
  const map = state.model.maps.get(`$${name}`)!;
  const source = evaluate(state, map.source, depth + 1);
  if (!source.known) {
    const values = [...map.entries.map(({ value }) => value), map.default?.value ?? ''];
    return values.every((value) => value === values[0])
      ? evaluate(state, values[0]!, depth + 1)
      : { text: `$${name}`, known: false };
  }
  const found = lookUpMap(map, source.text);
  if (!found.certain) return { text: `$${name}`, known: false };
  if (found.groups !== null) capture(state, found.groups);
  return evaluate(state, found.value, depth + 1);
}

/** Variables of nginx's core that the request, the server or the location decides. */
function ofRequest(state: State, name: string): Value | null {
  const { request, server, block, path, query } = state;
  const header = (wanted: string) =>
    request.headers.filter(([each]) => each.toLowerCase().replaceAll('-', '_') === wanted).map(([, value]) => value);
  if (name.startsWith('http_')) {
    const wanted = name.slice(5);
    if (wanted === 'host') return known(request.host);
    return known(header(wanted).join(', '));
  }
  if (name.startsWith('arg_')) return known(argument(query, name.slice(4)));
  if (name.startsWith('cookie_')) return known(cookie(header('cookie').join('; '), name.slice(7)));
  const full = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const table: Readonly<Record<string, string>> = {
    host: request.host.replace(/:\d+$/, '').toLowerCase(),
    uri: path,
    document_uri: path,
    request_uri: full,
    args: query,
    query_string: query,
    is_args: query === '' ? '' : '?',
    request_method: request.method,
    scheme: request.scheme,
    https: request.scheme === 'https' ? 'on' : '',
    server_name: server.names[0] ?? '',
    server_port: String(request.port ?? (request.scheme === 'https' ? 443 : 80)),
    server_protocol: 'HTTP/1.1',
    request: `${request.method} ${full} HTTP/1.1`,
  };
  if (Object.hasOwn(table, name)) return known(table[name]!);
  if (name === 'proxy_add_x_forwarded_for') {
    const before = header('x_forwarded_for').join(', ');
    return { text: before === '' ? '$remote_addr' : `${before}, $remote_addr`, known: false };
  }
  return name === 'proxy_host' && block !== null ? proxyHost(state, block) : null;
}

/** nginx leaves a port out that the scheme has anyway, and calls a unix socket localhost (ngx_http_proxy_set_vars). */
function proxyHost(state: State, { handler }: Location): Value | null {
  if (handler.kind !== 'proxy') return null;
  const { text } = evaluate(state, handler.statement.directive.args[0] ?? '');
  const [, scheme, authority = ''] = /^(https?):\/\/(unix:[^:]*|[^/?#]*)/i.exec(text) ?? [];
  if (scheme === undefined || authority.includes('$')) return null;
  if (authority.startsWith('unix:')) return known('localhost');
  return known(authority.replace(scheme.toLowerCase() === 'https' ? /:443$/ : /:80$/, ''));
}

function argument(query: string, name: string): string {
  const pair = query.split('&').find((each) => each.toLowerCase().startsWith(`${name}=`));
  return pair === undefined ? '' : pair.slice(name.length + 1);
}

function cookie(header: string, name: string): string {
  const pair = header.split(/;\s*/).find((each) => each.toLowerCase().startsWith(`${name}=`));
  return pair === undefined ? '' : pair.slice(name.length + 1);
}
