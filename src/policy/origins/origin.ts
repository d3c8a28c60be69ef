/**
 * Which pages may connect: the Origin header against a route's allow-list (RFC 6454; RFC 6455, 10.2).
 *
 * Compared are scheme, host and port and nothing else. Browsers write scheme and host in lower case; a header in other
 * letters is lowered before it is compared, since a client that is no browser can write any origin anyway. The default
 * ports (80, 443) may be written or left out. An entry in Unicode is turned to punycode once, when the list is
 * compiled; a header in Unicode never matches, because no browser sends one.
 */
import type { OriginsSpec } from '../../spec/model.ts';
import { isBracketedAddress, isHostName } from '../routes/host-name.ts';
import { isHostless, type OriginParts, originKey, splitOrigin } from './parts.ts';

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
  const origin = text.length <= originLengthMax ? splitOrigin(text) : null;
  if (origin === null) return 'malformed';
  if (!isHostless(origin) && !isHostName(origin.host) && !isBracketedAddress(origin.host)) return 'malformed';
  return isListed(matcher.entries, origin) ? 'listed' : 'not-listed';
}

/** One look-up for the origin itself, and one for each dot in its host. */
function isListed(entries: Readonly<Record<string, true>>, origin: OriginParts): boolean {
  const host = origin.host.toLowerCase();
  if (entries[originKey(origin, host)] === true) return true;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    if (entries[originKey(origin, `*${host.slice(dot)}`)] === true) return true;
  }
  return false;
}
