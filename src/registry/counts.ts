import { browserOf, networkOf } from './client.ts';
import { type ConnectionFilter, matches } from './filter.ts';
import type { Moment } from './moment.ts';
import type { ConnectionRecord } from './record.ts';

/** What live connections can be counted by; `tag:NAME` counts by the value of one tag. */
export const countFields = [
  'route',
  'upstream',
  'server',
  'client',
  'proxy',
  'network',
  'browser',
  'origin',
  'host',
  'path',
  'state',
  'compressed',
  'subprotocol',
  'userAgent',
  'tls',
] as const;

export type CountField = (typeof countFields)[number] | `tag:${string}`;

/**
 * Clients choose origins, paths and user agents, so the number of different values needs a bound: what a person can
 * read.
 */
export const countKeysMax = 1000;

/** Where the values beyond `countKeysMax` are counted together. */
export const otherKey = '(other)';
/** Where connections without the field are counted. */
export const noneKey = '(none)';

export function isCountField(text: string): text is CountField {
  return (countFields as readonly string[]).includes(text) || /^tag:.{1,100}$/.test(text);
}

export function countBy(
  records: Iterable<ConnectionRecord>,
  field: CountField,
  filter: ConnectionFilter,
  moment: Moment,
): Record<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) {
    if (matches(record, filter, moment)) add(counts, keyOf(record, field), 1);
  }
  return Object.fromEntries(counts);
}

/** The sum of what several workers counted, largest first. */
export function mergeCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum = new Map<string, number>();
  for (const counts of all) {
    for (const [key, count] of Object.entries(counts)) add(sum, key, count);
  }
  return Object.fromEntries([...sum].sort((a, b) => b[1] - a[1]));
}

function add(counts: Map<string, number>, key: string, count: number): void {
  const known = counts.get(key);
  if (known !== undefined) counts.set(key, known + count);
  else if (counts.size < countKeysMax) counts.set(key, count);
  else counts.set(otherKey, (counts.get(otherKey) ?? 0) + count);
}

/** Fields that the record has under another name, or that follow from it. */
const derivedFields = {
  client: (record: ConnectionRecord) => record.clientAddress,
  proxy: (record: ConnectionRecord) => record.peerAddress,
  network: (record: ConnectionRecord) => networkOf(record.clientAddress),
  browser: (record: ConnectionRecord) => browserOf(record.userAgent),
} as const;

type PlainField = Exclude<(typeof countFields)[number], keyof typeof derivedFields>;

function keyOf(record: ConnectionRecord, field: CountField): string {
  if (field.startsWith('tag:')) {
    const name = field.slice('tag:'.length);
    return Object.hasOwn(record.tags, name) ? record.tags[name]! : noneKey;
  }
  const derived = derivedFields[field as keyof typeof derivedFields];
  const value = derived === undefined ? record[field as PlainField] : derived(record);
  return value === null ? noneKey : String(value);
}
