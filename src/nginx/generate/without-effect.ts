/**
 * Settings of a spec that a supervised nginx does nothing with, beyond those that notes.ts names for every generated
 * configuration. Only what differs from the default is named: who wrote nothing expects nothing.
 */
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { formatDuration } from '../../base/units.ts';
import { defaults } from '../../spec/defaults.ts';
import type { UpstreamSpec } from '../../spec/model/upstream.ts';
import type { RouteSpec, Spec } from '../../spec/model.ts';

interface Row {
  readonly setting: string;
  readonly why: string;
  /**
   * Without it, people that the spec keeps out would get in, or requests would go elsewhere: nginx is not started then.
   */
  readonly refused?: true;
}

interface RouteRow extends Row {
  readonly applies: (route: RouteSpec) => boolean;
}

interface UpstreamRow extends Row {
  readonly applies: (upstream: UpstreamSpec) => boolean;
}

const routeRows: readonly RouteRow[] = [
  {
    setting: 'onServerLoss',
    applies: ({ move }) => move !== null,
    why: 'nginx ends a connection whose server goes; no other server takes it over',
  },
  {
    setting: 'compression',
    applies: ({ compression }) => compression !== 'pass',
    why: 'nginx passes offers to compress on as they are',
  },
  { setting: 'strict', applies: ({ strict }) => !strict, why: 'nginx checks no handshake of a WebSocket' },
  {
    setting: 'http',
    applies: ({ http }) =>
      http !== null &&
      (http.origins !== defaults.httpOrigins.value ||
        http.authorize !== defaults.httpAuthorize.value ||
        http.rate !== defaults.httpRate.value ||
        http.bodyTimeoutMs !== defaults.httpBodyTimeoutMs.value ||
        http.answerTimeoutMs !== defaults.httpAnswerTimeoutMs.value),
    why: 'origins, limits and the authorizer are held against handshakes alone',
  },
];

/** What is refused: each of these changes who gets in, or what a server is asked. */
const refusedRouteRows: readonly RouteRow[] = [
  {
    setting: 'hooks',
    applies: ({ hooks }) => hooks !== null,
    why: 'nginx runs none of them, and they decide who gets in',
    refused: true,
  },
  {
    setting: 'path',
    applies: ({ path }) => path !== null,
    why: 'the servers would be asked for the path that the client asked for',
    refused: true,
  },
  {
    setting: 'headers',
    applies: ({ headers }) => changes(headers.toServer) || changes(headers.toClient),
    why: 'headers would pass unchanged, those that should be removed as well',
    refused: true,
  },
  {
    setting: 'subprotocol',
    applies: ({ subprotocol }) => subprotocol !== null,
    why: 'offers would pass unchanged, with the tokens that stand in some',
    refused: true,
  },
  {
    setting: 'http',
    applies: ({ http }) => http === null,
    why: 'nginx would serve the plain HTTP of the route',
    refused: true,
  },
];

function changes({ set, add, remove }: RouteSpec['headers']['toServer']): boolean {
  return set.length + add.length + remove.length > 0;
}

const upstreamRows: readonly UpstreamRow[] = [
  {
    setting: 'command',
    applies: ({ managed }) => managed !== null,
    why: 'the addresses of servers that Holdline starts change, and have to stand in its configuration',
    refused: true,
  },
  {
    setting: 'health',
    applies: ({ health }) => health !== null,
    why: 'stock nginx asks no server; one failed connect takes a server out for 10 seconds',
  },
  {
    setting: 'slowStart',
    applies: ({ slowStartMs }) => slowStartMs !== defaults.slowStartMs.value && slowStartMs !== 0,
    why: 'a server that comes back gets its whole share at once',
  },
  {
    setting: 'balance.sticky-cookie',
    applies: ({ balance }) =>
      balance.kind === 'sticky-cookie' &&
      (balance.cookie.name !== defaults.stickyCookieName.value ||
        balance.cookie.lifetimeMs !== null ||
        balance.cookie.secret !== null),
    why: 'the cookie that nginx is given has a name of its own, and ends with the visit',
  },
  {
    setting: 'rebalance',
    applies: ({ rebalance }) => rebalance === 'auto',
    why: 'nginx moves and closes no connection',
  },
];

interface SpecRow extends Row {
  readonly applies: (spec: Spec) => boolean;
}

const specRows: readonly SpecRow[] = [
  {
    setting: 'listen',
    applies: ({ listen }) => listen.some(({ address }) => address.port === 0 && address.unix === undefined),
    why: 'it takes no port 0, since it has to find its port again',
    refused: true,
  },
  {
    setting: 'listen.clientCertificates',
    applies: ({ listen }) => listen.some(({ clientCertificates }) => clientCertificates !== null),
    why: 'clients are not asked for certificates',
    refused: true,
  },
  {
    setting: 'listen.tls',
    applies: ({ listen }) =>
      listen.some(({ otherCertificates }) => otherCertificates.length > 0) ||
      new Set(listen.flatMap(({ tls }) => (tls === null ? [] : [tls.cert]))).size > 1,
    why: 'its server has one certificate for all names',
    refused: true,
  },
  {
    setting: 'drain.budget',
    applies: ({ drain }) => drain.budgetPerSecond !== defaults.drainBudgetPerSecond.value,
    why: 'nginx has no pace',
  },
  {
    setting: 'limits.head',
    applies: ({ limits }) => limits.headBytesMax !== defaults.headBytesMax.value,
    why: 'the buffers for heads are planned; large_client_header_buffers bounds each line',
  },
  {
    setting: 'workers',
    applies: ({ workers }) => workers !== null,
    why: 'the number of nginx’s workers is planned from the host; host.cores says for how many processors',
  },
];

/** `idleCutMs`: proxy_read_timeout as it is planned for all routes. Errors are among them. */
export function withoutEffect(spec: Spec, idleCutMs: number): Diagnostic[] {
  const idleRow: RouteRow = {
    setting: 'idleTimeout',
    applies: ({ idleTimeoutMs }) =>
      idleTimeoutMs !== idleCutMs &&
      idleTimeoutMs !== defaults.idleTimeoutAloneMs.value &&
      idleTimeoutMs !== defaults.idleTimeoutWithHeartbeatMs.value,
    why: `a connection of any route is cut after ${formatDuration(idleCutMs)} without a byte; the heartbeat or, without one, the shortest idleTimeout decides that`,
  };
  return [
    ...specRows.filter(({ applies }) => applies(spec)).map((row) => found(row, [])),
    ...[...refusedRouteRows, ...routeRows, idleRow].flatMap((row) => named(row, spec.routes.filter(row.applies))),
    ...upstreamRows.flatMap((row) => named(row, spec.upstreams.filter(row.applies))),
  ];
}

function named(row: Row, concerned: readonly { readonly name: string }[]): Diagnostic[] {
  return concerned.length === 0
    ? []
    : [
        found(
          row,
          concerned.map(({ name }) => name),
        ),
      ];
}

function found({ setting, why, refused }: Row, names: readonly string[]): Diagnostic {
  const code = refused === true ? 'engine-cannot' : 'engine-without-effect';
  const { severity, remedy } = catalogue[code];
  const of = names.length === 0 ? '' : ` (${names.join(', ')})`;
  const message =
    refused === true
      ? `nginx cannot do what ${setting} asks for: ${why}${of}`
      : `${setting} has no effect under nginx: ${why}${of}`;
  return { code, severity, message, where: { path: setting }, help: remedy };
}
