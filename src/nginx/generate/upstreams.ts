/**
 * Groups of servers: shared counting, balancing, and idle connections for the ordinary requests beside the WebSockets.
 */
import type { UpstreamSpec } from '../../spec/model/upstream.ts';
import { has } from './gates.ts';
import { keyVariable, mapBlock, stickyCookieName, stickyCookieVariable, stickyVariable } from './maps.ts';
import { blockNode, entry, type GeneratedLine, line, type Node } from './nodes.ts';
import { type GenerateTask, hashVariable, hasTls, isSticky } from './site.ts';

export function upstreams(task: GenerateTask): Node[] {
  const used = task.site.upstreams.filter(({ name }) => task.routes.some(({ upstream }) => upstream === name));
  return used.flatMap((upstream) => [
    { heading: `The servers of ${upstream.name}.` },
    ...stickyMaps(task, upstream),
    blockNode(
      'upstream',
      [upstream.name],
      'a group even for one server: only a group keeps idle connections and shares its state',
      [
        line(
          'zone',
          [upstream.name, `${zoneKb(upstream)}k`],
          'workers share what they know of the servers; without a zone each counts for itself, and least_conn and max_conns are wrong by the number of workers',
        ),
        ...balancing(task, upstream),
        ...servers(task, upstream),
        ...following(task, upstream),
      ],
    ),
  ]);
}

/** How many a server may take in a zone: an address, its name and counters, for the sockets of IPv4 and IPv6. */
const kbPerServer = 2;

function zoneKb({ servers }: UpstreamSpec): number {
  return Math.max(64, Math.ceil((32 + kbPerServer * servers.length) / 64) * 64);
}

const leastConnections =
  'connections live for hours, so turns would leave a server that came back half empty; a reload forgets the counts of the old workers';

function balancing(task: GenerateTask, upstream: UpstreamSpec): GeneratedLine[] {
  const { site, plan } = task;
  if (upstream.servers.length < 2) return [];
  if (isSticky(site, upstream) && !has(plan.version, 'sticky'))
    return [
      line(
        'hash',
        [stickyVariable(upstream.name), 'consistent'],
        'the client’s cookie leads it back to its server, which polling transports need; consistent, so that a changed list moves few',
      ),
    ];
  switch (upstream.balance.kind) {
    case 'round-robin':
    // nginx has a directive of its own for it, where its version does, and a hash over the cookie otherwise: above.
    case 'sticky-cookie':
      return [];
    case 'least-connections':
      return [line('least_conn', [], leastConnections)];
    case 'random-two':
      return [
        line(
          'random',
          ['two', 'least_conn'],
          'the emptier of two taken at random: no herd runs to a server that has just come back',
        ),
      ];
    case 'hash':
      return [
        line(
          'hash',
          [hashVariable(upstream) === null ? '$remote_addr' : keyVariable(upstream.name), 'consistent'],
          'the same key, the same server; consistent, so that a changed list moves few. ip_hash would take a whole /24 for one client',
        ),
      ];
  }
}

function servers({ site, plan }: GenerateTask, upstream: UpstreamSpec): GeneratedLine[] {
  const resolves = site.resolvers.length > 0 && has(plan.version, 'resolve');
  return upstream.servers.map(({ url, weight, connectionsMax }) =>
    line(
      'server',
      [
        serverAddressOf(url),
        ...(weight === 1 ? [] : [`weight=${weight}`]),
        ...(connectionsMax === null ? [] : [`max_conns=${connectionsMax}`]),
        ...(serviceOf(url) === null ? [] : [`service=${serviceOf(url)!.service}`]),
        ...(resolves && isName(url) ? ['resolve'] : []),
      ],
      [
        'a server; one failed connect takes it out for 10 seconds, a WebSocket that drops later is never held against it',
        ...(connectionsMax === null ? [] : ['max_conns counts WebSockets too, those of old workers apart']),
        ...(resolves && isName(url) ? ['resolve follows its name while nginx runs'] : []),
      ].join('; '),
    ),
  );
}

/** Lines that have to come behind the way of balancing. */
function following(task: GenerateTask, upstream: UpstreamSpec): GeneratedLine[] {
  const { site, plan } = task;
  const named = upstream.servers.some(({ url }) => isName(url));
  const pool = plan.workers.keepalivePool;
  return [
    ...(has(plan.version, 'resolve') && site.resolvers.length > 0 && named
      ? [
          line(
            'resolver',
            site.resolvers,
            'asked again when an answer has expired; nginx does not read /etc/resolv.conf',
          ),
        ]
      : []),
    ...(isSticky(site, upstream) && has(plan.version, 'sticky')
      ? [
          line(
            'sticky',
            [
              'cookie',
              stickyCookieName(upstream.name),
              'path=/',
              'httponly',
              'samesite=lax',
              ...(hasTls(site) ? ['secure'] : []),
            ],
            'a cookie of nginx’s own leads a client back to its server, which polling transports need',
          ),
        ]
      : []),
    ...(has(plan.version, 'http11Upstream') ? [] : [line('keepalive', [pool.value], pool.because)]),
  ];
}

/** What `sticky` does, for versions without it. */
function stickyMaps({ site, plan }: GenerateTask, upstream: UpstreamSpec): Node[] {
  if (!isSticky(site, upstream) || has(plan.version, 'sticky')) return [];
  const cookie = stickyCookieName(upstream.name);
  const secure = hasTls(site) ? '; Secure' : '';
  return [
    mapBlock(
      `$cookie_${cookie}`,
      stickyVariable(upstream.name),
      'a client that comes back shows its cookie; a new one gets a random key',
      [entry('', '$request_id')],
      `$cookie_${cookie}`,
    ),
    mapBlock(
      `$cookie_${cookie}`,
      stickyCookieVariable(upstream.name),
      'the key of a new client becomes its cookie; an empty header is not sent',
      [entry('', `${cookie}=$request_id; Path=/; HttpOnly; SameSite=Lax${secure}`)],
      '',
    ),
  ];
}

/** `http://10.0.0.1:9000` becomes `10.0.0.1:9000`; without a port nginx would take 80, whatever the scheme. */
export function serverAddressOf(url: string): string {
  if (url.startsWith('unix:')) return url;
  const records = serviceOf(url);
  if (records !== null) return records.name;
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

export function isName(url: string): boolean {
  return !url.startsWith('unix:') && !/^(?:\[.*\]|\d{1,3}(?:\.\d{1,3}){3})$/.test(new URL(url).hostname);
}

/**
 * `srv+http://_ws._tcp.chat.svc` is the service ws of chat.svc (nginx's `service`, ngx_http_upstream_module); null for
 * other servers.
 */
export function serviceOf(url: string): { readonly service: string; readonly name: string } | null {
  const [, service, name] = /^srv\+http:\/\/_([A-Za-z0-9-]+)\._tcp\.(.+)$/.exec(url) ?? [];
  return service === undefined || name === undefined ? null : { service, name };
}
