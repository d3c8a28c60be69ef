/**
 * Timeouts, limits and the authorizer: one translator for each directive, which reads its effective value and sets the
 * route.
 */
import { formatDuration } from '../../base/units.ts';
import { defaults } from '../../spec/defaults.ts';
import { locate } from '../effective/locate.ts';
import type { EffectiveValue } from '../effective/model.ts';
import { valueIn } from '../effective/values.ts';
import { parseTimeMs, parseTimeSeconds } from '../facts/values.ts';
import type { Statement } from '../syntax/tree.ts';
import type { ImportedRoute } from './model.ts';
import type { RouteTask } from './task.ts';

/**
 * Every directive that says something of its own about a route. auth_request comes first: the headers need to know of
 * it.
 */
export function settingsTo(task: RouteTask): void {
  for (const [name, translate] of Object.entries(translators)) {
    const value = valueIn(task.model, task.final, name);
    if (value.statements.length > 0) translate(task, value);
  }
}

type Translate = (task: RouteTask, value: EffectiveValue) => void;

const translators: Readonly<Record<string, Translate>> = {
  auth_request: authorizer,
  auth_request_set: authorizerHeaders,
  proxy_read_timeout: readTimeout,
  proxy_connect_timeout: connectTimeout,
  send_timeout: sendTimeout,
  limit_conn: connectionLimits,
  limit_req: rateLimits,
};

/** A timer waits no longer than 24 days. */
const longestMs = 24 * 86_400_000;

/**
 * nginx cuts a tunnel in which nothing came for so long. With a short time the configuration counts on somebody's
 * pings, which the edge sends itself; with a long one it allows silence up to it.
 */
function readTimeout({ route, ledger, webSocket }: RouteTask, { statements, text }: EffectiveValue): void {
  const ms = parseTimeMs(text ?? '');
  const statement = statements.at(-1)!;
  if (ms === null) return;
  const answers = answerTimeout(route, ms);
  if (!webSocket) {
    ledger.kept(statement, answers);
    return;
  }
  if (ms <= defaults.idleTimeoutAloneMs.value) {
    const every = Math.min(defaults.heartbeatEveryMs.value, Math.floor(ms / 2000) * 1000);
    if (every >= 1000 && every < defaults.heartbeatEveryMs.value)
      route.heartbeat = {
        every: formatDuration(every),
        timeout: formatDuration(Math.max(1000, Math.floor(every / 2000) * 1000)),
      };
    ledger.kept(
      statement,
      `heartbeat of ${formatDuration(Math.max(1000, every))}: its pings keep a silent connection, and a client that is gone is found by them; ${answers}`,
    );
    return;
  }
  if (ms > longestMs) {
    ledger.kept(statement, `idleTimeout stays off, which is what so long a time means; ${answers}`);
    return;
  }
  route.idleTimeout = formatDuration(ms);
  ledger.kept(
    statement,
    `idleTimeout: ${formatDuration(ms)} without a message (in nginx pings count, too), and heartbeat finds clients that are gone; ${answers}`,
  );
}

/** For long polls and event streams on the same path. */
function answerTimeout(route: ImportedRoute, ms: number): string {
  const most = Math.min(ms, longestMs);
  if (most < 1000 || route.http === 'off') return 'ordinary requests keep the edge’s own limit';
  route.http = { ...(route.http ?? {}), answerTimeout: formatDuration(most) };
  return `http.answerTimeout: ${formatDuration(most)} for ordinary requests`;
}

function connectTimeout({ route, ledger }: RouteTask, { statements, text }: EffectiveValue): void {
  const ms = parseTimeMs(text ?? '') ?? 0;
  const statement = statements.at(-1)!;
  if (ms <= defaults.handshakeTimeoutMs.value) {
    ledger.notNeeded(
      statement,
      `handshake.timeout bounds the connecting and the answer together, with ${formatDuration(defaults.handshakeTimeoutMs.value)}`,
    );
    return;
  }
  route.handshake = { ...route.handshake, timeout: formatDuration(Math.min(ms, longestMs)) };
  ledger.kept(statement, `handshake.timeout: ${formatDuration(ms)}, which bounds the answer as well`);
}

function sendTimeout({ route, ledger }: RouteTask, { statements, text }: EffectiveValue): void {
  const ms = parseTimeMs(text ?? '') ?? 0;
  const statement = statements.at(-1)!;
  if (ms === defaults.slowConsumerMs.value || ms < 100) {
    ledger.notNeeded(statement, 'limits.slowConsumer is as long by default');
    return;
  }
  route.limits = { ...route.limits, slowConsumer: formatDuration(Math.min(ms, longestMs)) };
  ledger.kept(statement, `limits.slowConsumer: ${formatDuration(ms)}`);
}

function connectionLimits({ route, ledger, model }: RouteTask, { statements }: EffectiveValue): void {
  for (const statement of statements) {
    const [zone = '', count = ''] = statement.directive.args;
    const key = zoneKey(model.http?.own.get('limit_conn_zone') ?? [], zone);
    const setting = isAddress(key) ? 'perIp' : key !== null && /^\$\{?server_name\}?$/.test(key) ? 'connections' : null;
    if (setting === null) {
      ledger.lost(
        statement,
        `the edge counts by route and by client address, not by ${key ?? zone}; set limits.connections or limits.perIp`,
      );
      continue;
    }
    route.limits = { ...route.limits, [setting]: Number(count) };
    ledger.kept(
      statement,
      `limits.${setting}: ${count}, exact over all workers${setting === 'perIp' ? '; IPv6 clients count by their /64' : ''}`,
    );
  }
}

function rateLimits({ route, ledger, model }: RouteTask, { statements }: EffectiveValue): void {
  for (const statement of statements) {
    const words = statement.directive.args;
    const argument = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    const zones = model.http?.own.get('limit_req_zone') ?? [];
    const zone = argument('zone') ?? '';
    const key = zoneKey(zones, zone);
    const rate = /^(\d+)r\/([sm])$/.exec(rateOf(zones, zone) ?? '');
    if (!isAddress(key) || rate === null || route.handshake?.rate !== undefined) {
      const why = isAddress(key) ? 'a route has one rate' : `the edge limits by client address, not by ${key ?? zone}`;
      ledger.lost(statement, `${why}; limits.handshakes bounds those of all clients together`);
      continue;
    }
    const burst = Math.max(1, Number(argument('burst') ?? 0));
    route.handshake = { ...route.handshake, rate: `${rate[1]}/${rate[2]}`, burst };
    const waits =
      words.includes('nodelay') || argument('burst') === undefined
        ? ''
        : '; where nginx lets a request of the burst wait, the edge takes it at once';
    ledger.kept(
      statement,
      `handshake: { rate: ${rate[1]}/${rate[2]}, burst: ${burst} }, ordinary requests included${waits}`,
    );
  }
}

function isAddress(key: string | null): boolean {
  return key !== null && /^\$\{?(?:binary_)?remote_addr\}?$/.test(key);
}

function zoneKey(zones: readonly Statement[], name: string): string | null {
  return zoneOf(zones, name)?.directive.args[0] ?? null;
}

function rateOf(zones: readonly Statement[], name: string): string | undefined {
  return zoneOf(zones, name)
    ?.directive.args.find((each) => each.startsWith('rate='))
    ?.slice(5);
}

function zoneOf(zones: readonly Statement[], name: string): Statement | undefined {
  return zones.find(({ directive }) => directive.args.some((each) => each.startsWith(`zone=${name}:`)));
}

function authorizer({ route, ledger, server }: RouteTask, { statements, text }: EffectiveValue): void {
  const statement = statements.at(-1)!;
  if (text === null || text === 'off') {
    ledger.notNeeded(statement, 'nobody is asked');
    return;
  }
  const asked = locate(server, text).location;
  const target = asked?.handler.kind === 'proxy' ? asked.handler.target : null;
  if (
    asked === null ||
    target === null ||
    target.scheme === null ||
    target.url.includes('$') ||
    target.authority.startsWith('unix:')
  ) {
    ledger.lost(statement, 'where it asks is not one URL; write handshake.authorize');
    return;
  }
  const only = target.upstream?.servers[0];
  const authority = only?.address ?? target.authority;
  const url = `${target.scheme}://${authority}${target.uri ?? text}`;
  route.handshake = { ...route.handshake, authorize: { url } };
  ledger.kept(statement, `handshake.authorize: ${url}`);
  const { upstream } = target;
  if (upstream?.statement != null) ledger.kept(upstream.statement, 'handshake.authorize');
  for (const [index, each] of (upstream?.servers ?? []).entries())
    if (index === 0) ledger.kept(each.statement, 'handshake.authorize');
    else
      ledger.lost(
        each.statement,
        'one authorizer is asked; put a load balancer or a name with several addresses there',
      );
  if (asked.statement === null) return;
  ledger.kept(asked.statement, 'handshake.authorize');
  for (const line of asked.statement.children)
    ledger.notNeeded(
      line,
      'the edge asks with a GET that has the client’s headers, X-Original-URI and X-Original-Method',
    );
}

/**
 * `auth_request_set $user $upstream_http_x_user` with `proxy_set_header X-User $user` hands a header of the answer on.
 */
function authorizerHeaders({ route, ledger, model, final }: RouteTask, { statements }: EffectiveValue): void {
  const lines = valueIn(model, final, 'proxy_set_header').statements;
  for (const statement of statements) {
    const [variable = '', value = ''] = statement.directive.args;
    const answered = /^\$\{?upstream_http_(\w+)\}?$/.exec(value)?.[1]?.replaceAll('_', '-');
    const sent = lines.find(({ directive }) => directive.args[1] === variable)?.directive.args[0];
    if (
      route.handshake?.authorize === undefined ||
      answered === undefined ||
      sent === undefined ||
      sent.toLowerCase() !== answered
    ) {
      ledger.lost(
        statement,
        sent === undefined || answered === undefined
          ? 'only headers of the authorizer’s answer go on to the server'
          : `the edge hands ${answered} on under its own name, not as ${sent}`,
      );
      continue;
    }
    const { authorize } = route.handshake;
    route.handshake.authorize = { ...authorize, headers: [...(authorize.headers ?? []), sent] };
    ledger.kept(statement, `handshake.authorize.headers: ${sent}`);
  }
}

/** Whole seconds that nginx's own reader takes, for what stands at the top. */
export function secondsOf(text: string): number | null {
  return parseTimeSeconds(text);
}
