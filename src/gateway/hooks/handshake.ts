import { canonicalName } from '../../base/header-name.ts';
import { tagsMax } from '../../policy/admission/tags.ts';
import type { Handshake } from '../../ws/handshake.ts';
import { type Arrival, endLost, pathOf, turnAway } from '../handshake/arrival.ts';
import type { Patience } from '../handshake/patience.ts';
import type { LiveRoute } from '../routing/route-table.ts';
import type { WorkerState } from '../worker-state.ts';
import type { HandshakeResult } from './results.ts';
import type { HookHandshake } from './types.ts';

/**
 * Asks onHandshake. True: go on, with what it chose noted on the arrival. False: the client has been answered. Waits
 * for its turn no longer than the handshake may take, and for the hook no longer than the route's deadline.
 */
export async function admitsHook(
  worker: WorkerState,
  arrival: Arrival,
  route: LiveRoute,
  handshake: Handshake,
): Promise<boolean> {
  const { hooks, name } = route.spec;
  if (hooks === null || !worker.hooks.has('onHandshake')) return true;
  const isWanted = () => arrival.patience.lost === null;
  const asked = worker.hooks.call('onHandshake', () => [describe(arrival, route, handshake)], {
    route: name,
    deadlineMs: hooks.deadlineMs,
    isWanted,
  });
  const outcome = await Promise.race([asked, lost(arrival.patience)]);
  arrival.patience.listen(null);
  if (outcome === 'lost') {
    endLost(worker, arrival);
    return false;
  }
  if (outcome.ok && outcome.result.kind === 'refuse') {
    refuseFor(worker, arrival, outcome.result);
    return false;
  }
  const problem = outcome.ok ? choose(worker, arrival, outcome.result as Allowing) : outcome.failure.message;
  if (problem === null) return true;
  if (outcome.ok) worker.hooks.report({ hook: 'onHandshake', kind: 'unusable', message: problem, stack: null }, name);
  if (hooks.onFailure === 'pass') return true;
  // Spread, so that a crowd that a broken hook turned away does not come back as one.
  const retryAfter = String(2 + Math.floor(worker.random() * 10));
  const sentence = 'the handshake could not be decided';
  turnAway(worker, arrival, 'hook-failed', { status: 503, sentence, headers: ['Retry-After', retryAfter] }, problem);
  return false;
}

type Allowing = Extract<HandshakeResult, { kind: 'allow' }>;
type Refusing = Extract<HandshakeResult, { kind: 'refuse' }>;

/** Notes what the hook chose; returns a sentence when it is nothing that the plan has, and then notes nothing. */
function choose(worker: WorkerState, arrival: Arrival, result: Allowing): string | null {
  const name = result.upstream ?? arrival.route!.spec.upstream;
  const upstream = worker.upstreams.get(name);
  if (upstream === undefined) return `onHandshake chose the upstream "${name}", which the spec does not have`;
  // The edge connects to no address that the spec did not name, whatever a hook says.
  if (result.server !== null && !upstream.state.servers.some((server) => server.url === result.server))
    return `onHandshake chose the server ${result.server}, which the upstream "${name}" does not have`;
  const tags = { ...arrival.tags, ...result.tags };
  if (Object.keys(tags).length > tagsMax) return `the connection would have more than ${tagsMax} tags`;

  arrival.tags = tags;
  if (result.upstream !== null) arrival.upstream = result.upstream;
  arrival.server = result.server;
  arrival.compression = result.compression;
  if (result.path !== null) arrival.target = withQuery(result.path, arrival.request.url ?? '/');
  if (result.headers.length === 0) return null;
  const before = arrival.withheld;
  const decided = new Set(result.headers.map(([header]) => canonicalName(header.toLowerCase())));
  arrival.withheld = (header) => decided.has(header) || before?.(header) === true;
  arrival.extraHeaders = [
    ...arrival.extraHeaders.filter(([header]) => !decided.has(canonicalName(header.toLowerCase()))),
    ...result.headers.filter((header): header is readonly [string, string] => header[1] !== null),
  ];
  return null;
}

function withQuery(path: string, asked: string): string {
  const query = asked.indexOf('?');
  return path.includes('?') || query === -1 ? path : path + asked.slice(query);
}

function refuseFor(worker: WorkerState, arrival: Arrival, { status, headers, body }: Refusing): void {
  const typed = body === null || headers.some(([name]) => name.toLowerCase() === 'content-type');
  const flat = headers.flat();
  if (!typed) flat.push('Content-Type', 'text/plain; charset=utf-8');
  turnAway(worker, arrival, 'hook-refused', { status, sentence: 'a hook refused the handshake', headers: flat, body });
}

function lost(patience: Patience): Promise<'lost'> {
  return new Promise((resolve) => {
    if (patience.lost !== null) resolve('lost');
    else patience.listen(() => resolve('lost'));
  });
}

function describe(arrival: Arrival, route: LiveRoute, handshake: Handshake): HookHandshake {
  const { request, client } = arrival;
  const target = request.url ?? '/';
  const path = pathOf(request);
  return {
    route: route.spec.name,
    upstream: arrival.upstream ?? route.spec.upstream,
    clientAddress: client.address,
    clientPort: client.port,
    tls: client.proto === 'https',
    host: handshake.host,
    target,
    path,
    query: target.slice(path.length + 1),
    origin: handshake.origin,
    subprotocols: handshake.subprotocols,
    headers: joinedHeaders(request.rawHeaders),
    tags: arrival.tags,
  };
}

/** One value for each name: of repeated ones, all that were sent. */
function joinedHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const joined = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const before = joined.get(name);
    const value = rawHeaders[i + 1]!;
    joined.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`);
  }
  return Object.fromEntries(joined);
}
