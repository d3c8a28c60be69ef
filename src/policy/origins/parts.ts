/** What an origin consists of (RFC 6454, 4), and the text that two equal ones share. */
import { allDigits } from '../routes/host-name.ts';

export interface OriginParts {
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
export function splitOrigin(text: string): OriginParts | null {
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

/** Always contains `://`, so it can never be the name of something that every object has. */
export function originKey(origin: OriginParts, host: string): string {
  return `${origin.scheme}://${host}:${origin.port}`;
}

/** `app://.` of Electron and `file://` of Cordova: app shells have schemes without hosts, and send them so. */
export function isHostless(origin: OriginParts): boolean {
  return (origin.host === '' || origin.host === '.') && origin.port === '' && defaultPort(origin.scheme) === '';
}
