/**
 * Turns the origins of a spec into the keys that a request's origin is looked up by. It needs a URL parser, so it runs
 * where a spec is read.
 */
import { emptyRecord } from '../../base/record.ts';
import type { OriginsSpec } from '../../spec/model.ts';
import { browserHost, endsInNumber } from '../routes/host-name.ts';
import type { IgnoredOrigin, OriginMatcher } from './origin.ts';
import { isHostless, originKey, splitOrigin } from './parts.ts';

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

type ReadEntry = { readonly ok: true; readonly key: string } | { readonly ok: false; readonly problem: string };

function readEntry(entry: string): ReadEntry {
  if (entry === '*') return problem('a bare * is not an origin; write `origins: any` to admit every page');
  if (entry === 'null') return problem('null is what any sandboxed page sends, so it is never matched');
  const origin = splitOrigin(entry);
  if (origin === null) return problem(`"${entry}" is not an origin; write it as https://app.example.com, with no path`);
  if (isHostless(origin)) return { ok: true, key: originKey(origin, origin.host) };
  const wildcard = origin.host.startsWith('*.');
  const host = browserHost(wildcard ? origin.host.slice(2) : origin.host);
  if (host === null)
    return problem(`"${origin.host}" is not a host name; a * may only stand for whole labels in front`);
  if (wildcard && (host[0] === '[' || endsInNumber(host))) return problem('an IP address has no subdomains');
  return { ok: true, key: originKey(origin, wildcard ? `*.${host}` : host) };
}

function problem(text: string): ReadEntry {
  return { ok: false, problem: text };
}
