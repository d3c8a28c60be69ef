import { nearest } from '../../base/nearest.ts';
import type { Parsed } from '../../base/units.ts';
import { toAsciiHost } from './address.ts';

/** Ports that an Origin leaves out (RFC 6454, 6.2). */
const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * Reads one entry of an origin list: an exact origin (`https://app.example.com`, `http://localhost:5173`,
 * `chrome-extension://abc`) or `https://*.example.com`, which means any subdomain and not example.com itself.
 * Returns it as a browser would write it: lower case, IDN as punycode, without a default port.
 */
export function parseOriginPattern(text: string): Parsed<string> {
  const problem = (what: string): Parsed<string> => ({ ok: false, problem: `"${text}" ${what}` });
  if (text === '*') return problem('is not an origin; to let every page connect, write origins: any');
  if (nearest(text, ['any']) !== undefined) return problem('is not an origin; did you mean any?');
  if (text === 'null') return problem('never matches: sandboxed frames and local files of anybody send it');
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(text.trim());
  if (match === null)
    return problem(
      `is not an origin; begin with the scheme, as in https://${looksLikeHost(text) ? text : 'app.example.com'}`,
    );
  const scheme = match[1]!.toLowerCase();
  const authority = match[2]!;
  if (scheme === 'ws' || scheme === 'wss')
    return problem(
      `is a socket's address; an origin is the page's: ${scheme === 'ws' ? 'http' : 'https'}://${authority}`,
    );
  // What app shells send: file:// (Cordova), app://. (Electron).
  if (match[3] === '' && /^\.?$/.test(authority) && defaultPorts[scheme] === undefined)
    return { ok: true, value: `${scheme}://${authority}` };
  if (match[3] !== '') return problem(`goes on after the host, and an origin does not; write ${scheme}://${authority}`);
  if (authority.includes('@')) return problem('has a user name, and an origin has none');
  const host = /^(\*\.)?(\[[\da-f:.]+\]|[^:*[\]]+)(?::(\d{1,5}))?$/i.exec(authority);
  if (host === null)
    return problem(
      authority.includes('*')
        ? 'has a * that is not its whole first label; write https://*.example.com'
        : 'has no host that could be matched',
    );
  const [, wildcard = '', name = '', port] = host;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))
    return problem('has a port outside 1 to 65535');
  const ascii = name.startsWith('[') ? bracketedHost(name) : toAsciiHost(name);
  if (ascii === null) return problem('has a host that no browser would send');
  if (wildcard !== '' && !/^[^.]+\.[^.]+/.test(ascii))
    return problem('would match every host of a top-level domain; name at least two labels after the *');
  if (wildcard !== '' && /^[\d.]+$|^\[/.test(ascii))
    return problem('puts a * before an IP address, which has no subdomains');
  const portText = port === undefined || String(Number(port)) === defaultPorts[scheme] ? '' : `:${Number(port)}`;
  return { ok: true, value: `${scheme}://${wildcard}${ascii}${portText}` };
}

function bracketedHost(name: string): string | null {
  return URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`).hostname : null;
}

function looksLikeHost(text: string): boolean {
  return /^[\w*-]+(?:\.[\w-]+)+(?::\d+)?$/.test(text);
}
