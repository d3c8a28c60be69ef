/** Checks of arguments that nginx makes in a directive's own code, where a kind of value does not say enough. */

import { formatVersion, isSince, type NginxVersion } from '../../base/nginx-version.ts';
import { readable } from '../syntax/bytes.ts';
import { unknownLetter } from '../syntax/template/mask.ts';
import type { Statement } from '../syntax/tree.ts';
import type { Context } from './facts.ts';
import { parseTimeMs, parseTimeSeconds } from './values.ts';

export interface ArgumentProblem {
  /** Which argument, from 0. */
  readonly index: number;
  readonly message: string;
}

export interface ArgumentContext {
  readonly statement: Statement;
  readonly context: Context;
  readonly target: NginxVersion;
}

/** The first argument that nginx would refuse, or null. */
export function argumentProblem(module: string, where: ArgumentContext): ArgumentProblem | null {
  const { name, args } = where.statement.directive;
  if (args.some((arg) => arg.includes(unknownLetter))) return null;
  const check = checks[`${module}.${name}`];
  return check === undefined ? null : check(args, where);
}

type Check = (args: readonly string[], where: ArgumentContext) => ArgumentProblem | null;

const at = (index: number, message: string): ArgumentProblem => ({ index, message });
const quote = (text: string): string => `"${readable(text)}"`;

/** The argument must be a variable's name with its `$`. */
const variableName =
  (index: number): Check =>
  (args) => {
    const arg = args.at(index)!;
    return arg.length > 1 && arg.startsWith('$')
      ? null
      : at(index < 0 ? args.length + index : index, `invalid variable name ${quote(arg)}`);
  };

/** Every argument from `from` on must be one of these, or begin with one that ends in `=`. */
const parameters =
  (from: number, known: string): Check =>
  (args, { target, statement }) => {
    const words = parametersOf(known);
    const rowOf = (arg: string) => words.find(({ text }) => (text.endsWith('=') ? arg.startsWith(text) : arg === text));
    const wrong = args.findIndex((arg, index) => {
      const row = index < from ? null : rowOf(arg);
      return row === undefined || (row !== null && !isSince(target, row.since));
    });
    if (wrong < 0) return null;
    const since = rowOf(args[wrong]!)?.since;
    const message = `invalid parameter ${quote(args[wrong]!)}`;
    if (since == null) return at(wrong, message);
    const { name } = statement.directive;
    const version = formatVersion(target);
    return at(
      wrong,
      `${message} in "${name}" directive of nginx ${version}: it came with nginx ${formatVersion(since)}`,
    );
  };

const parametersByText = new Map<string, readonly { readonly text: string; readonly since: NginxVersion | null }[]>();

/** The words of a table's text, each with the version that brought it. */
function parametersOf(known: string) {
  const words =
    parametersByText.get(known) ??
    known.split(' ').map((word) => {
      const [text, since] = word.split('@');
      return { text: text!, since: (since?.split('.').map(Number) ?? null) as NginxVersion | null };
    });
  parametersByText.set(known, words);
  return words;
}

const between =
  (least: number, most: number): Check =>
  (args) => {
    const value = Number(args[0]);
    return value >= least && value <= most ? null : at(0, `value must be between ${least} and ${most}`);
  };

const positive: Check = (args) =>
  /^\d+$/.test(args[0]!) && Number(args[0]) > 0 ? null : at(0, `invalid value ${quote(args[0]!)}`);

const checks: Record<string, Check> = {
  'http_proxy.proxy_pass': proxyPass,
  'http_rewrite.return': returnCode,
  'http_rewrite.if': condition,
  'http_rewrite.set': variableName(0),
  'http_rewrite.rewrite': (args) =>
    args.length < 3 || /^(?:last|break|redirect|permanent)$/.test(args[2]!)
      ? null
      : at(2, `invalid parameter ${quote(args[2]!)}`),
  'http_map.map': variableName(1),
  'stream_map.map': variableName(1),
  'http_geo.geo': variableName(-1),
  'stream_geo.geo': variableName(-1),
  'http_split_clients.split_clients': variableName(1),
  'http_auth_request.auth_request_set': variableName(0),
  'http_core.location': (args) =>
    args.length < 2 || /^(?:=|\^~|~\*?)$/.test(args[0]!) ? null : at(0, `invalid location modifier ${quote(args[0]!)}`),
  'http_core.error_page': errorPage,
  'http_core.keepalive_timeout': (args) => {
    if (parseTimeMs(args[0]!) === null) return at(0, `invalid value ${quote(args[0]!)}`);
    return args[1] === undefined || parseTimeSeconds(args[1]) !== null
      ? null
      : at(1, `invalid value ${quote(args[1])}`);
  },
  'http_core.listen': parameters(
    1,
    'default_server default ssl http2 quic@1.25.0 proxy_protocol bind deferred reuseport ipv6only= so_keepalive= backlog= rcvbuf= sndbuf= fastopen= setfib= accept_filter= multipath@1.29.7',
  ),
  'http_upstream.server': parameters(
    1,
    'weight= max_fails= fail_timeout= max_conns= slow_start= backup down resolve@1.27.3 service=@1.27.3 route=@1.29.6 drain@1.29.6',
  ),
  'http_upstream_keepalive.keepalive': (args, where) =>
    // Where there is a pool by default, 0 is how it is switched off.
    (args[0] === '0' && isSince(where.target, [1, 29, 7]) ? null : positive(args, where)) ??
    parameters(1, 'local')(args, where),
  'http_upstream_sticky.sticky': sticky,
  'nginx_plus.sticky': sticky,
  'http_upstream_hash.hash': parameters(1, 'consistent'),
  'http_upstream_random.random': (args) =>
    args[0] === undefined || args[0] === 'two' ? null : at(0, `invalid parameter ${quote(args[0])}`),
  'event_core.worker_connections': positive,
  'core.worker_processes': (args) => (args[0] === 'auto' ? null : positive(args, undefined as never)),
  'http_headers_filter.add_header': parameters(2, 'always'),
  'http_headers_filter.add_trailer': parameters(2, 'always'),
  'http_proxy.proxy_redirect': (args) =>
    args.length > 1 || /^(?:off|false|default)$/.test(args[0]!) ? null : at(0, `invalid parameter ${quote(args[0]!)}`),
  'http_limit_req.limit_req': parameters(0, 'zone= burst= delay= nodelay'),
  'http_limit_req.limit_req_zone': parameters(1, 'zone= rate= sync'),
  'http_limit_conn.limit_conn': (args) =>
    /^\d+$/.test(args[1]!) ? null : at(1, `invalid number of connections ${quote(args[1]!)}`),
  'http_gzip_filter.gzip_comp_level': between(1, 9),
  'http_v2.http2_streams_index_size': (args) =>
    Number.isInteger(Math.log2(Number(args[0]))) ? null : at(0, 'value must be a power of two'),
  'http_limit_conn.limit_conn_status': between(400, 599),
  'http_limit_req.limit_req_status': between(400, 599),
  'errlog.error_log': logLevel,
  'http_core.error_log': logLevel,
};

const uriHere: Partial<Record<Context, string>> = {
  'if:location': 'inside an "if"',
  limit_except: 'inside a "limit_except"',
};

function proxyPass(args: readonly string[], { statement, context }: ArgumentContext): ArgumentProblem | null {
  const url = args[0]!;
  if (url.includes('$')) return null;
  const scheme = /^https?:\/\//i.exec(url)?.[0];
  if (scheme === undefined) {
    const wished = /^(wss?):\/\//i.exec(url)?.[1]?.toLowerCase();
    const hint =
      wished === undefined ? '' : `; a WebSocket begins as HTTP, so write http${wished === 'wss' ? 's' : ''}://`;
    return at(0, `invalid URL prefix in ${quote(url)}${hint}`);
  }
  const rest = url.slice(scheme.length);
  if (rest === '' || rest.startsWith('/')) return at(0, 'no host in upstream');
  const hasUri = rest.startsWith('unix:') ? /^unix:[^:]*:./.test(rest) : rest.includes('/');
  if (!hasUri) return null;
  const place = uriHere[context] ?? locationWithoutPath(statement);
  return place === null ? null : at(0, `"proxy_pass" cannot have a URI part ${place}`);
}

/** Why the location cannot replace a part of the path: nginx does not know which part matched. */
function locationWithoutPath({ parent }: Statement): string | null {
  const args = parent?.directive.name === 'location' ? parent.directive.args : [];
  const written = args.length > 1 ? args[0]! : (args[0] ?? '');
  if (written.startsWith('~')) return 'in a location given by a regular expression';
  return args.length === 1 && written.startsWith('@') ? 'in a named location' : null;
}

/** ngx_http_upstream_sticky_module.c: the first word says how, and each way has parameters of its own. */
const stickyParameters: Readonly<Record<string, string>> = {
  cookie: 'expires= domain= httponly samesite= secure path=',
  learn: 'create= lookup= zone= timeout= header sync',
};

function sticky(args: readonly string[], where: ArgumentContext): ArgumentProblem | null {
  const [way = ''] = args;
  if (way === 'route') {
    const wrong = args.findIndex((arg, index) => index > 0 && !arg.startsWith('$'));
    return wrong < 0 ? null : at(wrong, `invalid variable name ${quote(args[wrong]!)}`);
  }
  const known = Object.hasOwn(stickyParameters, way) ? stickyParameters[way]! : null;
  if (known === null) return at(0, `${quote(way)} is no way to stick: cookie, route or learn`);
  return parameters(way === 'cookie' ? 2 : 1, known)(args, where);
}

function returnCode(args: readonly string[]): ArgumentProblem | null {
  const first = args[0]!;
  const isCode = /^\d+$/.test(first) && Number(first) <= 999;
  if (isCode || (args.length === 1 && /^(?:https?:\/\/|\$)/i.test(first))) return null;
  return at(0, `invalid return code ${quote(first)}`);
}

/** ngx_http_rewrite_if_condition: the words between the parentheses are a variable, a comparison, or a file test. */
function condition(args: readonly string[]): ArgumentProblem | null {
  const words = [...args];
  let from = 0;
  let to = words.length - 1;
  if (!words[0]!.startsWith('(')) return invalidCondition(words[0]!, 0);
  if (words[0] === '(') from = 1;
  else words[0] = words[0]!.slice(1);
  if (!words[to]!.endsWith(')')) return invalidCondition(words[to]!, to);
  if (words[to] === ')') to--;
  else words[to] = words[to]!.slice(0, -1);
  const first = words[from] ?? '';
  if (/^!?-./.test(first) && first.length <= 3) {
    if (from + 1 !== to || !/^!?-[fdex]$/.test(first)) return invalidCondition(first, from);
    return null;
  }
  if (first.length < 2 || !first.startsWith('$') || (from !== to && from + 2 !== to))
    return invalidCondition(first, from);
  if (from === to) return null;
  const operator = words[from + 1]!;
  return /^(?:!?=|!?~\*?)$/.test(operator) ? null : at(from + 1, `unexpected ${quote(operator)} in condition`);
}

function invalidCondition(word: string, index: number): ArgumentProblem {
  return at(index, `invalid condition ${quote(word)}`);
}

function errorPage(args: readonly string[]): ArgumentProblem | null {
  for (let index = 0; index < args.length - 1; index++) {
    const arg = args[index]!;
    if (arg.startsWith('=')) {
      const isLast = index === args.length - 2 && index > 0;
      if (!isLast || !/^=\d*$/.test(arg)) return at(index, `invalid value ${quote(arg)}`);
    } else if (!/^\d+$/.test(arg) || Number(arg) < 300 || Number(arg) > 599 || arg === '499')
      return at(index, `invalid value ${quote(arg)}, it must be a status between 300 and 599`);
  }
  return null;
}

function logLevel(args: readonly string[]): ArgumentProblem | null {
  const known = /^(?:debug|info|notice|warn|error|crit|alert|emerg|debug_\w+)$/;
  const wrong = args.findIndex((arg, index) => index > 0 && !known.test(arg));
  return wrong < 0 ? null : at(wrong, `invalid log level ${quote(args[wrong]!)}`);
}
