import { isLoopbackHost } from '../../base/address.ts';
import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import { socketPathOf } from '../../base/unix-socket.ts';
import { finding, type Locate } from '../finding.ts';
import type { UpstreamSpec } from '../model/upstream.ts';
import type { Spec } from '../model.ts';
import { formatHostPort } from '../value/address.ts';
import { parseName, quotedText } from '../value/safe-text.ts';
import { checkInstances } from './managed.ts';

export function checkUpstreams(spec: Spec, locate: Locate): Diagnostic<Code>[] {
  const used = new Set(spec.routes.map((route) => route.upstream));
  return spec.upstreams.flatMap((upstream) => {
    const at = ['upstreams', upstream.name];
    const found = [...checkServers(spec, upstream, locate), ...checkInstances(upstream, locate)];
    if (upstream.rebalance === 'auto' && upstream.balance.kind === 'hash')
      found.push(
        finding('spec-rebalance-hash', `the upstream ${quotedText(upstream.name)} is to be evened out by itself`, {
          where: locate([...at, 'rebalance'], 'value'),
        }),
      );
    // A hook may lead to any upstream.
    if (!used.has(upstream.name) && spec.hooks === null)
      found.push(
        finding('spec-unused-upstream', `no route leads to the upstream ${quotedText(upstream.name)}`, {
          where: locate(at, 'key'),
        }),
      );
    return found;
  });
}

/** After a hundred wrong names nobody needs the next, and each one is compared with every right one. */
const findingsMax = 100;

/**
 * Names and references, on what was written: these are worth reporting beside the faults that keep the rest from being
 * read. Anything that is not of the expected shape is passed over, since the schema reports it.
 */
export function checkReferences(written: unknown, locate: Locate): Diagnostic<Code>[] {
  const upstreams = child(written, 'upstreams');
  const routes = child(written, 'routes');
  if (typeof upstreams !== 'object' || upstreams === null || Array.isArray(upstreams)) return [];
  const names = Object.keys(upstreams);
  const known = new Set(names);
  const found: Diagnostic<Code>[] = [];
  for (const name of names) {
    if (found.length >= findingsMax) break;
    const read = parseName(name);
    if (!read.ok)
      found.push(
        finding('spec-unsafe-name', `upstreams: ${read.problem}`, { where: locate(['upstreams', name], 'key') }),
      );
  }
  for (const [index, route] of (Array.isArray(routes) ? routes : [routes]).entries()) {
    const wanted = child(route, 'upstream');
    if (typeof wanted !== 'string' || known.has(wanted)) continue;
    if (found.length >= findingsMax) break;
    const meant = nearest(wanted, names);
    const hint =
      meant !== undefined
        ? `; did you mean ${meant}?`
        : names.length > 0 && names.length < 8
          ? `; there are ${names.map(quotedText).join(', ')}`
          : '';
    found.push(
      finding(
        'spec-unknown-upstream',
        `routes[${index}] leads to the upstream ${quotedText(wanted)}, which is not there${hint}`,
        {
          where: locate(['routes', index, 'upstream'], 'value'),
        },
      ),
    );
  }
  return found;
}

function checkServers(spec: Spec, upstream: UpstreamSpec, locate: Locate): Diagnostic<Code>[] {
  const at = ['upstreams', upstream.name];
  const name = quotedText(upstream.name);
  const found: Diagnostic<Code>[] = [];
  if (upstream.managed === null && upstream.servers.length === 0)
    found.push(
      finding('spec-upstream-servers', `the upstream ${name} has neither servers nor a command`, {
        where: locate(at, 'key'),
      }),
    );
  if (upstream.managed !== null && upstream.servers.length > 0)
    found.push(
      finding('spec-upstream-servers', `the upstream ${name} has both servers and a command`, {
        where: locate([...at, 'command'], 'key'),
      }),
    );
  if (upstream.ca !== null && (!upstream.verifyTls || upstream.servers.every(({ url }) => !url.startsWith('https:'))))
    found.push(
      finding('spec-tls-missing', `the upstream ${name} has a ca, and no server whose certificate is checked`, {
        where: locate([...at, 'ca'], 'key'),
      }),
    );
  const seen = new Set<string>();
  for (const [index, server] of upstream.servers.entries()) {
    const where = locate([...at, 'servers', index, 'url'], 'value');
    if (seen.has(server.url))
      found.push(finding('spec-duplicate-server', `the upstream ${name} lists ${server.url} twice`, { where }));
    seen.add(server.url);
    if (server.url.startsWith('srv+') && upstream.resolveEveryMs === null)
      found.push(
        finding('spec-srv-unresolved', `the upstream ${name} has SRV records for servers, and resolve is off`, {
          where,
        }),
      );
    const loop = spec.listen.find((listen) => isSelf(server.url, listen.address));
    if (loop !== undefined)
      found.push(
        finding('spec-server-loop', `${server.url} is the edge itself: it listens on ${formatHostPort(loop.address)}`, {
          where,
          why: 'Every handshake would come back to the edge until its connections run out.',
        }),
      );
  }
  return found;
}

/** Only what can be known without asking a resolver: loopback addresses, and the very address of a listener. */
export function isSelf(serverUrl: string, address: { host: string; port: number }): boolean {
  if (serverUrl.startsWith('srv+') || socketPathOf(serverUrl) !== null) return false;
  const url = new URL(serverUrl);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (address.port === 0 || port !== address.port) return false;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === address.host || host === '0.0.0.0' || host === '::') return true;
  return isLoopbackHost(host) && (address.host === '0.0.0.0' || address.host === '::' || address.host === 'localhost');
}

function child(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
