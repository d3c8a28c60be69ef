/** Faults that show only when several statements are seen together. */

import { isSince, type NginxVersion } from '../../base/nginx-version.ts';
import { readable } from '../syntax/bytes.ts';
import { whereIn, whereOf } from '../syntax/place.ts';
import type { Report } from '../syntax/report.ts';
import type { Configuration, Directive, Statement } from '../syntax/tree.ts';

export interface StructureOptions {
  readonly report: Report;
  readonly target: NginxVersion;
  /** Only then can something be called missing. */
  readonly complete: boolean;
}

export function checkStructure(configuration: Configuration, { report, target, complete }: StructureOptions): void {
  const named = (statements: readonly Statement[], name: string) =>
    statements.filter(({ directive }) => directive.name === name);
  if (complete && named(configuration.statements, 'events').length === 0) {
    const message = 'no "events" section in configuration';
    const where = whereIn(configuration.root, { start: 0, end: 0 });
    report.add('nginx-block-expected', { message, where, help: 'add "events {}"; nginx does not start without one' });
  }
  const https = named(configuration.statements, 'http');
  const httpLevel =
    configuration.context.length === 1 && configuration.context[0] === 'http' ? configuration.statements : [];
  for (const statements of [...https.map(({ children }) => children), httpLevel]) {
    const servers = named(statements, 'server');
    for (const server of servers) checkLocations(server.children, null, report);
    const upstreams = named(statements, 'upstream');
    checkUpstreams(upstreams, report, complete);
    const resolverAround = named(statements, 'resolver').length > 0;
    for (const upstream of upstreams) {
      checkOrder(upstream, report, target);
      if (complete) checkResolve(upstream, resolverAround, report);
    }
    if (complete) checkCertificates(statements, servers, report);
  }
}

function checkUpstreams(upstreams: readonly Statement[], report: Report, complete: boolean): void {
  const first = new Map<string, Statement>();
  for (const upstream of upstreams) {
    const name = upstream.directive.args[0]?.toLowerCase();
    if (name === undefined) continue;
    const earlier = first.get(name);
    if (earlier !== undefined) reportDuplicate(report, `duplicate upstream "${readable(name)}"`, upstream, earlier);
    else first.set(name, upstream);
    const has = (word: string) => upstream.children.some(({ directive }) => directive.name === word);
    if (complete && !has('server') && !has('state')) {
      const message = `no servers are inside upstream "${readable(name)}"`;
      report.add('nginx-block-expected', { message, where: whereOf(upstream.directive), help: 'add a "server" line' });
    }
  }
}

const methods = new Set(['least_conn', 'ip_hash', 'hash', 'random', 'least_time']);

/** ngx_http_upstream_least_conn and its siblings: keepalive has taken the place of the method by then. */
function checkOrder({ children }: Statement, report: Report, target: NginxVersion): void {
  let method: Statement | null = null;
  let keepalive: Statement | null = null;
  for (const statement of children) {
    const { directive } = statement;
    if (directive.name === 'keepalive') keepalive ??= statement;
    if (!methods.has(directive.name)) continue;
    const earlier = method ?? (isSince(target, [1, 29, 7]) ? null : keepalive);
    if (earlier !== null) {
      const message = `"${directive.name}" stands behind "${earlier.directive.name}", and nginx warns: load balancing method redefined`;
      const related = [{ message: 'the earlier line', where: whereOf(earlier.directive) }];
      report.add('nginx-upstream-order', { message, where: whereOf(directive), related });
    }
    method = statement;
  }
}

/** ngx_http_upstream_init_round_robin: names are looked up by one worker for all, and that takes shared memory. */
function checkResolve({ directive, children }: Statement, resolverAround: boolean, report: Report): void {
  const at = children.find((each) => each.directive.name === 'server' && each.directive.args.includes('resolve'));
  if (at === undefined) return;
  const has = (name: string) => children.some((each) => each.directive.name === name);
  const lacks = [...(has('zone') ? [] : ['zone']), ...(resolverAround || has('resolver') ? [] : ['resolver'])];
  if (lacks.length === 0) return;
  const message = `"resolve" needs a ${lacks.join(' and a ')}, and upstream "${readable(directive.args[0] ?? '')}" has none`;
  report.add('nginx-resolve-needs', { message, where: whereOf(at.directive) });
}

interface LocationName {
  readonly modifier: string;
  readonly path: string;
}

/** The modifier and the rest, whether they are one word or two (ngx_http_core_location). */
export function locationName(args: readonly string[]): LocationName {
  if (args.length > 1) return { modifier: args[0]!, path: args[1]! };
  const written = args[0] ?? '';
  const modifier = /^(?:=|\^~|~\*?|@)/.exec(written)?.[0] ?? '';
  return { modifier, path: modifier === '@' ? written : written.slice(modifier.length) };
}

function checkLocations(statements: readonly Statement[], outer: LocationName | null, report: Report): void {
  const first = new Map<string, Statement>();
  for (const statement of statements) {
    const { directive, children } = statement;
    if (directive.name !== 'location' || directive.args.length < 1 || directive.args.length > 2) continue;
    const name = locationName(directive.args);
    const isRegex = name.modifier.startsWith('~');
    const key = `${name.modifier === '^~' ? '' : name.modifier} ${name.path}`;
    const earlier = first.get(key);
    if (earlier !== undefined && !isRegex && name.modifier !== '@' && !directive.file.template)
      reportDuplicate(report, `duplicate location "${readable(name.path)}"`, statement, earlier);
    else first.set(key, statement);
    if (outer !== null) checkNesting(directive, name, outer, report);
    if (children.some(isLocation)) checkLocations(children, name, report);
  }
}

function isLocation({ directive }: Statement): boolean {
  return directive.name === 'location';
}

function checkNesting(directive: Directive, name: LocationName, outer: LocationName, report: Report): void {
  const inner = readable(name.path);
  const around = readable(outer.path);
  let message: string | null = null;
  if (outer.modifier === '=') message = `location "${inner}" cannot be inside the exact location "${around}"`;
  else if (outer.modifier === '@') message = `location "${inner}" cannot be inside the named location "${around}"`;
  else if (name.modifier === '@') message = `named location "${inner}" can be on the server level only`;
  else if (!name.modifier.startsWith('~') && !name.path.startsWith(outer.path))
    message = `location "${inner}" is outside location "${around}"`;
  if (message !== null) report.add('nginx-directive-misplaced', { message, where: whereOf(directive) });
}

/** TLS needs a certificate: of the server for `ssl on`, of the address's default server for `listen … ssl`. */
function checkCertificates(http: readonly Statement[], servers: readonly Statement[], report: Report): void {
  const outer = new Map(http.map(({ directive }) => [directive.name, directive]));
  const find = (server: Statement, name: string) =>
    server.children.findLast(({ directive }) => directive.name === name)?.directive ?? outer.get(name);
  const has = (server: Statement, name: string) => find(server, name) !== undefined;
  const isOn = (server: Statement, name: string) => find(server, name)?.args[0]?.toLowerCase() === 'on';
  const missing = (directive: Directive, forWhat: string) =>
    report.add('nginx-invalid-value', {
      message: `no "ssl_certificate" is defined for the "${forWhat}" directive`,
      where: whereOf(directive),
      help: 'add ssl_certificate and ssl_certificate_key to the server',
    });
  const defaults = new Map<
    string,
    { readonly server: Statement; readonly listen: Directive; readonly marked: boolean }
  >();
  for (const server of servers) {
    const ssl = find(server, 'ssl');
    if (ssl !== undefined && isOn(server, 'ssl') && !has(server, 'ssl_certificate')) missing(ssl, 'ssl');
    for (const { directive: listen } of server.children) {
      if (listen.name !== 'listen' || listen.args.length === 0) continue;
      const address = listen.args[0]!.replace(/^\*:|^0\.0\.0\.0:/, '');
      const marked = listen.args.includes('default_server') || listen.args.includes('default');
      const known = defaults.get(address);
      if (known === undefined || (marked && !known.marked)) defaults.set(address, { server, listen, marked });
    }
  }
  for (const { server, listen } of defaults.values())
    if (listen.args.includes('ssl') && !has(server, 'ssl_certificate') && !isOn(server, 'ssl_reject_handshake'))
      missing(listen, 'listen ... ssl');
}

function reportDuplicate(report: Report, message: string, statement: Statement, earlier: Statement): void {
  report.add('nginx-duplicate-directive', {
    message,
    where: whereOf(statement.directive),
    related: [{ message: 'the first one', where: whereOf(earlier.directive) }],
  });
}
