/** What produces a location's answer, and where proxy_pass leads. */

import type { Statement } from '../syntax/tree.ts';
import type { Handler, NginxUpstream, ProxyTarget, Scope } from './model.ts';
import { outward, ownLast } from './scopes.ts';

type Upstreams = ReadonlyMap<string, NginxUpstream>;

/** `resolveText` gives the value of a text with variables, or null when it depends on the request. */
export interface HandlerContext {
  readonly upstreams: Upstreams;
  readonly resolveText: (scope: Scope, text: string) => string | null;
}

/** A `return` of the block itself comes first, because the rewrite phase runs before any handler. */
export function handlerOf(scope: Scope, context: HandlerContext): Handler {
  const back = ownLast(scope, 'return');
  if (back !== undefined) return returning(scope.own.get('return')![0]!);
  for (const each of outward(scope)) {
    const passingName = passingNames.find((name) => each.own.has(name));
    if (passingName !== undefined) {
      const kind = passing[passingName];
      const statement = ownLast(each, passingName)!;
      if (kind === 'proxy') return { kind, statement, target: targetOf(statement, scope, context) };
      return { kind, statement };
    }
    const answeringName = answeringNames.find((name) => each.own.has(name));
    if (answeringName !== undefined)
      return { kind: answering[answeringName], statement: ownLast(each, answeringName)! };
    // An "if" and a limit_except use the handler of the location around them; a location has its own or none.
    if (each.kind === 'location' || each.kind === 'server') break;
  }
  return { kind: 'static' };
}

/** A snippet of proxy settings is included where somebody proxies: its lines are judged as those of such a location. */
export function snippetHandler(scope: Scope): Handler | null {
  const statement = scope.own.get('proxy_set_header')?.[0];
  if (statement === undefined) return null;
  const target = { url: 'the backend', scheme: null, authority: '', uri: null, hasVariables: true, upstream: null };
  return { kind: 'proxy', statement, target };
}

const passing = {
  proxy_pass: 'proxy',
  grpc_pass: 'grpc',
  fastcgi_pass: 'fastcgi',
  uwsgi_pass: 'uwsgi',
  scgi_pass: 'scgi',
  memcached_pass: 'memcached',
} as const;

const answering = {
  content_by_lua_block: 'lua',
  content_by_lua_file: 'lua',
  content_by_lua: 'lua',
  js_content: 'other',
  perl: 'other',
  stub_status: 'other',
  empty_gif: 'other',
  echo: 'other',
  nchan_pubsub: 'other',
  nchan_subscriber: 'other',
  nchan_publisher: 'other',
  tunnel_pass: 'other',
  api: 'other',
} as const;

/** Asked for every location. */
const passingNames = Object.keys(passing) as (keyof typeof passing)[];
const answeringNames = Object.keys(answering) as (keyof typeof answering)[];

function returning(statement: Statement): Handler {
  const [first = '', second] = statement.directive.args;
  const isCode = /^\d+$/.test(first);
  const status = isCode ? Number(first) : 302;
  return { kind: 'return', statement, status, text: isCode ? (second ?? '') : first };
}

/** $uri and $request_uri begin with the slash that ends the host: `http://app$request_uri`. */
const addressParts = /^(https?):\/\/(unix:[^:]*(?=:|$)|(?:(?!\$\{?(?:request_uri|uri|document_uri)\b)[^/?#])*)(.*)$/is;

function targetOf(statement: Statement, scope: Scope, { upstreams, resolveText }: HandlerContext): ProxyTarget {
  const url = statement.directive.args[0] ?? '';
  const hasVariables = url.includes('$');
  // A variable that can only have one value may well name an upstream.
  const plain = hasVariables ? (resolveText(scope, url) ?? url) : url;
  const match = addressParts.exec(plain);
  const host = match?.[2] ?? plain;
  const scheme = (match?.[1]?.toLowerCase() ?? null) as ProxyTarget['scheme'];
  // The host may be known where the path is not.
  const authority = host.includes('$') ? (resolveText(scope, host) ?? host) : host;
  const rest = match?.[3] ?? '';
  const uri = authority.startsWith('unix:') ? rest.slice(1) : rest;
  return {
    url,
    scheme,
    authority,
    uri: uri === '' ? null : uri,
    hasVariables,
    upstream:
      upstreams.get(authority.toLowerCase().replace(/:\d+$/, '')) ?? upstreams.get(authority.toLowerCase()) ?? null,
  };
}
