import { type CloseCause, closeCauses } from '../../base/close-cause.ts';
import { browserOf, networkOf } from '../client.ts';
import type { Moment } from '../moment.ts';
import { ageOf, idleOf, type Subject } from './subject.ts';

/** Whether a term is about live connections, about ended ones, or about both. */
export type Tense = 'live' | 'ended';

interface FieldFacts {
  readonly means: string;
  /** Left out: known of both. */
  readonly only?: Tense;
}
export interface TextField extends FieldFacts {
  readonly kind: 'text';
  /** The only values that there are, where that is so. */
  readonly choices?: readonly string[];
  /** null stands for "none" and equals the empty text. */
  readonly read: (subject: Subject) => string | null;
}
export interface NumberField extends FieldFacts {
  readonly kind: 'number';
  readonly unit: 'duration' | 'size' | 'count';
  /** null: not known, and then no range matches. */
  readonly read: (subject: Subject, moment: Moment) => number | null;
}
export type Field = TextField | NumberField;

const yesNo = ['yes', 'no'] as const;
const causes = Object.keys(closeCauses) as CloseCause[];

/** Everything that a filter can ask: one row for each word. */
export const fields = {
  id: { kind: 'text', means: 'the connection’s id', read: (s) => s.id },
  route: { kind: 'text', means: 'name of the route', read: (s) => s.route },
  upstream: { kind: 'text', means: 'name of the upstream', read: (s) => s.upstream },
  server: { kind: 'text', means: 'URL of the server', read: (s) => s.server },
  client: { kind: 'text', means: 'the client’s address', read: (s) => s.clientAddress },
  proxy: { kind: 'text', means: 'address that the socket comes from: the proxy in front', read: (s) => s.peerAddress },
  network: {
    kind: 'text',
    means: 'the client’s network (first 16 bits, or 32 of IPv6)',
    read: (s) => networkOf(s.clientAddress),
  },
  origin: { kind: 'text', means: 'Origin header; origin:"" finds those without', read: (s) => s.origin },
  host: { kind: 'text', means: 'Host header', read: (s) => s.host },
  path: { kind: 'text', means: 'path, without its query', read: (s) => s.path },
  ua: { kind: 'text', means: 'User-Agent header', read: (s) => s.userAgent },
  browser: { kind: 'text', means: 'browser and version, as "Chrome 131"', read: (s) => browserOf(s.userAgent) },
  subprotocol: { kind: 'text', means: 'agreed subprotocol', read: (s) => s.subprotocol },
  compressed: {
    kind: 'text',
    choices: yesNo,
    means: 'permessage-deflate was agreed on',
    read: (s) => (s.compressed ? 'yes' : 'no'),
  },
  tls: { kind: 'text', choices: yesNo, means: 'the client came over TLS', read: (s) => (s.tls ? 'yes' : 'no') },
  state: { kind: 'text', choices: ['open', 'closing'], only: 'live', means: 'open or closing', read: (s) => s.state },
  age: { kind: 'number', unit: 'duration', means: 'time since it opened', read: ageOf },
  idle: { kind: 'number', unit: 'duration', means: 'time since the last data frame', read: idleOf },
  rtt: { kind: 'number', unit: 'duration', means: 'round trip of the last heartbeat', read: (s) => s.rttMs },
  queue: { kind: 'number', unit: 'size', means: 'bytes that wait for a slow reader', read: (s) => s.bufferedBytes },
  in: { kind: 'number', unit: 'count', means: 'messages from the client', read: (s) => s.clientMessages },
  out: { kind: 'number', unit: 'count', means: 'messages from the server', read: (s) => s.serverMessages },
  'bytes-in': { kind: 'number', unit: 'size', means: 'bytes from the client', read: (s) => s.clientBytes },
  'bytes-out': { kind: 'number', unit: 'size', means: 'bytes from the server', read: (s) => s.serverBytes },
  cause: { kind: 'text', choices: causes, only: 'ended', means: 'why it ended', read: (s) => s.cause ?? null },
  by: {
    kind: 'text',
    choices: ['client', 'server', 'edge', 'operator'],
    only: 'ended',
    means: 'who ended it',
    read: (s) => s.by ?? null,
  },
  code: { kind: 'number', unit: 'count', only: 'ended', means: 'close code', read: (s) => s.code ?? null },
  reason: { kind: 'text', only: 'ended', means: 'reason in the close frame', read: (s) => s.reason ?? null },
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof fields;

/** Other words that people use for the same. */
export const aliases: Readonly<Record<string, FieldName>> = {
  agent: 'ua',
  useragent: 'ua',
  'user-agent': 'ua',
  ip: 'client',
  address: 'client',
  peer: 'proxy',
  protocol: 'subprotocol',
  buffered: 'queue',
  'rtt-ms': 'rtt',
};

export function fieldNamed(word: string): FieldName | undefined {
  const lower = word.toLowerCase();
  if (Object.hasOwn(fields, lower)) return lower as FieldName;
  return Object.hasOwn(aliases, lower) ? aliases[lower] : undefined;
}
