/**
 * Variables that are worked out from the handshake: what may be upgraded, whose page it comes from, whom it counts for.
 */
import { unixPeer } from '../../base/address.ts';
import type { RouteSpec } from '../../spec/model.ts';
import { blockNode, entry, type GeneratedLine, type Node, type NodeEntry } from './nodes.ts';
import { checksOrigin, type GenerateTask, hashVariable, isSticky } from './site.ts';

/** `websocket` for a handshake, empty for everything else. */
export const upgradeVariable = '$websocket_upgrade';
export const connectionMapVariable = '$websocket_connection';
/** The client's address for a handshake, empty for everything else: limits count WebSockets and nothing beside them. */
export const addressVariable = '$websocket_address';
/** `http` or `https`, as the client speaks it. */
export const schemeVariable = '$websocket_scheme';
export const sourceVariable = '$websocket_source';

export function refusedVariable(route: { readonly number: number }): string {
  return `$websocket_refused_${route.number}`;
}

function originVariable(route: { readonly number: number }): string {
  return `$websocket_origin_${route.number}`;
}

/** The key that a client is sent back to its server by. */
export function stickyVariable(upstream: string): string {
  return `$websocket_client_${variablePart(upstream)}`;
}

export function stickyCookieVariable(upstream: string): string {
  return `$websocket_set_cookie_${variablePart(upstream)}`;
}

export function stickyCookieName(upstream: string): string {
  return `server_of_${variablePart(upstream)}`;
}

/** The key of a hash, or something random where the client sent none: otherwise all of those would share a server. */
export function keyVariable(upstream: string): string {
  return `$websocket_key_${variablePart(upstream)}`;
}

/** Different names stay different: `a-b` and `a.b` become `a_2d_b` and `a_2e_b`. */
export function variablePart(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, (mark) => `_${mark.charCodeAt(0).toString(16)}_`);
}

export function maps(task: GenerateTask): Node[] {
  const { site, routes } = task;
  return [
    { heading: 'Which requests ask for a WebSocket.' },
    map(
      '$http_upgrade',
      upgradeVariable,
      'nginx tunnels whatever protocol a server answers 101 to, past every rule below; so WebSocket is the only one that gets through (a plain key of a map is compared without case)',
      [entry('websocket', 'websocket')],
      '',
    ),
    map(
      upgradeVariable,
      connectionMapVariable,
      'a handshake needs Connection: upgrade beside it; for other requests the header is left out, so that connections to the servers are kept and used again (close would end each after one request)',
      [entry('websocket', 'upgrade')],
      '',
    ),
    ...(limitsByAddress(task)
      ? [
          map(
            upgradeVariable,
            addressVariable,
            'limits for each address count WebSockets only: an empty key is not counted, and a page over HTTP/2 may make fifty requests at once',
            [entry('websocket', '$binary_remote_addr')],
            '',
          ),
        ]
      : []),
    ...routes.filter(checksOrigin).flatMap(originMaps),
    ...proxyMaps(task),
    ...site.upstreams.flatMap((upstream): Node[] => {
      if (isSticky(site, upstream)) return [];
      const variable = hashVariable(upstream);
      return variable === null
        ? []
        : [
            map(
              variable,
              keyVariable(upstream.name),
              `the key that clients of ${upstream.name} are spread by; one that sends none is spread at random, or all of those would share one server`,
              [entry('', '$request_id')],
              variable,
            ),
          ];
    }),
    ...sourceSplit(task),
  ];
}

/** Addresses that a limit of any route counts by. */
function limitsByAddress({ routes }: GenerateTask): boolean {
  return routes.some((route) => route.limits.connectionsPerAddress !== null || route.handshake.ratePerSecond !== null);
}

function originMaps(route: RouteSpec & { readonly number: number }): Node[] {
  const { allow, missing, mode } = route.origins;
  const others = allow === null ? 'listed' : 'refused';
  return [
    { heading: `Which pages may connect to ${route.match.path} on ${route.match.host ?? 'any host'}.` },
    map(
      '$http_origin',
      originVariable(route),
      'a page of somebody else can open a WebSocket with your user’s cookies, and only Origin tells; every pattern is anchored at both ends and its dots are escaped; null, which any sandboxed page sends, is never listed',
      [entry('', missing === 'allow' ? 'listed' : 'refused'), ...(allow ?? []).map(originEntry)],
      others,
    ),
    map(
      `${upgradeVariable}:${originVariable(route)}`,
      refusedVariable(route),
      mode === 'enforce'
        ? 'handshakes alone are refused: ordinary requests from other pages are the browser’s to stop'
        : 'handshakes that would be refused; for now they are only written to a log of their own',
      [entry('websocket:refused', '1')],
      '0',
    ),
  ];
}

function originEntry(origin: string): NodeEntry {
  const wildcard = /^([a-z][a-z0-9+.-]*:\/\/)\*\.(.+)$/.exec(origin);
  return wildcard === null
    ? entry(origin, 'listed')
    : entry(`~*^${escapeRegex(wildcard[1]!)}([a-z0-9_-]+\\.)+${escapeRegex(wildcard[2]!)}$`, 'listed');
}

/** A slash needs no escape in nginx's patterns, and the fewer backslashes the better they read. */
export function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The client's scheme, where a trusted proxy in front says what it was. */
function proxyMaps({ site }: GenerateTask): Node[] {
  if (site.trustedProxies.length === 0) return [];
  return [
    { heading: 'What a proxy in front says of its client; whoever else says it is not believed.' },
    blockNode(
      'geo',
      ['$realip_remote_addr', '$websocket_via_proxy'],
      'the peer itself, before its word for the client is taken',
      // What is no address counts as this one (ngx_http_geo_module).
      [
        entry('default', '0'),
        ...site.trustedProxies.map((block) => entry(block === unixPeer ? '255.255.255.255' : block, '1')),
      ],
    ),
    map(
      '$websocket_via_proxy:$http_x_forwarded_proto',
      schemeVariable,
      'TLS may end at the proxy in front, and the servers should know',
      [entry('1:https', 'https'), entry('1:http', 'http')],
      '$scheme',
    ),
  ];
}

function sourceSplit({ site }: GenerateTask): Node[] {
  const { bind } = site;
  if (bind.length < 2) return [];
  // nginx takes two decimals and refuses more than 100 in all; the last one gets what is left.
  const share = `${(Math.floor(10_000 / bind.length) / 100).toFixed(2)}%`;
  return [
    { heading: 'Which local address a connection to a server comes from.' },
    blockNode(
      'split_clients',
      ['$request_id', sourceVariable],
      'ports count anew for every pair of a local and a server’s address, and one range is not enough',
      bind.map((address, index) => entry(index === bind.length - 1 ? '*' : share, address)),
    ),
  ];
}

function map(
  source: string,
  variable: string,
  because: string,
  entries: readonly NodeEntry[],
  otherwise: string,
): GeneratedLine {
  return blockNode('map', [source, variable], because, [entry('default', otherwise), ...entries]);
}

export { map as mapBlock };
