/**
 * Who the client is when proxies stand in front, and what the server is told. Only what a trusted proxy vouches for is
 * believed: its headers are read from the right, where it appended, up to the first address that is no trusted proxy.
 * That is the client, and whatever stands further left was written by it and is forgotten.
 *
 * X-Forwarded-For goes before Forwarded when both are there: nearly every proxy writes the first and passes the second
 * through untouched, so a client could write it. A proxy that writes Forwarded only has to remove X-Forwarded-For.
 */

import { type Address, anyHolds, type Cidr, formatAddress, parseAddress, parsePeer } from '../../base/address.ts';
import { allDigits, hostOfHeader } from '../routes/host-name.ts';
import { type ForwardedElement, lastForwardedElement } from './forwarded-element.ts';

export interface ForwardedRequest {
  /**
   * The socket's other end (`unix:` for a Unix socket), or the source that a PROXY protocol header of a trusted proxy
   * named.
   */
  readonly peerAddress: string;
  readonly peerPort: number;
  /** Whether the client reached this listener over TLS. */
  readonly tls: boolean;
  readonly trustedProxies: readonly Cidr[];
  /** Of the certificate that the socket's other end showed; empty for none. */
  readonly certificateSubject?: string;
  /** All values of a header by its lower-case name, in order; empty when it is missing. */
  readonly header: (name: string) => readonly string[];
}

export interface ForwardedClient {
  readonly address: string;
  /** 0 when a proxy did not say. */
  readonly port: number;
  /** The socket's other end is a trusted proxy. */
  readonly viaTrustedProxy: boolean;
  /** The client and the trusted proxies it came through, nearest last. The value of X-Forwarded-For for the server. */
  readonly chain: readonly string[];
  readonly proto: 'http' | 'https';
  /** The host that the client asked for; null when the request has none that is well formed. */
  readonly host: string | null;
  /** Of a certificate that was verified, by the edge or by the trusted proxy that says so; empty for none. */
  readonly certificateSubject: string;
}

/** No real chain is longer, and each hop costs work that the sender of the header asked for. */
const hopsMax = 32;

/** What the server is told of the client. */
export function forwardingHeaders(client: ForwardedClient): [name: string, value: string][] {
  const headers: [string, string][] = [
    ['X-Forwarded-For', client.chain.length === 1 ? client.chain[0]! : client.chain.join(', ')],
    ['X-Forwarded-Proto', client.proto],
  ];
  if (client.host !== null) headers.push(['X-Forwarded-Host', client.host]);
  headers.push(['X-Real-IP', client.address]);
  if (client.certificateSubject !== '') headers.push(['X-Client-Subject', client.certificateSubject]);
  return headers;
}

/**
 * True for a request header (lower-case name) that must not be passed on: those that `forwardingHeaders` replaces,
 * Forwarded, which would contradict them, and from a client that no trusted proxy vouches for every `x-forwarded-…`,
 * since servers believe them (`x-forwarded-user`, `x-forwarded-prefix`).
 */
export function isForgeable(client: ForwardedClient, name: string): boolean {
  return replaced.has(name) || (!client.viaTrustedProxy && name.startsWith('x-forwarded-'));
}

const replaced: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-real-ip',
  'x-client-subject',
]);

export function clientOf(request: ForwardedRequest): ForwardedClient {
  const peer = parsePeer(request.peerAddress);
  const host = request.header('host')[0];
  const address = peer === null ? request.peerAddress : formatAddress(peer);
  const direct: ForwardedClient = {
    address,
    port: request.peerPort,
    viaTrustedProxy: false,
    chain: [address],
    proto: request.tls ? 'https' : 'http',
    host: wellFormedHost(host),
    certificateSubject: request.certificateSubject ?? '',
  };
  if (peer === null || !anyHolds(request.trustedProxies, peer)) return direct;

  const forwardedFor = request.header('x-forwarded-for').join(',');
  const forwarded = forwardedFor === '' ? request.header('forwarded').join(',') : '';
  const claims = forwarded === '' ? null : lastForwardedElement(forwarded).element;
  const hops = forwarded === '' ? hopsOfList(forwardedFor) : hopsOfForwarded(forwarded);
  return {
    ...walk(direct, hops, request.trustedProxies),
    viaTrustedProxy: true,
    proto: protoOf(lastOf(request.header('x-forwarded-proto')) ?? claims?.proto) ?? direct.proto,
    host: wellFormedHost(lastOf(request.header('x-forwarded-host')) ?? claims?.host ?? undefined) ?? direct.host,
    // Its own certificate says who the proxy is, which the server has no use for.
    certificateSubject: lastOf(request.header('x-client-subject')) ?? '',
  };
}

interface Hop {
  readonly address: Address;
  readonly port: number;
}

/**
 * `hops` come nearest first; null is one that names no address (`unknown`, `_hidden`, nonsense), where knowledge ends.
 */
function walk(direct: ForwardedClient, hops: Iterable<Hop | null>, trusted: readonly Cidr[]): ForwardedClient {
  const chain = [...direct.chain];
  let client = { address: direct.address, port: direct.port };
  for (const hop of hops) {
    if (hop === null || chain.length > hopsMax) break;
    client = { address: formatAddress(hop.address), port: hop.port };
    chain.unshift(client.address);
    if (!anyHolds(trusted, hop.address)) break;
  }
  return { ...direct, ...client, chain };
}

function* hopsOfList(list: string): Iterable<Hop | null> {
  let rest: string | null = list;
  while (rest !== null) {
    const comma: number = rest.lastIndexOf(',');
    yield readHop(rest.slice(comma + 1).trim());
    rest = comma === -1 ? null : rest.slice(0, comma);
  }
}

function* hopsOfForwarded(header: string): Iterable<Hop | null> {
  let rest: string | null = header;
  while (rest !== null) {
    const last: { element: ForwardedElement | null; before: string | null } = lastForwardedElement(rest);
    yield last.element === null || last.element.for === null ? null : readHop(last.element.for);
    rest = last.before;
  }
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`; a hidden port (`_x`) is 0. */
function readHop(text: string): Hop | null {
  const bracket = text[0] === '[' ? text.indexOf(']') : -1;
  let host = text;
  let port = '';
  if (bracket !== -1) {
    host = text.slice(1, bracket);
    if (host.indexOf(':') === -1) return null;
    port = text.slice(bracket + 1);
  } else if (text.indexOf('.') !== -1 && text.indexOf(':') === text.lastIndexOf(':') && text.indexOf(':') !== -1) {
    host = text.slice(0, text.indexOf(':'));
    port = text.slice(text.indexOf(':'));
  }
  const address = parseAddress(host);
  if (address === null) return null;
  if (port === '' || port.startsWith(':_')) return { address, port: 0 };
  const digits = port.slice(1);
  if (port[0] !== ':' || digits === '' || digits.length > 5 || !allDigits(digits)) return null;
  return { address, port: Number(digits) };
}

/** The value that the nearest proxy wrote: the last of a list. */
function lastOf(values: readonly string[]): string | undefined {
  const value = values[values.length - 1];
  return value === undefined ? undefined : value.slice(value.lastIndexOf(',') + 1).trim();
}

function protoOf(text: string | null | undefined): 'http' | 'https' | null {
  const lower = (text ?? '').toLowerCase();
  if (lower === 'https' || lower === 'wss') return 'https';
  return lower === 'http' || lower === 'ws' ? 'http' : null;
}

function wellFormedHost(text: string | undefined): string | null {
  return text !== undefined && hostOfHeader(text) !== null ? text : null;
}
