/**
 * Reads an nginx configuration as a spec: the routes that its WebSocket locations amount to, and what became of every
 * line. Pure. What a request meets is not guessed from the words but asked of the model, request by request
 * (effective/request).
 */
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { effective } from '../effective/effective.ts';
import type { Effective, Server } from '../effective/model.ts';
import { textIn } from '../effective/values.ts';
import { parseTimeMs } from '../facts/values.ts';
import { readable } from '../syntax/bytes.ts';
import { lineOf, whereOf } from '../syntax/place.ts';
import type { Configuration, Statement } from '../syntax/tree.ts';
import { edgeWide } from './edge-wide.ts';
import { type Entry, entriesOf } from './entries.ts';
import { headersTo } from './headers.ts';
import { hostsOf } from './hosts.ts';
import { createLedger, lineOfWords } from './ledger.ts';
import { listensOf } from './listens.ts';
import type { Imported, ImportedRoute, ImportedSpec, ProvedRequest, RouteSource } from './model.ts';
import { originsTo } from './origins.ts';
import { pathRule, samplesUnder } from './request-paths.ts';
import { requestsFor } from './requests.ts';
import { sayTheRest } from './rest.ts';
import { settingsTo } from './settings.ts';
import { type ImportTask, type RouteTask, reaches } from './task.ts';
import { type NamedUpstreams, upstreamFor } from './upstreams.ts';

export interface ImportOptions {
  /** Every location that proxies becomes a route, not only those with WebSockets. Default: false. */
  readonly all?: boolean;
  /** Directory that relative files of the configuration begin at. Default: that of its root file. */
  readonly prefix?: string;
}

/** Never throws: a configuration without a WebSocket location gives no spec and a finding. */
export function importModel(configuration: Configuration, options: ImportOptions = {}): Imported {
  const model = effective(configuration);
  const root = configuration.root.path;
  const prefix = options.prefix ?? root.slice(0, root.lastIndexOf('/') + 1);
  const task: ImportTask = { model, ledger: createLedger([...configuration.files.keys()]), prefix };
  const upstreams: NamedUpstreams = new Map();
  const entries = entriesOf(model);
  const made = chosen(entries, options.all === true).flatMap((entry) => routesOf(task, entry, upstreams));
  const routes = withoutDoubles(task, made);
  const servers = [...new Set(routes.map(({ server }) => server))];
  const spec: ImportedSpec | null = routes.length === 0 ? null : whole(task, servers, routes, upstreams);
  sayTheRest(task, { servers, entries: new Set(made.map(({ entry }) => entry.location)), all: options.all === true });
  const fates = task.ledger.fates();
  const lost = fates.filter(({ outcome }) => outcome === 'lost');
  const diagnostics: Diagnostic[] = lost.map(({ line, text, where }) =>
    finding('import-lost', `"${line}" cannot be kept: ${text}`, where),
  );
  if (spec === null) diagnostics.push(finding('import-nothing', nothingIn(model, entries), { file: root }));
  return {
    spec,
    routesFrom: routes.map(({ from }) => from),
    fates,
    requests: routes.flatMap(({ requests }) => requests),
    diagnostics,
  };
}

function finding(code: 'import-lost' | 'import-nothing', message: string, where: Diagnostic['where']): Diagnostic {
  const { severity, remedy } = catalogue[code];
  return { code, severity, message, help: remedy, ...(where !== undefined && { where }) };
}

function nothingIn({ servers, locations }: Effective, entries: readonly Entry[]): string {
  if (servers.length === 0) return 'there is no server in it';
  if (entries.some(({ webSocket }) => webSocket)) return 'the spec can say none of its WebSocket locations';
  const proxying = locations.filter(({ handler }) => handler.kind === 'proxy').length;
  return proxying === 0
    ? 'no location proxies anything'
    : proxying === 1
      ? 'its one location that proxies does not pass the upgrade on'
      : `none of its ${proxying} proxying locations passes the upgrade on`;
}

/** WebSockets, and what stands below their paths in the same server, so that it goes on getting to the same place. */
function chosen(entries: readonly Entry[], all: boolean): readonly Entry[] {
  const sockets = entries.filter(({ webSocket }) => webSocket);
  return entries.filter(
    (entry) =>
      entry.webSocket ||
      all ||
      sockets.some(
        ({ server, paths }) =>
          server === entry.server && paths.some((path) => entry.paths.some((each) => isBelow(each, path))),
      ),
  );
}

function isBelow(path: string, outer: string): boolean {
  return path !== outer && (outer === '/' || path.startsWith(`${outer}/`));
}

interface MadeRoute {
  readonly entry: Entry;
  readonly server: Server;
  readonly route: ImportedRoute;
  readonly from: RouteSource;
  readonly requests: readonly ProvedRequest[];
}

function routesOf(task: ImportTask, entry: Entry, upstreams: NamedUpstreams): MadeRoute[] {
  const { location, server, final, webSocket } = entry;
  const { ledger } = task;
  const statement = location.statement!;
  if (entry.paths.length === 0) {
    ledger.lost(
      statement,
      'the spec matches beginnings of paths and no such pattern; write a route for each path that it is meant for',
    );
    return [];
  }
  const hosts = hostsOf(task.model, server, ledger);
  if (hosts.length === 0) {
    ledger.lost(statement, 'the spec cannot say for which hosts; see server_name');
    return [];
  }
  const first: RouteTask = {
    ...task,
    server,
    entry: location,
    final,
    to: entry.to,
    origin: entry.origin,
    paths: entry.paths,
    webSocket,
    route: { upstream: '' },
  };
  const upstream = upstreamFor(first, upstreams);
  if (upstream === null) {
    ledger.lost(statement, 'it has no server that the spec could name');
    return [];
  }
  ledger.kept(final.handler.kind === 'proxy' ? final.handler.statement : statement, `upstream: ${upstream}`);
  const differs = entry.differs === null ? '' : `; ${entry.differs}`;
  ledger.kept(statement, `a route for ${entry.paths.join(', ')}${differs}`);
  if (final !== location && final.statement !== null)
    ledger.kept(final.statement, 'where the requests of the route end up');
  for (const line of [...location.jumps.map((jump) => jump.statement), ...errorPages(entry)])
    if (line.directive.args.at(-1) === final.pattern)
      ledger.kept(line, 'the way to where the requests of the route end up');
  const place = `${readable(statement.directive.file.path, 200)}:${lineOf(statement.directive)}`;
  const from: RouteSource = {
    text: `${place} ${lineOfWords(statement.directive)}${webSocket ? '' : ' (ordinary requests)'}`,
    where: whereOf(statement.directive),
    webSocket,
    silenceMs: parseTimeMs(textIn(task.model, final, 'proxy_read_timeout') ?? '') ?? 60_000,
  };
  return entry.paths.flatMap((path) => {
    const routeTask: RouteTask = { ...first, route: { upstream } };
    translated(routeTask, path);
    return hosts.map(
      (host): MadeRoute => ({
        entry,
        server,
        route: inOrder(routeTask.route, host, path),
        from,
        requests: requestsFor(routeTask, path, host),
      }),
    );
  });
}

function errorPages({ location, server }: Entry): readonly Statement[] {
  return [...(location.own.get('error_page') ?? []), ...(server.own.get('error_page') ?? [])];
}

function translated(task: RouteTask, path: string): void {
  const rule = pathRule(task, path);
  const { statement } = task.final.handler as { statement: NonNullable<Server['statement']> };
  if (rule === undefined)
    task.ledger.lost(
      statement,
      `the path that the server is asked for follows no rule of the spec for ${path}; let a hook set it (path in onHandshake)`,
    );
  else if (rule !== null) {
    const { strip, prefix, replace } = rule;
    task.route.path = {
      ...(strip !== null && { strip }),
      ...(prefix !== null && { prefix }),
      ...(replace !== null && { replace }),
    };
    task.ledger.kept(statement, `path: ${JSON.stringify(task.route.path)}`);
  }
  if (task.webSocket && handshakesOnly(task, path)) {
    task.route.http = 'off';
    for (const line of task.entry.own.get('return') ?? [])
      task.ledger.kept(line, 'http: off, with which ordinary requests get 426');
  }
  settingsTo(task);
  headersTo(task);
  originsTo(task, path);
}

/** True where ordinary requests are turned away whatever page they come from, and handshakes are not. */
function handshakesOnly(task: RouteTask, path: string): boolean {
  const { model, server, origin } = task;
  const [target = path] = samplesUnder(task, path);
  const gets = (kind: 'plain' | 'websocket') => reaches(model, server, { kind, path: target, origin });
  return gets('websocket') && !gets('plain');
}

/** As people write a route. */
function inOrder(route: ImportedRoute, host: string | null, path: string): ImportedRoute {
  const match = { ...(host !== null && { host }), ...(path !== '/' && { path }) };
  const {
    upstream,
    path: rule,
    origins,
    headers,
    heartbeat,
    idleTimeout,
    handshake,
    http,
    limits,
    compression,
  } = route;
  return {
    ...(Object.keys(match).length > 0 && { match }),
    upstream,
    ...(rule !== undefined && { path: rule }),
    ...(headers !== undefined && { headers }),
    ...(origins !== undefined && { origins }),
    ...(heartbeat !== undefined && { heartbeat }),
    ...(idleTimeout !== undefined && { idleTimeout }),
    ...(handshake !== undefined && { handshake }),
    ...(http !== undefined && { http }),
    ...(limits !== undefined && { limits }),
    ...(compression !== undefined && { compression }),
  };
}

/**
 * Two servers on different ports may say the same of a host and a path; where they differ, the spec can keep the first.
 */
function withoutDoubles({ ledger }: ImportTask, routes: readonly MadeRoute[]): MadeRoute[] {
  const byMatch = new Map<string, MadeRoute>();
  return routes.filter((each) => {
    const key = JSON.stringify(each.route.match ?? {});
    const other = byMatch.get(key);
    if (other === undefined) {
      byMatch.set(key, each);
      return true;
    }
    if (JSON.stringify(other.route) !== JSON.stringify(each.route))
      ledger.lost(
        each.entry.location.statement!,
        `the spec has one route for a host and a path, whatever the port, and ${other.from.text} is before it`,
      );
    return false;
  });
}

function whole(
  task: ImportTask,
  servers: readonly Server[],
  routes: readonly MadeRoute[],
  upstreams: NamedUpstreams,
): ImportedSpec {
  const top: Omit<ImportedSpec, 'routes' | 'upstreams'> = {};
  const listen = listensOf(task, servers);
  if (listen.length > 0) top.listen = listen;
  edgeWide(task, servers, top);
  const used = new Set(routes.map(({ route }) => route.upstream));
  return {
    ...top,
    upstreams: Object.fromEntries([...upstreams].filter(([name]) => used.has(name))),
    routes: routes.map(({ route }) => route),
  };
}
