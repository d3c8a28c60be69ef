/** Server blocks: one for each host that routes name, one for all others, and the status page. */
import { formatDuration, formatSize } from '../../base/units.ts';
import type { AddressSpec, ListenSpec } from '../../spec/model.ts';
import { has } from './gates.ts';
import { location, why } from './locations.ts';
import { accessLog } from './log.ts';
import { blockNode, type GeneratedLine, line, type Node } from './nodes.ts';
import { openingLocation } from './openings.ts';
import type { GenerateTask, NumberedRoute } from './site.ts';

export function servers(task: GenerateTask): Node[] {
  const hosts = hostsOf(task.routes);
  const anyHost = task.routes.filter(({ match }) => match.host === null);
  return [
    ...(anyHost.length > 0 ? server(task, null, distinct(anyHost)) : otherHosts(task)),
    ...hosts.flatMap((host) => server(task, host, routesFor(task.routes, host))),
    ...statusServer(task),
  ];
}

/** Directives that may stand in http or in a server: a whole configuration has them once, a fragment in each server of its own. */
export function common(task: GenerateTask): GeneratedLine[] {
  const { plan, site } = task;
  const { clientHeaderTimeout, sendTimeout } = plan.timeouts;
  const { clientHeaderBufferSize, largeClientHeaderBufferSize } = plan.buffers;
  return [
    accessLog(task),
    line(clientHeaderTimeout.name, [formatDuration(clientHeaderTimeout.value)], why(clientHeaderTimeout)),
    line(sendTimeout.name, [formatDuration(sendTimeout.value)], why(sendTimeout)),
    line(
      'reset_timedout_connection',
      ['on'],
      'a client that stopped reading has up to 4 MB waiting for it in the kernel; a reset gives them back at once',
    ),
    line(
      'request_pool_size',
      ['1k'],
      'what nginx knows of a handshake is held until the close, in blocks of this size; measured, 18.7 kB for each connection instead of 22.3 kB with blocks of 4k, because less of the last block is empty',
    ),
    ...(clientHeaderBufferSize.value === 1_024
      ? []
      : [line(clientHeaderBufferSize.name, [formatSize(clientHeaderBufferSize.value)], why(clientHeaderBufferSize))]),
    ...(largeClientHeaderBufferSize.value === 8_192
      ? []
      : [
          line(
            largeClientHeaderBufferSize.name,
            [4, formatSize(largeClientHeaderBufferSize.value)],
            why(largeClientHeaderBufferSize),
          ),
        ]),
    ...realIp(task),
    ...tls(task),
    ...(site.listen.some((listen) => listen.tls !== null) && has(plan.version, 'http2Directive')
      ? [
          line(
            'http2',
            ['on'],
            'for the requests beside the WebSockets; browsers open a connection of HTTP/1.1 for each WebSocket, because nginx has no RFC 8441',
          ),
        ]
      : []),
  ];
}

function server(task: GenerateTask, host: string | null, routes: readonly NumberedRoute[]): Node[] {
  return [
    { heading: host === null ? 'Every host that has no server of its own.' : `${host}.` },
    blockNode('server', [], host === null ? 'for any host' : `for ${host}`, [
      ...task.site.listen.map((listen) => listenLine(task, listen, host === null)),
      line(
        'server_name',
        [host ?? '_'],
        host === null
          ? 'a name that no host has: this server answers because it is the default'
          : 'the host that clients ask for',
      ),
      ...certificate(task),
      ...(task.form === 'fragment' ? common(task) : []),
      ...openingLocation(task),
      ...longestFirst(routes).flatMap((route) => location(task, route)),
      ...(routes.some(({ match }) => isRoot(match.path)) ? [] : [nothingHere]),
    ]),
  ];
}

const nothingHere = blockNode('location', ['/'], 'no route has this path; without this nginx would look for files', [
  line('return', [404], 'nothing is here'),
]);

/** Hosts that nobody named must not end up with the first server of the file. */
function otherHosts(task: GenerateTask): Node[] {
  const secure = task.site.listen.some((listen) => listen.tls !== null);
  const rejects = secure && has(task.plan.version, 'rejectHandshake');
  return [
    { heading: 'Hosts that no route names.' },
    blockNode('server', [], 'the default, so that an unknown host does not get the first server of the file', [
      ...task.site.listen.map((listen) => listenLine(task, listen, true)),
      line('server_name', ['_'], 'a name that no host has'),
      ...(rejects ? [line('ssl_reject_handshake', ['on'], 'no certificate fits a host that is not served')] : []),
      ...(secure && !rejects ? certificate(task) : []),
      // TLS versions and the session cache of a socket are those of its default server.
      ...(task.form === 'fragment' ? common(task) : []),
      line('return', [404], 'no such host here'),
    ]),
  ];
}

/** Options of a socket stand once, with the default server; nginx refuses to start when two lines differ. */
function listenLine(
  task: GenerateTask,
  { address, tls: secure, proxyProtocol }: ListenSpec,
  isDefault: boolean,
): GeneratedLine {
  const { plan } = task;
  const { backlog, workers } = plan.workers;
  const reuse = isDefault && workers.value > 1 && !has(plan.version, 'evenAccept');
  const keepalive = isDefault && plan.workload.heartbeat === null;
  const reasons = [
    ...(isDefault ? [`backlog: ${why(backlog)}`] : ['the socket’s options stand with its default server']),
    ...(reuse ? ['reuseport: a socket for each worker, because before 1.21.6 connections pile up on one of them'] : []),
    ...(keepalive
      ? [
          'so_keepalive: nobody sends a heartbeat, so the kernel finds out within 3 minutes that a silent client is gone',
        ]
      : []),
    ...(secure !== null && !has(plan.version, 'http2Directive')
      ? ['http2: for the requests beside the WebSockets; browsers open a connection of HTTP/1.1 for each WebSocket']
      : []),
    ...(proxyProtocol ? ['proxy_protocol: the proxy in front says who the client is'] : []),
  ];
  return line(
    'listen',
    [
      formatListen(address),
      ...(secure === null ? [] : ['ssl']),
      ...(secure !== null && !has(plan.version, 'http2Directive') ? ['http2'] : []),
      ...(proxyProtocol ? ['proxy_protocol'] : []),
      ...(isDefault ? ['default_server', `backlog=${backlog.value}`] : []),
      ...(reuse ? ['reuseport'] : []),
      ...(keepalive ? ['so_keepalive=1m:30s:4'] : []),
    ],
    reasons.join('; '),
  );
}

function formatListen({ host, port, unix }: AddressSpec): string {
  if (unix !== undefined) return `unix:${unix.path}`;
  if (host === '0.0.0.0' || host === '*') return String(port);
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where a spec gives each listener a certificate of its own, a server of nginx has room for the first one of each kind of key. */
function certificate({ site }: GenerateTask): GeneratedLine[] {
  const found = site.listen.find((listen) => listen.tls !== null)?.tls;
  if (found === undefined || found === null) return [];
  return [
    line(
      'ssl_certificate',
      [found.cert],
      'with its intermediates; ECDSA P-256 signs 14 times as fast as RSA-2048, and everybody signs again after a cut',
    ),
    line('ssl_certificate_key', [found.key], 'readable for root alone'),
  ];
}

function tls({ plan, site }: GenerateTask): GeneratedLine[] {
  const { sslBufferSize } = plan.buffers;
  const { sessionCache } = plan.memory;
  if (!site.listen.some((listen) => listen.tls !== null) || sslBufferSize === null || sessionCache === null) return [];
  return [
    ...(has(plan.version, 'modernTls')
      ? []
      : [
          line(
            'ssl_protocols',
            ['TLSv1.2', 'TLSv1.3'],
            'this version’s default has 1.0 and 1.1 in it, and before 1.23.4 not 1.3',
          ),
        ]),
    line('ssl_session_cache', [`shared:websocket:${formatSize(sessionCache.value)}`], why(sessionCache)),
    line(
      'ssl_session_timeout',
      ['1d'],
      'a socket that lived for hours comes back after it drops, and should not have to sign anew; the default is 5 minutes',
    ),
    ...(has(plan.version, 'sharedTicketKeys')
      ? []
      : [
          line(
            'ssl_session_tickets',
            ['off'],
            'this version makes ticket keys at each reload and never changes them in between; without tickets sessions resume from the shared cache',
          ),
        ]),
    line(sslBufferSize.name, [formatSize(sslBufferSize.value)], why(sslBufferSize)),
  ];
}

function realIp({ site }: GenerateTask): GeneratedLine[] {
  if (site.trustedProxies.length === 0) return [];
  const proxied = site.listen.some(({ proxyProtocol }) => proxyProtocol);
  return [
    ...site.trustedProxies.map((block) =>
      line('set_real_ip_from', [block], 'a proxy whose word for the client’s address is taken'),
    ),
    line(
      'real_ip_header',
      [proxied ? 'proxy_protocol' : 'X-Forwarded-For'],
      'limits for each address and the log mean the client, not the proxy in front',
    ),
    ...(proxied
      ? []
      : [
          line(
            'real_ip_recursive',
            ['on'],
            'the last address that is not a trusted proxy; what the client wrote further left is not believed',
          ),
        ]),
  ];
}

function statusServer({ form, site }: GenerateTask): Node[] {
  if (form === 'fragment' || site.status === null) return [];
  return [
    { heading: 'Counters for this host alone; each upgraded connection is one active and one writing.' },
    blockNode('server', [], 'a server of its own, on loopback, so that no route can reach it', [
      line('listen', [formatListen(site.status)], 'loopback: nobody else’s business'),
      line('server_name', ['localhost'], 'whoever asks is on this host'),
      line('access_log', ['off'], 'whoever watches asks every few seconds'),
      blockNode('location', ['=', '/nginx_status'], 'accepts − handled above 0 means that worker_connections ran out', [
        line(
          'stub_status',
          [],
          'active, accepted, handled, reading, writing, waiting; all workers and generations together',
        ),
      ]),
      nothingHere,
    ]),
  ];
}

function hostsOf(routes: readonly NumberedRoute[]): string[] {
  return [...new Set(routes.flatMap(({ match }) => (match.host === null ? [] : [match.host.toLowerCase()])))];
}

/**
 * All routes that a request for the host may take: nginx chooses a server by the host and never looks into another. The host's own
 * routes come first, then those of wildcards that cover it (longest first), then those for any host; where an earlier one takes a
 * path, a later one below that path is never reached.
 */
function routesFor(routes: readonly NumberedRoute[], host: string): NumberedRoute[] {
  const rank = ({ match }: NumberedRoute) => {
    const written = match.host?.toLowerCase();
    return written === undefined ? 0 : written === host ? Number.POSITIVE_INFINITY : written.length;
  };
  const matching = routes.filter(({ match }) => match.host === null || covers(match.host.toLowerCase(), host));
  return matching.filter((route) =>
    matching.every((other) => {
      if (other === route || rank(other) < rank(route)) return true;
      if (rank(other) > rank(route)) return !isBelow(route, other);
      return other.number > route.number || bare(other.match.path) !== bare(route.match.path);
    }),
  );
}

/** Of two routes with the same path the first one counts. */
function distinct(routes: readonly NumberedRoute[]): NumberedRoute[] {
  return routes.filter(
    (route) =>
      !routes.some((other) => other.number < route.number && bare(other.match.path) === bare(route.match.path)),
  );
}

function isBelow(route: NumberedRoute, other: NumberedRoute): boolean {
  return `${bare(route.match.path)}/`.startsWith(`${bare(other.match.path)}/`);
}

function bare(path: string): string {
  return path.replace(/\/+$/, '');
}

function covers(written: string, host: string): boolean {
  return written === host || (written.startsWith('*.') && host.endsWith(written.slice(1)));
}

/** nginx takes the first regular expression that matches. */
function longestFirst(routes: readonly NumberedRoute[]): NumberedRoute[] {
  return routes.toSorted((a, b) => b.match.path.length - a.match.path.length || a.number - b.number);
}

function isRoot(path: string): boolean {
  return bare(path) === '';
}
