/**
 * Which pages may connect: the Origin header against a route's allow-list (RFC 6454; RFC 6455, 10.2).
 *
 * Compared are scheme, host and port and nothing else. Browsers write scheme and host in lower case; a header in other
 * letters is lowered before it is compared, since a client that is no browser can write any origin anyway. The default
 * ports (80, 443) may be written or left out. An entry in Unicode is turned to punycode once, when the list is
 * compiled; a header in Unicode never matches, because no browser sends one.
 */
import { emptyRecord } from '../../base/record.ts';
import type { OriginsSpec } from '../../spec/model.ts';
import { allDigits, browserHost, endsInNumber, isBracketedAddress, isHostName } from '../routes/host-name.ts';

/** Plain data, so that it can be written into another program's configuration. */
export interface OriginMatcher {
  readonly any: boolean;
  /** Keys are `scheme://host:port` or `scheme://*.host:port`; the port is empty for schemes without a default one. */
  readonly entries: Readonly<Record<string, true>>;
  /** Entries of the list that are not origins. They match nothing. */
  readonly ignored: readonly IgnoredOrigin[];
  readonly mode: OriginsSpec['mode'];
  readonly missing: OriginsSpec['missing'];
}

export interface IgnoredOrigin {
  readonly entry: string;
  readonly problem: string;
}

/**
 * `several` is more than one Origin header; `malformed` everything that is no origin: a path, userinfo, a list, a space
 * …
 */
export type OriginReason =
  | 'any'
  | 'listed'
  | 'not-listed'
  | 'null'
  | 'malformed'
  | 'several'
  | 'missing-allowed'
  | 'missing-denied';

export interface OriginDecision {
  /** What to do: in report mode always true. */
  readonly allowed: boolean;
  /** What the list says: in report mode this is what gets counted. */
  readonly wouldRefuse: boolean;
  readonly reason: OriginReason;
}

/**
 * A host has at most 253 characters; with scheme and port nothing longer can be an origin, so nothing longer is read.
 */
const originLengthMax = 320;

export function compileOrigins(spec: OriginsSpec): OriginMatcher {
  const entries = emptyRecord<true>();
  const ignored: IgnoredOrigin[] = [];
  for (const entry of spec.allow ?? []) {
    const read = readEntry(entry);
    if (read.ok) entries[read.key] = true;
    else ignored.push({ entry, problem: read.problem });
  }
  return { any: spec.allow === null, entries, ignored, mode: spec.mode, missing: spec.missing };
}

/** `originHeaders` holds the value of every Origin header of the request, in order, as it was sent. */
export function decideOrigin(matcher: OriginMatcher, originHeaders: readonly string[]): OriginDecision {
  const reason = reasonFor(matcher, originHeaders);
  const wouldRefuse = !(reason === 'any' || reason === 'listed' || reason === 'missing-allowed');
  return { allowed: !wouldRefuse || matcher.mode === 'report', wouldRefuse, reason };
}

function reasonFor(matcher: OriginMatcher, headers: readonly string[]): OriginReason {
  if (headers.length === 0) return matcher.missing === 'allow' ? 'missing-allowed' : 'missing-denied';
  if (matcher.any) return 'any';
  if (headers.length > 1) return 'several';
  const text = headers[0]!;
  if (text === 'null') return 'null';
  const origin = text.length <= originLengthMax ? split(text) : null;
  if (origin === null) return 'malformed';
  if (!isHostless(origin) && !isHostName(origin.host) && !isBracketedAddress(origin.host)) return 'malformed';
  return isListed(matcher.entries, origin) ? 'listed' : 'not-listed';
}

/** One look-up for the origin itself, and one for each dot in its host. */
function isListed(entries: Readonly<Record<string, true>>, origin: OriginParts): boolean {
  const host = origin.host.toLowerCase();
  if (entries[key(origin, host)] === true) return true;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    if (entries[key(origin, `*${host.slice(dot)}`)] === true) return true;
  }
  return false;
}

/** Always contains `://`, so it can never be the name of something that every object has. */
function key(origin: OriginParts, host: string): string {
  return `${origin.scheme}://${host}:${origin.port}`;
}

type ReadEntry = { readonly ok: true; readonly key: string } | { readonly ok: false; readonly problem: string };

function readEntry(entry: string): ReadEntry {
  if (entry === '*') return problem('a bare * is no origin; write `origins: any` to admit every page');
  if (entry === 'null') return problem('null is what any sandboxed page sends, so it is never matched');
  const origin = split(entry);
  if (origin === null) return problem(`"${entry}" is not an origin; write it as https://app.example.com, with no path`);
  if (isHostless(origin)) return { ok: true, key: key(origin, origin.host) };
  const wildcard = origin.host.startsWith('*.');
  const host = browserHost(wildcard ? origin.host.slice(2) : origin.host);
  if (host === null)
    return problem(`"${origin.host}" is not a host name; a * may only stand for whole labels in front`);
  if (wildcard && (host[0] === '[' || endsInNumber(host))) return problem('an IP address has no subdomains');
  return { ok: true, key: key(origin, wildcard ? `*.${host}` : host) };
}

/** `app://.` of Electron and `file://` of Cordova: app shells have schemes without hosts, and send them so. */
function isHostless(origin: OriginParts): boolean {
  return (origin.host === '' || origin.host === '.') && origin.port === '' && defaultPort(origin.scheme) === '';
}

function problem(text: string): ReadEntry {
  return { ok: false, problem: text };
}

interface OriginParts {
  /** Lower case. */
  readonly scheme: string;
  /** As written and not yet checked. */
  readonly host: string;
  /** Filled in for schemes that have a default; otherwise empty when it was not given. */
  readonly port: string;
}

/**
 * Cuts `scheme://host[:port]`; null when scheme or port are not well formed. A path or userinfo is left in the host,
 * where it fails.
 */
function split(text: string): OriginParts | null {
  const schemeEnd = text.indexOf('://');
  if (schemeEnd === -1 || !isScheme(text, schemeEnd)) return null;
  const scheme = text.slice(0, schemeEnd).toLowerCase();
  const authority = text.slice(schemeEnd + 3);
  const bracket = authority[0] === '[' ? authority.indexOf(']') : -1;
  const colon = authority.indexOf(':', bracket + 1);
  if (colon === -1) return { scheme, host: authority, port: defaultPort(scheme) };
  const port = authority.slice(colon + 1);
  return isPort(port) ? { scheme, host: authority.slice(0, colon), port } : null;
}

/**
 * RFC 3986, 3.1: a letter, then letters, digits, `+`, `-`, `.`. Extensions and app shells have schemes of their own.
 */
function isScheme(text: string, end: number): boolean {
  for (let index = 0; index < end; index++) {
    const character = text.charCodeAt(index);
    const letter = (character | 0x20) >= 0x61 && (character | 0x20) <= 0x7a;
    const other =
      (character >= 0x30 && character <= 0x39) || character === 0x2b || character === 0x2d || character === 0x2e;
    if (!letter && (index === 0 || !other)) return false;
  }
  return end > 0;
}

function defaultPort(scheme: string): string {
  if (scheme === 'https' || scheme === 'wss') return '443';
  return scheme === 'http' || scheme === 'ws' ? '80' : '';
}

/** As serialised: no empty port, no leading zero. */
function isPort(text: string): boolean {
  return text.length > 0 && text.length <= 5 && text[0] !== '0' && allDigits(text) && Number(text) <= 65535;
}
