/**
 * Whether a regular expression that is meant for some origins lets others in. It is answered by trying: an origin that
 * the pattern is meant for is made out of it, and then origins that an attacker could register are tried.
 */

import { matchPattern } from '../effective/patterns.ts';
import { samplesOf } from './pattern-samples.ts';

export interface OriginPattern {
  readonly pattern: string;
  readonly ignoreCase: boolean;
}

/** An origin that passes and should not, or null when none was found. */
export function strangerLetIn(pattern: OriginPattern): string | null {
  const samples = samplesOf(pattern.pattern);
  // A prefix that ends in a dot (192\.168\.) goes on as anybody likes.
  const open = samples.filter((sample) => sample.endsWith('.')).map((sample) => `${sample}evil.net`);
  const tried = ['https://evil.net', ...open, ...originsOf(pattern).flatMap(strangersTo)];
  return tried.find((origin) => isOrigin.test(origin) && matches(pattern, origin)) ?? null;
}

/** What a browser sends; nobody can bring it to send anything else. */
const isOrigin = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d+)?$/;

/**
 * The same pattern bound to whole host names, with its dots as dots; null when that cannot be done with certainty.
 * Subdomains and ports that passed still do.
 */
export function tightened(pattern: OriginPattern): string | null {
  const meant = originsOf(pattern);
  if (meant.length === 0 || /\|(?![^(]*\))|\(\?[=!<]/.test(pattern.pattern)) return null;
  const candidates = [withDotsAndEnd(pattern.pattern), withStart(withDotsAndEnd(pattern.pattern))];
  const good = candidates.find((text) => {
    const made = { ...pattern, pattern: text };
    return strangerLetIn(made) === null && meant.every((origin) => matches(made, origin));
  });
  return good ?? null;
}

/** Origins that the pattern is meant for, as far as they can be made out. */
function originsOf(pattern: OriginPattern): string[] {
  const samples = samplesOf(pattern.pattern).map((sample) => sample.toLowerCase().replace(/\.+$/, ''));
  const origins = samples.map((sample) =>
    sample.includes('://') ? sample : `https://${sample.replace(/^[./:]+/, '')}`,
  );
  return [...new Set(origins)].filter((origin) => hostOf(origin) !== '' && matches(pattern, origin));
}

/** Names of an attacker’s own: with the one that is meant in front, behind, and with a letter for a dot of it. */
function strangersTo(origin: string): string[] {
  const host = hostOf(origin);
  const start = origin.slice(0, origin.indexOf('://') + 3);
  const port = origin.slice(start.length + host.length);
  const labels = host.split('.');
  const registered = labels.slice(-2).join('.');
  // Of the last dot nothing can be made: there is no such top-level domain.
  const joined = labels.slice(0, -2).map((_, dot) => {
    return `${labels.slice(0, dot + 1).join('.')}x${labels.slice(dot + 1).join('.')}`;
  });
  const isName = labels.length > 1 && !/^[\d.]+$/.test(host);
  const names = isName ? [`evil${registered}`, `a.evil${registered}`, ...joined] : [];
  return [`${start}${host}.evil.net`, ...names.map((name) => start + name + port)];
}

function hostOf(origin: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/:]*)/.exec(origin)?.[1] ?? '';
}

function matches({ pattern, ignoreCase }: OriginPattern, text: string): boolean {
  const outcome = matchPattern(pattern, text, { ignoreCase });
  return outcome.certain && outcome.groups !== null;
}

/**
 * Any host in front of the one that is meant, with its dot. The group captures nothing, so that $1 stays what it was.
 */
const subdomains = '(?:[^/]+\\.)?';

function withDotsAndEnd(pattern: string): string {
  const dotted = pattern
    .replace(/\\.|\[[^\]]*\]|\.(?![*+?{])/g, (piece) => (piece === '.' ? '\\.' : piece))
    .replace(/\.[*+]\??(?=[a-z0-9])/gi, subdomains);
  if (/\$\)*$/.test(dotted)) return dotted;
  return /\((?:\?:)?:[^()]*\)\?$/.test(dotted) ? `${dotted}$` : `${dotted}(?::\\d+)?$`;
}

function withStart(pattern: string): string {
  if (/^\(*\^/.test(pattern)) return pattern;
  if (/^https?\b|^\(https?\|/i.test(pattern)) return `^${pattern}`;
  return `^https?://${subdomains}${pattern.replace(/^(?:\.[*+]|\\\.)+/, '')}`;
}
