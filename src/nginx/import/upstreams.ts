/** Where a location proxies to, as an upstream of the spec. */
import { formatDuration } from '../../base/units.ts';
import type { NginxUpstream, UpstreamServer } from '../effective/model.ts';
import { valueIn } from '../effective/values.ts';
import { parseTimeSeconds } from '../facts/values.ts';
import { isBuiltin } from '../facts/variables.ts';
import type { Statement } from '../syntax/tree.ts';
import type { ImportedUpstream } from './model.ts';
import type { RouteTask } from './task.ts';
import { variablesBehind } from './variables-behind.ts';

/** NamedUpstreams by the name that the spec gives them. */
export type NamedUpstreams = Map<string, ImportedUpstream>;

/**
 * The name of the upstream, which is made unless it is there; null where the spec cannot say where the location goes.
 */
export function upstreamFor(task: RouteTask, upstreams: NamedUpstreams): string | null {
  const { statement } = task.final.handler;
  const place = placeOf(task);
  if (place === null) {
    task.ledger.lost(
      statement,
      'where this goes depends on the request; write a route for each place that it can go to',
    );
    return null;
  }
  const { scheme, authority, upstream } = place;
  const made = upstream === null ? single(task, scheme, authority) : group(task, upstream, scheme);
  if (made === null) return null;
  Object.assign(made, tlsOf(task, scheme));
  const wanted = safeName(upstream?.name ?? nameFor(task, authority));
  return named(upstreams, wanted, made);
}

interface Place {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly upstream: NginxUpstream | null;
}

/** null when it is another one for another request. */
function placeOf(task: RouteTask): Place | null {
  const { target } = task.final.handler;
  const { scheme, authority, upstream, url } = target;
  if (scheme !== null && !authority.includes('$')) return { scheme, authority, upstream };
  // What stands behind the address may well depend on the request: $request_uri.
  const address = url.replace(/(?<=[^/:])(?:\$\{?(?:request_uri|uri|document_uri|is_args|args)\}?|\/).*$/, '');
  const isFixed = [...variablesBehind(task.model, task.final, [address])].every(
    (name) => !/^\d$/.test(name) && !isBuiltin(name),
  );
  const [, asked, place] = /^(https?):\/\/(.+)$/.exec(task.to ?? '') ?? [];
  if (!isFixed || asked === undefined || place === undefined) return null;
  const named = task.model.upstreams.get(place.toLowerCase()) ?? null;
  return { scheme: asked as Place['scheme'], authority: place, upstream: named };
}

function single({ ledger, server, model }: RouteTask, scheme: string, authority: string): ImportedUpstream {
  const made: ImportedUpstream = { servers: [urlOf(scheme, authority)] };
  const resolver = valueIn(model, server, 'resolver').statements.at(-1);
  const valid = resolver?.directive.args.find((each) => each.startsWith('valid='))?.slice(6);
  if (resolver !== undefined) {
    if (valid !== undefined) made.resolve = timeOf(valid);
    ledger.kept(
      resolver,
      `names of servers are looked up every ${valid ?? '10s'} (upstreams.*.resolve), at the name server of the system`,
    );
  }
  return made;
}

function group(task: RouteTask, upstream: NginxUpstream, scheme: string): ImportedUpstream | null {
  const { ledger } = task;
  const used = upstream.servers.filter(({ backup, down }) => !backup && !down);
  const lua = ['balancer_by_lua_block', 'balancer_by_lua_file'].flatMap((name) => upstream.own.get(name) ?? []);
  for (const statement of lua)
    ledger.lost(
      statement,
      'Lua chooses the server; list the servers in the spec, and choose a balance that comes near',
    );
  if (used.length === 0 || lua.length > 0) return null;
  for (const server of upstream.servers) serverFate(task, server);
  const made: ImportedUpstream = { servers: used.map((server) => serverOf(scheme, server)) };
  const balance = balanceOf(task, upstream);
  // A name may stand for several servers.
  if (used.length > 1 || balance !== 'round-robin') made.balance = balance;
  const slow = used.flatMap(({ statement }) => parameter(statement, 'slow_start') ?? [])[0];
  if (slow !== undefined) made.slowStart = timeOf(slow);
  if (upstream.statement !== null) ledger.kept(upstream.statement, `upstreams.${safeName(upstream.name)}`);
  return made;
}

function serverOf(scheme: string, { address, weight, maxConns }: UpstreamServer): ImportedUpstream['servers'][number] {
  const url = urlOf(scheme, address);
  if (weight === 1 && maxConns === 0) return url;
  return {
    url,
    ...(weight !== 1 && { weight: Math.min(weight, 1000) }),
    ...(maxConns !== 0 && { connections: maxConns }),
  };
}

function serverFate({ ledger }: RouteTask, { statement, backup, down, maxConns }: UpstreamServer): void {
  if (backup)
    ledger.lost(
      statement,
      'the spec has no server in reserve; add it with holdline servers add when it is needed, or list it with a small weight',
    );
  else if (down) ledger.notNeeded(statement, 'it is marked down, so that it is left out');
  else {
    const checks = /max_fails|fail_timeout/.test(statement.directive.args.join(' '))
      ? '; the edge finds out by itself that a server fails (health adds checks)'
      : '';
    ledger.kept(
      statement,
      `a server of the upstream${maxConns > 0 ? ', with its bound counted over all workers' : ''}${checks}`,
    );
  }
}

function balanceOf({ ledger }: RouteTask, upstream: NginxUpstream): NonNullable<ImportedUpstream['balance']> {
  const line = (name: string): Statement | undefined => upstream.own.get(name)?.at(-1);
  const say = (name: string, text: string) => {
    const statement = line(name);
    if (statement !== undefined) ledger.kept(statement, text);
  };
  switch (upstream.balancing) {
    case 'least-conn':
      say('least_conn', 'balance: least-connections, counted over all workers');
      return 'least-connections';
    case 'ip-hash':
      say(
        'ip_hash',
        'balance: { hash: ip }; nginx takes three quarters of an IPv4 address and the edge the whole, so that clients may get another server than before',
      );
      return { hash: 'ip' };
    case 'random':
      say('random', 'balance: random-two');
      return 'random-two';
    case 'sticky':
      return stickyOf(line('sticky'), ledger);
    case 'hash':
      return hashOf(line('hash'), upstream.hashKey ?? '', ledger);
    case 'least-time':
      say('least_time', 'balance: least-connections, since how fast a server answers says little about WebSockets');
      return 'least-connections';
    default:
      return 'round-robin';
  }
}

const hashKeys: readonly (readonly [
  RegExp,
  (name: string) => { hash: 'ip' | { header?: string; cookie?: string; query?: string } },
])[] = [
  [/^\$\{?(?:binary_)?remote_addr\}?$/, () => ({ hash: 'ip' })],
  [/^\$\{?http_(\w+)\}?$/, (name) => ({ hash: { header: name.replaceAll('_', '-') } })],
  [/^\$\{?cookie_(\w+)\}?$/, (name) => ({ hash: { cookie: name } })],
  [/^\$\{?arg_(\w+)\}?$/, (name) => ({ hash: { query: name } })],
];

function hashOf(
  statement: Statement | undefined,
  key: string,
  ledger: RouteTask['ledger'],
): NonNullable<ImportedUpstream['balance']> {
  for (const [pattern, make] of hashKeys) {
    const match = pattern.exec(key);
    if (match === null) continue;
    if (statement !== undefined)
      ledger.kept(
        statement,
        'balance: hash, with the same key; which server a key leads to may be another one than before',
      );
    return make(match[1] ?? '');
  }
  if (statement !== undefined)
    ledger.lost(
      statement,
      `the edge hashes by the address, one header, one cookie or one argument, not by ${key}; it takes least-connections`,
    );
  return 'least-connections';
}

function stickyOf(
  statement: Statement | undefined,
  ledger: RouteTask['ledger'],
): NonNullable<ImportedUpstream['balance']> {
  const [how, name = ''] = statement?.directive.args ?? [];
  if (how !== 'cookie' || name === '') {
    if (statement !== undefined)
      ledger.lost(
        statement,
        `sticky ${how ?? ''} has no counterpart; the edge's own cookie leads clients back (balance: sticky-cookie)`,
      );
    return 'sticky-cookie';
  }
  const expires = parameter(statement!, 'expires');
  ledger.kept(
    statement!,
    'balance: sticky-cookie of the same name; its values are the edge’s own, so that clients choose once more',
  );
  return {
    'sticky-cookie': { name, ...(expires !== undefined && expires !== 'max' && { lifetime: timeOf(expires) }) },
  };
}

/** nginx checks no certificate unless it is told to. */
function tlsOf(task: RouteTask, scheme: string): Partial<ImportedUpstream> {
  if (scheme !== 'https') return {};
  const { model, final, ledger } = task;
  const verify = valueIn(model, final, 'proxy_ssl_verify');
  const trusted = valueIn(model, final, 'proxy_ssl_trusted_certificate');
  for (const statement of verify.statements) ledger.kept(statement, 'upstreams.*.verifyTls');
  for (const statement of trusted.statements) ledger.kept(statement, 'upstreams.*.ca');
  if (verify.text !== 'on') return { verifyTls: false };
  return trusted.text === null ? {} : { ca: fileOf(task, trusted.text) };
}

/** nginx takes files from beside nginx.conf. */
export function fileOf({ prefix }: Pick<RouteTask, 'prefix'>, written: string): string {
  return written.startsWith('/') ? written : prefix + written;
}

function urlOf(scheme: string, address: string): string {
  if (address.startsWith('unix:')) return address.replace(/:$/, '');
  return `${scheme}://${address}`;
}

function parameter({ directive }: Statement, name: string): string | undefined {
  return directive.args.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
}

function timeOf(text: string): string {
  return formatDuration((parseTimeSeconds(text) ?? 10) * 1000);
}

/** A direct address has no name; what the location is called says more than the address. */
function nameFor({ entry, server }: RouteTask, authority: string): string {
  const host = /^[a-z][\w-]*(?=[.:]|$)/i.exec(authority)?.[0];
  if (host !== undefined && host !== 'localhost' && host !== 'unix') return host;
  const word = entry.pattern.split(/[^a-z0-9_-]+/i).find((each) => /^[a-z]/i.test(each));
  const first = server.names.find((name) => /^[a-z]/i.test(name))?.split('.')[0];
  return word ?? first ?? 'app';
}

function safeName(name: string): string {
  const safe = name.replace(/[^a-z0-9._-]+/gi, '-').replace(/^[^a-z]+/i, '');
  return safe === '' ? 'app' : safe;
}

/** The same servers under the same policy are one upstream; another one of that name gets a number. */
function named(upstreams: NamedUpstreams, wanted: string, made: ImportedUpstream): string {
  const same = [...upstreams].find(([, other]) => JSON.stringify(other) === JSON.stringify(made));
  if (same !== undefined) return same[0];
  let name = wanted;
  for (let number = 2; upstreams.has(name); number++) name = `${wanted}-${number}`;
  upstreams.set(name, made);
  return name;
}
