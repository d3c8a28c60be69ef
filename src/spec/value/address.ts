import type { Parsed } from '../../base/units.ts';
import type { AddressSpec } from '../model.ts';
import { parseIp } from './ip.ts';

/** Names: letters, digits and dashes between dots; what the system's resolver gets to see. */
const hostname =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/;

/**
 * Reads `8080`, `:8080`, `0.0.0.0:8080`, `localhost:8080`, `[::1]:8080`. Port 0 lets the system choose one.
 * `anyHost` is the host of an address that is only a port.
 */
export function parseHostPort(text: string, anyHost: string): Parsed<AddressSpec> {
  const match = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text.trim());
  if (match === null)
    return { ok: false, problem: `"${text}" is not an address; write it as 0.0.0.0:8080, [::]:8080 or 8080` };
  const port = Number(match[3]);
  if (port > 65_535) return { ok: false, problem: `"${text}": a port is at most 65535` };
  const bracketed = match[1];
  if (bracketed !== undefined) {
    const ip = parseIp(bracketed);
    if (ip === null || !bracketed.includes(':'))
      return { ok: false, problem: `"${text}": "${bracketed}" is not an IPv6 address` };
    return { ok: true, value: { host: bracketed.toLowerCase(), port } };
  }
  const host = (match[2] ?? '').toLowerCase();
  if (host === '' || host === '*') return { ok: true, value: { host: anyHost, port } };
  if (/^[\d.]+$/.test(host) ? parseIp(host) === null : !hostname.test(host))
    return { ok: false, problem: `"${text}": "${host}" is neither an IP address nor a host name` };
  return { ok: true, value: { host, port } };
}

/** `127.0.0.1:80`, `[::1]:80`, `unix:/run/app.sock`. */
export function formatHostPort(address: AddressSpec): string {
  if (address.unix !== undefined) return `unix:${address.unix.path}`;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** A host to match requests against: `app.example.com`, `*.example.com`, an IP address. Lower case, IDN as punycode. */
export function parseHostPattern(text: string): Parsed<string> {
  const problem = (what: string): Parsed<string> => ({ ok: false, problem: `"${text}" ${what}` });
  if (text.includes('://')) return problem('is a URL; match.host takes only the host, as in app.example.com');
  const wildcard = text.startsWith('*.');
  const bare = wildcard ? text.slice(2) : text;
  if (bare.includes('*')) return problem('has a * that is not its whole first label; write *.example.com');
  if (/^\[.*\]$/.test(bare)) {
    const ip = parseIp(bare.slice(1, -1));
    return ip !== null && bare.includes(':') && !wildcard
      ? { ok: true, value: bare.toLowerCase() }
      : problem('is not an IPv6 address');
  }
  if (/:\d*$/.test(bare)) return problem('has a port; the port of a request follows from where the edge listens');
  // 127.1 and 0x7f.1 are addresses to the URL parser; a Host header has them as they were typed, so only the plain form
  // is read.
  if (/(?:^|\.)\d+\.?$/.test(bare) && (wildcard || parseIp(bare) === null))
    return problem(wildcard ? 'puts a * before an IP address' : 'is not an IP address');
  const ascii = toAsciiHost(bare);
  if (ascii === null || !hostname.test(ascii)) return problem('is not a host name');
  const value = ascii.replace(/\.$/, '');
  return { ok: true, value: wildcard ? `*.${value}` : value };
}

/**
 * Lower case, with non-ASCII labels as punycode; null when that cannot be. The URL parser knows how (WHATWG URL, 3.3).
 */
export function toAsciiHost(host: string): string | null {
  if (host === '' || /[\s/\\?#@:%<>^|[\]]/.test(host)) return null;
  return URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname : null;
}
