/**
 * Settings of a spec that a supervised nginx does nothing with, beyond those that notes.ts names for every generated configuration. Only what
 * differs from the default is named: who wrote nothing expects nothing.
 */
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { defaults } from '../../spec/defaults.ts';
import type { UpstreamSpec } from '../../spec/model/upstream.ts';
import type { RouteSpec, Spec } from '../../spec/model.ts';

interface Row {
  readonly setting: string;
  readonly why: string;
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
    applies: ({ http }) => http === null,
    why: 'nginx serves the plain HTTP of a route, too',
  },
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

const upstreamRows: readonly UpstreamRow[] = [
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

export function withoutEffect(spec: Spec): Diagnostic[] {
  return [
    ...specRows.filter(({ applies }) => applies(spec)).map((row) => found(row, [])),
    ...routeRows.flatMap((row) => named(row, spec.routes.filter(row.applies))),
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

function found({ setting, why }: Row, names: readonly string[]): Diagnostic {
  const { severity, remedy } = catalogue['engine-without-effect'];
  const of = names.length === 0 ? '' : ` (${names.join(', ')})`;
  return {
    code: 'engine-without-effect',
    severity,
    message: `${setting} has no effect under nginx: ${why}${of}`,
    where: { path: setting },
    help: remedy,
  };
}
