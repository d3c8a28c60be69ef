import { holdsAll } from './language/match.ts';
import type { Term } from './language/term.ts';
import type { Moment } from './moment.ts';
import type { ConnectionRecord } from './record.ts';

/** Which connections: every field that is given must match. An empty filter matches all of them. */
export interface ConnectionFilter {
  readonly route?: string | undefined;
  readonly upstream?: string | undefined;
  /** A URL, or the same without its scheme. */
  readonly server?: string | undefined;
  /** The client's address without its port. */
  readonly client?: string | undefined;
  /** The empty string finds the connections that sent no Origin. */
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  /** Every tag that is named must be there with this value; the empty string asks only that it is there. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly state?: ConnectionRecord['state'] | undefined;
  readonly compressed?: boolean | undefined;
  /** Open for at least this long, milliseconds. */
  readonly minAgeMs?: number | undefined;
  /** No data frame in either direction for at least this long, milliseconds. */
  readonly idleForMs?: number | undefined;
  /** What a filter in words says (language/parse.ts); all of it must hold, too. */
  readonly terms?: readonly Term[] | undefined;
}

export function matches(record: ConnectionRecord, filter: ConnectionFilter, moment: Moment): boolean {
  for (const name of equalFields) {
    const wanted = filter[name];
    if (wanted !== undefined && record[name] !== wanted) return false;
  }
  if (filter.server !== undefined && !isServer(record.server, filter.server)) return false;
  if (filter.client !== undefined && record.clientAddress !== filter.client) return false;
  if (filter.origin !== undefined && (record.origin ?? '') !== filter.origin) return false;
  if (filter.minAgeMs !== undefined && moment.nowMs - record.openedAtMs < filter.minAgeMs) return false;
  if (filter.idleForMs !== undefined && moment.monotonicMs - record.lastDataMs < filter.idleForMs) return false;
  if (filter.tags !== undefined && !hasTags(record, filter.tags)) return false;
  return filter.terms === undefined || holdsAll(filter.terms, record, moment);
}

/** True when the filter says nothing, and so would match every connection. */
export function isEmptyFilter(filter: ConnectionFilter): boolean {
  return Object.values(filter).every(
    (value) => value === undefined || (typeof value === 'object' && Object.keys(value).length === 0),
  );
}

/** Fields that carry the same name in the filter and in the record and are compared as they are. */
const equalFields = ['route', 'upstream', 'host', 'state', 'compressed'] as const;

/** People copy a server from a table, where it stands without its scheme. */
function isServer(url: string, wanted: string): boolean {
  return url === wanted || url.slice(url.indexOf('://') + 3) === wanted;
}

function hasTags(record: ConnectionRecord, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const present = Object.hasOwn(record.tags, name) ? record.tags[name] : undefined;
    return present !== undefined && (value === '' || present === value);
  });
}
