/**
 * What a change must not change: for every location, what the backend gets for a table of requests. What worked before
 * works after, on the same address, with the same path and the same headers; only a handshake that failed may begin to
 * succeed.
 */

import type { Effective, Location } from '../../effective/model.ts';
import type { ClientRequest, Passage, Proxied } from '../../effective/request/model.ts';
import { passageOf } from '../../effective/request/passage.ts';
import { samplesOf } from '../pattern-samples.ts';

export interface KindOfRequest {
  readonly name: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const webSocket = (upgrade: string): KindOfRequest['headers'] => [
  ['Upgrade', upgrade],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['Sec-WebSocket-Version', '13'],
];

/** Handshakes, ordinary requests, and the upgrades of Docker (attach) and Kubernetes (exec). */
export const requestTable: readonly KindOfRequest[] = [
  { name: 'handshake', method: 'GET', headers: webSocket('websocket') },
  { name: 'handshake in capitals', method: 'GET', headers: webSocket('WebSocket') },
  { name: 'GET', method: 'GET', headers: [['Accept', 'text/html']] },
  { name: 'POST', method: 'POST', headers: [['Content-Length', '0']] },
  {
    name: 'Upgrade: tcp',
    method: 'POST',
    headers: [
      ['Upgrade', 'tcp'],
      ['Connection', 'Upgrade'],
      ['Content-Length', '0'],
    ],
  },
  {
    name: 'Upgrade: SPDY/3.1',
    method: 'POST',
    headers: [
      ['Upgrade', 'SPDY/3.1'],
      ['Connection', 'Upgrade'],
      ['Content-Length', '0'],
    ],
  },
];

/** Requests that are tried; a configuration with more locations is tried on the first ones. */
const samplesMax = 4000;

export interface ProofSample {
  readonly kind: KindOfRequest;
  readonly request: ClientRequest;
}

/** A request of every kind for every location. */
export function samplesFor(model: Effective): readonly ProofSample[] {
  const samples: ProofSample[] = [];
  for (const location of model.locations) {
    if (location.kind !== 'location' || location.modifier === '@') continue;
    for (const path of pathsOf(location))
      for (const kind of requestTable) samples.push({ kind, request: requestFor(location, path, kind) });
    if (samples.length >= samplesMax) break;
  }
  return samples;
}

/** What got lost between two passages of the same sample, in words; null when nothing did. */
export function lossBetween({ kind, request }: ProofSample, before: Passage, after: Passage): string | null {
  const what = differs(kind, before, after);
  return what === null ? null : `${kind.name} ${request.path}: ${what}`;
}

export function passagesOf(model: Effective, samples: readonly ProofSample[]): readonly Passage[] {
  return samples.map(({ request }) => passageOf(model, request));
}

function pathsOf({ modifier, pattern }: Location): readonly string[] {
  if (modifier.startsWith('~'))
    return samplesOf(pattern)
      .filter((sample) => sample.startsWith('/'))
      .slice(0, 2);
  if (modifier === '=') return [pattern];
  return pattern.endsWith('/')
    ? [pattern, `${pattern}a`, ...(pattern === '/' ? [] : [pattern.slice(0, -1)])]
    : [pattern, `${pattern}/a`];
}

function requestFor({ server }: Location, path: string, kind: KindOfRequest): ClientRequest {
  const listen = server.listens.find(({ quic, port }) => !quic && port !== null);
  const name = server.names.find((each) => /^[a-z0-9.-]+$/i.test(each) && each !== '') ?? 'localhost';
  const scheme = listen?.ssl === true ? 'https' : 'http';
  const port = listen?.port ?? null;
  const isUsual = port === null || port === (scheme === 'https' ? 443 : 80);
  return {
    method: kind.method,
    scheme,
    host: isUsual ? name : `${name}:${port}`,
    port,
    path,
    query: 'token=a',
    headers: [...kind.headers, ['User-Agent', 'sample']],
  };
}

function differs(kind: KindOfRequest, { outcome: before }: Passage, { outcome: after }: Passage): string | null {
  const isHandshake = kind.name.startsWith('handshake');
  if (before.kind !== 'proxied') {
    // nginx's own redirect to the path with a slash helps nobody; a refusal is meant.
    const isRedirect = before.kind === 'answered' && before.status < 400;
    return after.kind === 'proxied' && !isHandshake && !isRedirect ? 'is let through' : null;
  }
  // What is no address does not start.
  if (before.target.scheme === null && !before.target.hasVariables) return null;
  if (after.kind !== 'proxied') return 'does not reach the backend any more';
  // Where the handshake failed, it may begin to work wherever that is: an "if" that knew one case of letters only.
  if (isHandshake && !upgrades(kind, before) && upgrades(kind, after) && before.to.text !== after.to.text) return null;
  if (before.to.text !== after.to.text) return `goes to ${after.to.text} instead of ${before.to.text}`;
  if (before.uri.text !== after.uri.text) return `asks for ${after.uri.text} instead of ${before.uri.text}`;
  return differentHandshake(kind, before, after) ?? differentHeaders(before, after);
}

function differentHandshake(kind: KindOfRequest, before: Proxied, after: Proxied): string | null {
  const asked = kind.headers.find(([name]) => name === 'Upgrade')?.[1].toLowerCase();
  if (asked === undefined)
    return sentValue(before, 'upgrade') === '' && sentValue(after, 'upgrade') !== '' ? 'asks for an upgrade' : null;
  return upgrades(kind, before) && !upgrades(kind, after) ? 'has lost its upgrade' : null;
}

/** The backend is asked for the protocol that the client asks for. */
function upgrades({ headers }: KindOfRequest, sent: Proxied): boolean {
  const asked = headers.find(([name]) => name === 'Upgrade')?.[1].toLowerCase();
  return asked !== undefined && namesUpgrade(sent) && sentValue(sent, 'upgrade').toLowerCase() === asked;
}

function differentHeaders(before: Proxied, after: Proxied): string | null {
  const names = new Set([...before.headers, ...after.headers].map(({ name }) => name.toLowerCase()));
  for (const name of names) {
    if (name === 'upgrade' || name === 'connection') continue;
    const [then, now] = [sentValue(before, name), sentValue(after, name)];
    if (then === now || (name === 'host' && isOwnHost(before, then, now))) continue;
    return now === '' ? `has lost ${name}: ${then}` : `has ${name}: ${now} instead of ${then === '' ? 'none' : then}`;
  }
  return null;
}

/** The default names the upstream, which nobody asks for; and a port may be added that was lost. */
function isOwnHost(before: Proxied, then: string, now: string): boolean {
  const line = before.headers.find(({ name }) => name.toLowerCase() === 'host');
  // Several lines of Host are refused by most servers, so one of them may go.
  const lines = then.split(', ');
  return line?.from === 'default' || now.startsWith(`${then}:`) || (lines.length > 1 && lines.includes(now));
}

function namesUpgrade(sent: Proxied): boolean {
  return sentValue(sent, 'connection')
    .toLowerCase()
    .split(/[\s,]+/)
    .includes('upgrade');
}

function sentValue({ headers }: Proxied, wanted: string): string {
  return headers
    .filter(({ name }) => name.toLowerCase() === wanted)
    .map(({ value }) => value.text)
    .join(', ');
}
