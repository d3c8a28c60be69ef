import { addressBlock } from '../../base/address.ts';
import type { HashKeySpec } from '../../spec/model/upstream.ts';

export interface HashKeyRequest {
  readonly clientAddress: string;
  /** Request target with its query. */
  readonly target: string;
  /** The value of a header by its lower-case name. */
  readonly header: (name: string) => string | undefined;
}

/**
 * What a request is hashed by, as bytes from the wire, undecoded; null when it has no such header, cookie or parameter.
 */
export function hashKeyOf(key: HashKeySpec, request: HashKeyRequest): string | null {
  if (key.by === 'ip') return addressBlock(request.clientAddress);
  if (key.by === 'header') return request.header(key.name.toLowerCase()) ?? null;
  if (key.by === 'cookie') return valueIn(request.header('cookie') ?? '', ';', key.name);
  const query = request.target.indexOf('?');
  return query === -1 ? null : valueIn(request.target.slice(query + 1), '&', key.name);
}

/**
 * The first `name=value` of a list; spaces around a pair are no part of it. Names are compared with case, as browsers
 * do.
 */
function valueIn(list: string, separator: string, name: string): string | null {
  for (const pair of list.split(separator)) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return null;
}
