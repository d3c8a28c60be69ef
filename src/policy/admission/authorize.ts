/** The HTTP subrequest that decides a handshake: what the authorizer is asked, and what its answer means. */
import { canonicalName } from '../../base/header-name.ts';
import { hopHeaders, isOfHop, nominatedBy } from '../../base/hop-headers.ts';
import type { AuthorizeSpec } from '../../spec/model.ts';
import { type ForwardedClient, forwardingHeaders, isForgeable } from '../client-address/forwarded.ts';
import { type ReadTags, readTags, tagPrefix } from './tags.ts';

export type Header = readonly [name: string, value: string];

export interface AuthorizedRequest {
  readonly method: string;
  /** Request target as sent, query included. */
  readonly target: string;
  /** All headers in order, as sent. */
  readonly headers: readonly Header[];
  readonly client: ForwardedClient;
}

export type AuthorizerAnswer =
  | {
      readonly kind: 'allow';
      /** The chosen headers that the answer has. */
      readonly headers: readonly Header[];
      /** Values of its Set-Cookie, for the client: sessions that it has renewed. */
      readonly cookies: readonly string[];
      readonly tags: ReadTags['tags'];
      /** For the log: tags that could not be taken. */
      readonly problems: readonly string[];
    }
  /** To be sent to the client as it is, with its body. */
  | { readonly kind: 'refuse'; readonly status: number; readonly headers: readonly Header[] }
  /** 503 for the client; the detail is for the log. */
  | { readonly kind: 'fail'; readonly detail: string };

/**
 * The body of a refusal is a page or a few words of JSON. Past this it is cut off, and the refusal goes out without a
 * body.
 */
export const authorizerBodyBytesMax = 65_536;

/** A chosen header goes to the server with every handshake, and most servers take 8 KiB for a line at the most. */
const chosenValueLengthMax = 8_192;

/**
 * Headers of the subrequest, a GET without a body. It carries the client's own headers (cookies and Authorization are
 * what an authorizer looks at, and Sec-WebSocket-Protocol, where browsers put tokens), but nothing of the hop, of the
 * upgrade, or forged.
 */
export function authorizerRequestHeaders(request: AuthorizedRequest): Header[] {
  const nominated = nominatedBy(request.headers.flat());
  const passed = request.headers.filter(([written]) => {
    const lower = written.toLowerCase();
    const name = canonicalName(lower);
    if (hopHeaders.has(name) || notAsked.includes(name) || nominated?.has(lower)) return false;
    // The authorizer reads headers the way servers do: what would be taken for one of its own words is none of the
    // client's.
    return !isForgeable(request.client, name) && !isOurs(name);
  });
  return [
    ...passed,
    ...forwardingHeaders(request.client),
    ['X-Original-Method', request.method],
    ['X-Original-URI', request.target],
  ];
}

/**
 * True for a header (lower-case name, in the canonical form) that the client may not send to the server on a route with
 * an authorizer: the chosen ones, because when the answer lacks one the client's would stand in its place.
 */
export function isAuthorizersHeader(spec: AuthorizeSpec, name: string): boolean {
  return isOurs(name) || spec.headers.some((chosen) => canonicalName(chosen) === name);
}

/**
 * 2xx allows; 401, 403 and a redirect that says where to (a page to sign in) are the authorizer's own refusal; anything
 * else is a failure, since it decided nothing.
 */
export function readAuthorizerAnswer(
  spec: AuthorizeSpec,
  status: number,
  headers: readonly Header[],
): AuthorizerAnswer {
  if (status === 401 || status === 403 || isRedirect(status, headers)) {
    const nominated = nominatedBy(headers.flat());
    return { kind: 'refuse', status, headers: headers.filter(([name]) => isOfAnswer(name.toLowerCase(), nominated)) };
  }
  if (!(status >= 200 && status <= 299)) return { kind: 'fail', detail: `the authorizer answered ${status}` };
  const chosen = headers.filter(
    ([name]) => spec.headers.includes(name.toLowerCase()) && isChoosable(name.toLowerCase()),
  );
  for (const [name, value] of chosen) {
    if (!isFieldValue(value) || value.length > chosenValueLengthMax)
      return { kind: 'fail', detail: `the authorizer’s header ${name} is too long or no header value` };
  }
  const cookies = headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value);
  if (cookies.some((value) => !isFieldValue(value)) || cookies.join('').length > chosenValueLengthMax)
    return { kind: 'fail', detail: 'the authorizer’s Set-Cookie is too long or no header value' };
  return { kind: 'allow', headers: chosen, cookies, ...readTags(headers) };
}

const redirects: readonly number[] = [301, 302, 303, 307, 308];

function isRedirect(status: number, headers: readonly Header[]): boolean {
  return redirects.includes(status) && headers.some(([name]) => name.toLowerCase() === 'location');
}

/** Of the upgrade, of a body that is not there, or set by whoever sends the subrequest. */
const notAsked: readonly string[] = [
  'host',
  'content-length',
  'content-type',
  'expect',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-accept',
];

/** Whatever the spec chooses: an authorizer decides who may connect and not how the handshake is written. */
function isChoosable(name: string): boolean {
  return !hopHeaders.has(name) && !name.startsWith('sec-websocket-') && name !== 'host' && name !== 'content-length';
}

function isOfAnswer(name: string, nominated: ReadonlySet<string> | null): boolean {
  // The length is written anew with the body that is really sent.
  return !isOfHop(name, nominated) && name !== 'content-length' && !name.startsWith(tagPrefix);
}

/** Names that only the edge writes, whoever sends them. */
function isOurs(name: string): boolean {
  return name.startsWith('x-original-') || name.startsWith('x-holdline-');
}

/** No control characters (RFC 9110, 5.5): such a value could end the header and begin another. */
export function isFieldValue(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const character = value.charCodeAt(index);
    if ((character < 0x20 && character !== 0x09) || character === 0x7f || character > 0xff) return false;
  }
  return true;
}
