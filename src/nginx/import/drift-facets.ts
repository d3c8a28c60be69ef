/** What is compared of two routes: each setting as one text, and what it means to clients when the texts differ. */
import type { BalanceSpec } from '../../spec/model/upstream.ts';
import type { HeaderRulesSpec, ListenSpec, RouteSpec, Spec } from '../../spec/model.ts';
import type { HeaderTemplate } from '../../spec/value/header-template.ts';

export interface Facet {
  readonly name: string;
  readonly of: (route: RouteSpec, spec: Spec) => string;
  /** Of nginx's text and the spec's. */
  readonly consequence: (nginx: string, spec: string) => string;
}

export const facets: readonly Facet[] = [
  {
    name: 'servers',
    of: (route, spec) =>
      serversOf(route, spec)
        .map(
          ({ url, weight, connectionsMax }) =>
            `${url}${weight === 1 ? '' : ` weight ${weight}`}${connectionsMax === null ? '' : ` up to ${connectionsMax}`}`,
        )
        .toSorted()
        .join(', ') || 'none',
    consequence: () => 'the same client gets to other servers, or to the same ones in other shares',
  },
  {
    name: 'balance',
    // With one server there is nothing to choose.
    of: (route, spec) =>
      serversOf(route, spec).length < 2 ? 'one server' : balanceOf(upstreamOf(route, spec)?.balance),
    consequence: (nginx, spec) =>
      /hash|cookie/.test(nginx + spec)
        ? 'a client that polls or comes back is led to its server by one of the two alone'
        : 'connections pile up differently on the servers',
  },
  {
    name: 'path to the server',
    of: ({ path, match }) =>
      path === null
        ? 'as the client asked'
        : path.replace !== null
          ? `${match.path} becomes ${path.replace}`
          : `${path.strip ?? 'nothing'} taken off, ${path.prefix ?? 'nothing'} put in front`,
    consequence: () => 'the server is asked for another path, and may answer 404',
  },
  {
    name: 'origins',
    of: ({ origins: { allow, missing, mode } }) =>
      mode === 'report'
        ? 'any'
        : `${[...(allow ?? ['any'])].toSorted().join(', ')}${missing === 'deny' ? ', none without Origin' : ''}`,
    consequence: (nginx, spec) =>
      nginx === 'any'
        ? 'pages from anywhere connect through nginx with the cookies of your users'
        : spec === 'any'
          ? 'pages from anywhere connect through the edge with the cookies of your users'
          : 'pages that may connect through the one are refused by the other',
  },
  {
    name: 'headers to the server',
    of: ({ headers }) => rulesText(headers.toServer),
    consequence: () => 'the server is told something else, and may decide otherwise',
  },
  {
    name: 'headers to the client',
    of: ({ headers }) => rulesText(headers.toClient),
    consequence: () => 'browsers see other headers on answers',
  },
  {
    name: 'ordinary requests',
    of: ({ http }) => (http === null ? 'refused' : 'passed on'),
    consequence: () => 'pages and long polls of this path work through one of the two alone',
  },
  {
    name: 'authorizer',
    of: ({ handshake: { authorize } }) =>
      authorize === null ? 'none' : `${authorize.url}${authorize.headers.map((name) => ` ${name}`).join('')}`,
    consequence: (nginx, spec) =>
      nginx === 'none' || spec === 'none'
        ? 'one of the two lets clients in without asking'
        : 'another service decides who gets in, or other headers go on',
  },
  {
    name: 'connections of one address',
    of: ({ limits }) => String(limits.connectionsPerAddress ?? 'no limit'),
    consequence: () => 'an office or a flood is stopped at another number',
  },
  {
    name: 'connections of the route',
    of: ({ limits }) => String(limits.connections ?? 'no limit'),
    consequence: () => 'the servers may be given more than they were meant to hold',
  },
  {
    name: 'handshakes of one address',
    of: ({ handshake: { ratePerSecond, burst } }) =>
      ratePerSecond === null ? 'no limit' : `${Number(ratePerSecond.toFixed(3))}/s, ${burst} at once`,
    consequence: () => 'clients that come back together are refused by one of the two',
  },
];

export interface ListenFacet {
  /** Behind the address, in a message. */
  readonly name: string;
  readonly of: (listen: ListenSpec) => string;
  /** True for texts that mean the same. */
  readonly same?: (nginx: string, spec: string) => boolean;
  readonly consequence: string;
}

export const listenFacets: readonly ListenFacet[] = [
  {
    name: '',
    of: ({ tls }) => (tls === null ? 'plain' : 'TLS'),
    consequence: 'clients that speak the one are refused by the other',
  },
  {
    name: ', certificates',
    of: ({ tls, otherCertificates }) =>
      [tls, ...otherCertificates]
        .flatMap((each) => each?.cert ?? [])
        .toSorted()
        .join(', '),
    // A relative path stands beside the spec here and beside nginx.conf there.
    same: (nginx, spec) => {
      const [theirs, ours] = [nginx.split(', '), spec.split(', ')];
      return theirs.length === ours.length && theirs.every((file, index) => file.endsWith(`/${ours[index]}`));
    },
    consequence: 'clients see another certificate, and for names that it lacks a warning',
  },
  {
    name: ', client certificates',
    of: ({ clientCertificates }) =>
      clientCertificates === null ? 'not asked for' : clientCertificates.required ? 'required' : 'optional',
    consequence: 'who may connect without a certificate is not the same',
  },
  {
    name: ', PROXY protocol',
    of: ({ proxyProtocol }) => (proxyProtocol ? 'expected' : 'not expected'),
    consequence: 'the proxy in front is understood by one of the two alone',
  },
];

function upstreamOf({ upstream }: RouteSpec, { upstreams }: Spec) {
  return upstreams.find(({ name }) => name === upstream);
}

function serversOf(route: RouteSpec, spec: Spec) {
  return upstreamOf(route, spec)?.servers ?? [];
}

function balanceOf(balance: BalanceSpec | undefined): string {
  if (balance === undefined) return 'none';
  if (balance.kind === 'hash')
    return balance.key.by === 'ip' ? 'hash of the address' : `hash of the ${balance.key.by} ${balance.key.name}`;
  return balance.kind === 'sticky-cookie' ? `cookie ${balance.cookie.name}` : balance.kind;
}

function rulesText({ set, add, remove }: HeaderRulesSpec): string {
  const values = (word: string, entries: HeaderRulesSpec['set']) =>
    entries.map(([name, value]) => `${word} ${name.toLowerCase()}: ${templateText(value)}`);
  const lines = [...values('set', set), ...values('add', add), ...remove.map((name) => `remove ${name}`)];
  return lines.toSorted().join(', ') || 'as they came';
}

/** Text, variable, text … */
function templateText(template: HeaderTemplate): string {
  return template.map((part, index) => (index % 2 === 0 ? part : `$${part}`)).join('');
}
