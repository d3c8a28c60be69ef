/** What a URL says about where to dial and what to ask for. */

export interface DialTarget {
  readonly secure: boolean;
  /** For the resolver and the certificate: without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** For the Host header: the port only where it is not the scheme's own. */
  readonly hostHeader: string;
  /** Path and query. */
  readonly target: string;
  /** The value of an Authorization header, when the URL names a user. */
  readonly authorization: string | null;
}

export type TargetReading =
  | { readonly ok: true; readonly target: DialTarget }
  | { readonly ok: false; readonly code: UrlProblem; readonly detail: string };

export type UrlProblem = 'malformed' | 'scheme' | 'fragment';

/** Longest URL, in characters: what servers take in a request line is 8 KiB or less. */
const urlLengthMax = 8192;

const schemes: Readonly<Record<string, { readonly secure: boolean; readonly port: number }>> = {
  'ws:': { secure: false, port: 80 },
  'wss:': { secure: true, port: 443 },
  // People paste what their browser shows.
  'http:': { secure: false, port: 80 },
  'https:': { secure: true, port: 443 },
};

/** Reads `ws`, `wss`, `http` and `https` URLs (RFC 6455, 3). */
export function readTarget(text: string): TargetReading {
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  if (text.length > urlLengthMax || !URL.canParse(text))
    return { ok: false, code: 'malformed', detail: `${shown} ${malformedText(text)}` };
  const url = new URL(text);
  const scheme = schemes[url.protocol];
  if (scheme === undefined)
    return { ok: false, code: 'scheme', detail: `${shown} begins with ${url.protocol}// and not with ws:// or wss://` };
  if (url.hash !== '' || text.endsWith('#'))
    return { ok: false, code: 'fragment', detail: `${shown} has a fragment, which a WebSocket URL must not have` };
  return {
    ok: true,
    target: {
      secure: scheme.secure,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? scheme.port : Number(url.port),
      hostHeader: url.host,
      target: url.pathname + url.search,
      authorization: basicAuthorization(url),
    },
  };
}

/** What is wrong with text that is no URL, as the end of a sentence. */
function malformedText(text: string): string {
  if (text === '') return 'is empty';
  if (text.length > urlLengthMax) return `has ${text.length} characters, and servers take ${urlLengthMax} at most`;
  const parts = /^[a-z]+:\/\/(?:[^/?#]*@)?(\[[^\]/?#]*\]?|[^/?#:]*)(?::([^/?#]*))?/i.exec(text);
  if (parts === null) return 'is not a URL';
  const [, host = '', port = ''] = parts;
  if (host === '') return 'names no host';
  if (/\s/.test(host)) return 'has a space in its host';
  if (host.startsWith('[') && !host.endsWith(']')) return 'has an IPv6 address whose bracket is not closed';
  if (/\D/.test(port)) return 'has a port that is not a number';
  return Number(port) > 65_535 ? 'has a port above 65535' : 'is not a URL';
}

/** The Authorization header's value for a URL's user and password; null when it names none. */
export function basicAuthorization(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const pair = `${decodedOr(url.username)}:${decodedOr(url.password)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

/** A stray percent sign is taken as it stands: URL allows it, decodeURIComponent does not. */
function decodedOr(text: string): string {
  return /%(?![0-9A-Fa-f]{2})/.test(text) ? text : Buffer.from(unescapeBytes(text), 'latin1').toString('utf8');
}

function unescapeBytes(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
