/** A route as a location: who may, how much, where to, with which headers, for how long. */
import { formatDuration, formatSize } from '../../base/units.ts';
import type { Figure } from '../../plan/nginx/figure.ts';
import type { UpstreamSpec } from '../../spec/model/upstream.ts';
import type { AuthorizeSpec } from '../../spec/model.ts';
import { has } from './gates.ts';
import { limitLines } from './limits.ts';
import { accessLog, reportLog } from './log.ts';
import {
  connectionMapVariable,
  escapeRegex,
  refusedVariable,
  schemeVariable,
  sourceVariable,
  stickyCookieVariable,
  upgradeVariable,
  variablePart,
} from './maps.ts';
import { blockNode, type GeneratedLine, line, type Node } from './nodes.ts';
import { openingLines } from './openings.ts';
import { checksOrigin, type GenerateTask, isSticky, type NumberedRoute, upstreamOf } from './site.ts';

export function location(task: GenerateTask, route: NumberedRoute): Node[] {
  const path = route.match.path.replace(/\/+$/, '');
  const upstream = upstreamOf(task.site, route)!;
  return [
    blockNode(
      'location',
      path === '' ? ['/'] : ['~', `^${escapeRegex(path)}(?:/|$)`],
      path === ''
        ? 'every path that no other location takes'
        : `${path} and what is below it, no other name that begins the same; a prefix with a slash at its end would answer ${path} with a redirect, which WebSocket clients do not follow`,
      [
        ...openingLines(task, route),
        ...originLines(task, route),
        ...limitLines(task, route),
        ...authorizeLines(route),
        ...proxyLines(task, route, upstream),
        ...timeoutLines(task, upstream),
        ...bufferLines(task),
      ],
    ),
    ...authorizeLocation(task, route),
  ];
}

/** What a planned number's comment says: the reason, and the sum where there is one. */
export function why(figure: Figure): string {
  return figure.arithmetic.includes(' = ') ? `${figure.because}: ${figure.arithmetic}` : figure.because;
}

function originLines(task: GenerateTask, route: NumberedRoute): Node[] {
  if (!checksOrigin(route)) return [];
  const refused = refusedVariable(route);
  // Whoever follows the log holds the origins against the list itself.
  if (route.origins.mode === 'report')
    return task.site.tellsOpenings === true ? [] : [accessLog(task), reportLog(task, refused)];
  return [
    blockNode(
      'if',
      [`(${refused})`],
      'return is safe in an if; the page sees a failed connection, and no server is troubled',
      [line('return', [403], 'the list of origins does not have it')],
    ),
  ];
}

function authorizeLines({ number, handshake: { authorize } }: NumberedRoute): GeneratedLine[] {
  if (authorize === null) return [];
  return [
    line(
      'auth_request',
      [authorizePath(number)],
      'the authorizer decides before the server is asked: 2xx goes on, 401 and 403 go to the client',
    ),
    ...authorize.headers.map((name) =>
      line(
        'auth_request_set',
        [authorizedVariable(number, name), `$upstream_http_${underscored(name)}`],
        `what the authorizer says in ${name}`,
      ),
    ),
  ];
}

function proxyLines(
  { site, plan }: GenerateTask,
  { number, handshake }: NumberedRoute,
  upstream: UpstreamSpec,
): GeneratedLine[] {
  const secure = upstream.servers[0]!.url.startsWith('https:');
  const header = (name: string, value: string, because: string) => line('proxy_set_header', [name, value], because);
  return [
    line(
      'proxy_pass',
      [`${secure ? 'https' : 'http'}://${upstream.name}`],
      'without a path behind it, so the path goes on as it came',
    ),
    ...(has(plan.version, 'http11Upstream')
      ? []
      : [
          line(
            'proxy_http_version',
            ['1.1'],
            'the handshake of RFC 6455 is HTTP/1.1, and this version would speak 1.0',
          ),
        ]),
    header(
      'Upgrade',
      upgradeVariable,
      'belongs to one hop, so nginx drops it unless it is set; the map passes websocket and nothing else',
    ),
    header(
      'Connection',
      connectionMapVariable,
      'upgrade for a handshake, left out otherwise; all headers stand here, because one line here would hide any set further out',
    ),
    header('Host', '$http_host', 'what the client asked for, with its port: servers compare it with Origin'),
    header('X-Real-IP', '$remote_addr', 'the client as nginx sees it; what the client itself wrote there is gone'),
    header(
      'X-Forwarded-For',
      '$remote_addr',
      'one address that can be believed, instead of a list that begins with what the client wrote',
    ),
    header(
      'X-Forwarded-Proto',
      site.trustedProxies.length > 0 ? schemeVariable : '$scheme',
      'http or https, as the client speaks it: servers compare it with Origin, and set Secure on cookies',
    ),
    ...(handshake.authorize?.headers ?? []).map((name) =>
      header(
        name,
        authorizedVariable(number, name),
        'from the authorizer; a client’s own is replaced, or left out when the authorizer says nothing',
      ),
    ),
    ...(isSticky(site, upstream) && !has(plan.version, 'sticky')
      ? [
          line(
            'add_header',
            ['Set-Cookie', stickyCookieVariable(upstream.name), 'always'],
            'always, because without it nginx adds nothing to a 101',
          ),
        ]
      : []),
    ...bindLines(site.bind),
    ...(secure ? tlsLines(site.paths.authorities, upstream, has(plan.version, 'modernTls')) : []),
  ];
}

function bindLines(bind: readonly string[]): GeneratedLine[] {
  if (bind.length === 0) return [];
  const because =
    'the local address of the connection to the server; nginx lets the kernel use a port once for each server';
  return [line('proxy_bind', [bind.length === 1 ? bind[0]! : sourceVariable], because)];
}

function tlsLines(authorities: string, { servers, verifyTls }: UpstreamSpec, modern: boolean): GeneratedLine[] {
  const { hostname } = new URL(servers[0]!.url);
  return [
    ...(modern
      ? []
      : [line('proxy_ssl_protocols', ['TLSv1.2', 'TLSv1.3'], 'this version’s default has 1.0 and 1.1 in it')]),
    line('proxy_ssl_name', [hostname.replace(/^\[|\]$/g, '')], 'otherwise it would be the name of the group'),
    line(
      'proxy_ssl_server_name',
      ['on'],
      'sends the name in the TLS handshake; servers with several certificates need it',
    ),
    ...(verifyTls
      ? [
          line('proxy_ssl_verify', ['on'], 'encryption to an unchecked server keeps nobody out; off by default'),
          line('proxy_ssl_verify_depth', [3], 'one intermediate is the default, and public chains have had two'),
          line('proxy_ssl_trusted_certificate', [authorities], 'whose signatures count'),
        ]
      : []),
  ];
}

function timeoutLines({ plan, site }: GenerateTask, upstream: UpstreamSpec): GeneratedLine[] {
  const { proxyReadTimeout, proxySendTimeout, proxyConnectTimeout } = plan.timeouts;
  const timed = (figure: Figure) => line(figure.name, [formatDuration(figure.value)], why(figure));
  return [
    timed(proxyReadTimeout),
    timed(proxySendTimeout),
    timed(proxyConnectTimeout),
    ...(upstream.servers.length > 1
      ? [
          line(
            'proxy_next_upstream_timeout',
            ['15s'],
            `${upstream.servers.length} servers with ${formatDuration(proxyConnectTimeout.value)} each could keep a client waiting; after two or three it is told`,
          ),
        ]
      : []),
    // Without a heartbeat the kernel is the only one to notice that a peer is gone before the idle timeout.
    ...(plan.workload.heartbeat === null && has(plan.version, 'serverKeepalive') && !site.upstreams.every(isUnix)
      ? [
          line(
            'proxy_socket_keepalive',
            ['on'],
            'nobody sends a heartbeat, so the kernel asks whether the server is there; it begins after tcp_keepalive_time',
          ),
        ]
      : []),
  ];
}

function isUnix({ servers }: UpstreamSpec): boolean {
  return servers.every(({ url }) => url.startsWith('unix:'));
}

function bufferLines({ plan }: GenerateTask): GeneratedLine[] {
  const { proxyBufferSize, proxyBuffersCount } = plan.buffers;
  const size = formatSize(proxyBufferSize.value);
  return [
    line(proxyBufferSize.name, [size], why(proxyBufferSize)),
    ...(proxyBuffersCount === null
      ? []
      : [line(proxyBuffersCount.name, [proxyBuffersCount.value, size], proxyBuffersCount.because)]),
  ];
}

function authorizePath(number: number): string {
  return `/_may_upgrade_${number}`;
}

function authorizedVariable(number: number, header: string): string {
  return `$websocket_authorized_${number}_${variablePart(header)}`;
}

function underscored(header: string): string {
  return header.toLowerCase().replaceAll('-', '_');
}

function authorizeLocation({ site, plan }: GenerateTask, { number, handshake: { authorize } }: NumberedRoute): Node[] {
  if (authorize === null) return [];
  const header = (name: string, value: string, because: string) => line('proxy_set_header', [name, value], because);
  return [
    blockNode(
      'location',
      ['=', authorizePath(number)],
      'the question to the authorizer; nobody outside can ask for this path',
      [
        line('internal', [], 'for subrequests alone'),
        blockNode(
          'if',
          [`(${upgradeVariable}`, '=', '', ')'],
          'ordinary requests beside the WebSockets are not the authorizer’s to decide',
          [line('return', [204], 'go on')],
        ),
        line('proxy_pass', [authorize.url], 'the authorizer'),
        ...(has(plan.version, 'http11Upstream')
          ? []
          : [line('proxy_http_version', ['1.1'], 'this version would speak 1.0')]),
        line('proxy_pass_request_body', ['off'], 'a handshake has none'),
        header('Content-Length', '', 'there is no body'),
        header('Upgrade', '', 'the question is an ordinary request'),
        header('Connection', '', 'and says nothing of its connection'),
        header('X-Original-URI', '$request_uri', 'what the client asked for, with its query'),
        header('X-Original-Method', '$request_method', 'always GET for a handshake'),
        header('X-Real-IP', '$remote_addr', 'the client as nginx sees it'),
        header('X-Forwarded-For', '$remote_addr', 'one address that can be believed'),
        header(
          'X-Forwarded-Proto',
          site.trustedProxies.length > 0 ? schemeVariable : '$scheme',
          'as the client speaks it',
        ),
        ...timing(authorize),
      ],
    ),
  ];
}

function timing({ timeoutMs }: AuthorizeSpec): GeneratedLine[] {
  const time = formatDuration(timeoutMs);
  return [
    line('proxy_connect_timeout', [time], 'an answer that takes longer is none'),
    line('proxy_read_timeout', [time], 'an answer that takes longer is none; the client gets 500'),
  ];
}
