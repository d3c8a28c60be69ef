import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { formatDuration } from '../../base/units.ts';
import { finding, type Locate } from '../finding.ts';
import type { RouteSpec, Spec } from '../model.ts';
import { checkAddresses } from './addresses.ts';
import { checkUpstreams } from './upstreams.ts';

/** Everything about a spec that only shows when two places of it are looked at together. */
export function checkSpec(spec: Spec, locate: Locate): Diagnostic<Code>[] {
  return [
    ...checkAddresses(spec, locate),
    ...checkUpstreams(spec, locate),
    ...checkRoutes(spec, locate),
    ...checkTrust(spec, locate),
  ];
}

function checkRoutes(spec: Spec, locate: Locate): Diagnostic<Code>[] {
  const found: Diagnostic<Code>[] = [];
  const byMatch = new Map<string, number>();
  const byName = new Map<string, number>();
  for (const [index, route] of spec.routes.entries()) {
    const at = ['routes', index];
    const match = `${route.match.host ?? ''}${samePath(route.match.path)}`;
    const earlier = byMatch.get(match);
    if (earlier === undefined) byMatch.set(match, index);
    else
      found.push(
        finding(
          'spec-shadowed-route',
          `routes[${index}] matches what routes[${earlier}] matches already: ${route.match.host ?? ''}${route.match.path}`,
          {
            where: locate([...at, 'match'], 'key'),
            related: [
              { message: 'the route that takes all of them', where: locate(['routes', earlier, 'match'], 'key') },
            ],
          },
        ),
      );
    const named = byName.get(route.name);
    if (named === undefined) byName.set(route.name, index);
    else
      found.push(
        finding('spec-duplicate-name', `routes[${index}] and routes[${named}] are both called ${route.name}`, {
          where: locate([...at, 'name'], 'value'),
          related: [{ message: 'the other one', where: locate(['routes', named, 'name'], 'value') }],
        }),
      );
    found.push(...checkPath(route, index, locate));
    const { heartbeat, idleTimeoutMs, hooks, limits } = route;
    if (hooks?.messages === true && limits.messageBytesMax === null)
      found.push(
        finding(
          'spec-message-unbounded',
          `routes[${index}] delivers whole messages to hooks, and limits.message is off`,
          { where: locate([...at, 'limits', 'message'], 'value') },
        ),
      );
    if (heartbeat !== null && heartbeat.timeoutMs >= heartbeat.everyMs)
      found.push(
        finding(
          'spec-heartbeat-order',
          `routes[${index}] waits ${formatDuration(heartbeat.timeoutMs)} for the answer to a ping and sends one every ${formatDuration(heartbeat.everyMs)}`,
          {
            where: locate([...at, 'heartbeat', 'timeout'], 'value'),
            why: 'A second ping would go out before the first has failed, and a late pong could answer either.',
          },
        ),
      );
    if (heartbeat !== null && idleTimeoutMs !== null && idleTimeoutMs <= heartbeat.everyMs)
      found.push(
        finding(
          'spec-heartbeat-idle',
          `routes[${index}] ends a connection after ${formatDuration(idleTimeoutMs)} without data and pings every ${formatDuration(heartbeat.everyMs)}`,
          {
            where: locate([...at, 'idleTimeout'], 'value'),
            why: 'Only data frames count against the idle timeout, pings and pongs do not.',
          },
        ),
      );
    if (route.move !== null && hooks?.messages === true)
      found.push(
        finding('spec-move-hooks', `routes[${index}] moves its clients and delivers their messages to hooks`, {
          where: locate([...at, 'onServerLoss'], 'value'),
          why: 'A hook that is still thinking about a message of the old server cannot be taken to the new one.',
        }),
      );
    if (hooks !== null && spec.hooks === null)
      found.push(
        finding('spec-hooks-missing', `routes[${index}] has hooks, and the spec names no hooks module`, {
          where: locate([...at, 'hooks'], 'key'),
        }),
      );
  }
  return found;
}

function checkPath({ path, match }: RouteSpec, index: number, locate: Locate): Diagnostic<Code>[] {
  if (path === null) return [];
  const complain = (setting: string, message: string): Diagnostic<Code>[] => [
    finding('spec-path-change', `routes[${index}] ${message}`, {
      where: locate(['routes', index, 'path', setting], 'key'),
    }),
  ];
  const { strip, prefix, replace } = path;
  if (strip === null && prefix === null && replace === null)
    return [
      finding('spec-path-change', `routes[${index}].path says nothing`, {
        where: locate(['routes', index, 'path'], 'key'),
      }),
    ];
  if (replace !== null && (strip !== null || prefix !== null))
    return complain('replace', 'has path.replace beside path.strip or path.prefix: replace stands for both');
  if (strip !== null && !`${samePath(match.path)}/`.startsWith(`${samePath(strip)}/`))
    return complain('strip', `strips ${strip}, which the paths that it matches (${match.path}) do not begin with`);
  return [];
}

/** Paths match by segments, so that slashes at the end or in a row and the way of encoding make no difference. */
function samePath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  // Every % is followed by two digits, as the reader has seen to; each byte becomes one character.
  const decode = (segment: string) =>
    segment.replace(/%([\da-f]{2})/gi, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return `/${segments.map(decode).join('/')}`;
}

function checkTrust(spec: Spec, locate: Locate): Diagnostic<Code>[] {
  const found: Diagnostic<Code>[] = [];
  for (const [index, block] of spec.trustedProxies.entries()) {
    if (!block.endsWith('/0')) continue;
    found.push(
      finding('spec-trusts-everyone', `${block} is every address there is`, {
        where: locate(['trustedProxies', index], 'value'),
      }),
    );
  }
  for (const [index, listen] of spec.listen.entries()) {
    if (listen.clientCertificates !== null && listen.tls === null)
      found.push(
        finding('spec-tls-missing', `listen[${index}] asks for clients’ certificates, and speaks no TLS`, {
          where: locate(['listen', index, 'clientCertificates'], 'key'),
        }),
      );
    if (!listen.proxyProtocol || spec.trustedProxies.length > 0) continue;
    found.push(
      finding(
        'spec-proxy-protocol-untrusted',
        `listen[${index}] expects the PROXY protocol, and trustedProxies is empty`,
        {
          where: locate(['listen', index, 'proxyProtocol'], 'key'),
        },
      ),
    );
  }
  return found;
}
