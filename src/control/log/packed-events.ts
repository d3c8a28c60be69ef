import type { EndedRecord } from '../../registry/history/ended.ts';
import type { CloseEvent, LogEvent } from './events.ts';

/**
 * Events on their way from a worker to its supervisor, as one text. Every connection ends, thousands of them a second
 * in a storm, and most of what they say of themselves is the same: an end is a row of numbers, and each text stands
 * once in a list that the rows point into. That is a third of the work of cloning the records.
 */
export function packEvents(events: readonly LogEvent[]): string {
  const texts: string[] = [];
  const places = new Map<string, number>();
  const place = (text: string | null) => {
    if (text === null) return none;
    let at = places.get(text);
    if (at === undefined) {
      at = texts.push(text) - 1;
      places.set(text, at);
    }
    return at;
  };
  const items = events.map((event) => (event.kind === 'close' ? rowOf(event, place) : event));
  return JSON.stringify([texts, items]);
}

/** The opposite. For what `packEvents` of this version has written. */
export function unpackEvents(packed: string): LogEvent[] {
  const [texts, items] = JSON.parse(packed) as [string[], (Row | LogEvent)[]];
  return items.map((item) => (Array.isArray(item) ? closeOf(item, texts) : (item as LogEvent)));
}

/** In place of a text that is null. */
const none = -1;

type Row = readonly (number | null | EndedRecord['tags'])[];

function rowOf({ atMs, ended }: CloseEvent, place: (text: string | null) => number): Row {
  return [
    atMs,
    place(ended.id),
    ended.openedAtMs,
    ended.ageMs,
    ended.idleMs,
    place(ended.clientAddress),
    ended.clientPort,
    place(ended.peerAddress),
    ended.tls ? 1 : 0,
    place(ended.route),
    place(ended.upstream),
    place(ended.server),
    place(ended.host),
    place(ended.path),
    place(ended.origin),
    place(ended.userAgent),
    place(ended.subprotocol),
    ended.compressed ? 1 : 0,
    ended.tags,
    ended.clientBytes,
    ended.clientMessages,
    ended.serverBytes,
    ended.serverMessages,
    ended.rttMs,
    ended.endedAtMs,
    place(ended.by),
    place(ended.cause),
    ended.code,
    place(ended.reason),
  ];
}

function closeOf(row: Row, texts: readonly string[]): CloseEvent {
  const number = (at: number) => row[at] as number;
  const text = (at: number) => texts[row[at] as number] as string;
  const textOrNull = (at: number) => (row[at] === none ? null : text(at));
  const ended: EndedRecord = {
    id: text(1),
    openedAtMs: number(2),
    ageMs: number(3),
    idleMs: number(4),
    clientAddress: text(5),
    clientPort: number(6),
    peerAddress: text(7),
    tls: row[8] === 1,
    route: text(9),
    upstream: text(10),
    server: text(11),
    host: text(12),
    path: text(13),
    origin: textOrNull(14),
    userAgent: textOrNull(15),
    subprotocol: textOrNull(16),
    compressed: row[17] === 1,
    tags: row[18] as EndedRecord['tags'],
    clientBytes: number(19),
    clientMessages: number(20),
    serverBytes: number(21),
    serverMessages: number(22),
    rttMs: row[23] as number | null,
    endedAtMs: number(24),
    by: text(25) as EndedRecord['by'],
    cause: text(26) as EndedRecord['cause'],
    code: number(27),
    reason: text(28),
  };
  return { kind: 'close', atMs: number(0), ended };
}
