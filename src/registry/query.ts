import { type ConnectionFilter, matches } from './filter.ts';
import type { Moment } from './moment.ts';
import type { ConnectionRecord } from './record.ts';
import { type ConnectionRow, rowOf } from './row.ts';

/**
 * Rows of one answer. A thousand rows are about half a megabyte of JSON, which a worker writes in some milliseconds.
 */
export const pageRowsMax = 1000;

export interface PageRequest {
  /** 1 to `pageRowsMax`. */
  readonly limit: number;
  /** `next` of the page before; null for the first page. */
  readonly after: string | null;
}

export interface Page {
  /** Oldest first; connections of the same millisecond by id. */
  readonly rows: readonly ConnectionRow[];
  /** How many connections match the filter, those of other pages included. */
  readonly matched: number;
  /** Hand this back as `after` for the following page; null when this is the last one. */
  readonly next: string | null;
}

/**
 * One page of the connections that match. A cursor names the last row that was seen rather than a position, so
 * nothing is skipped or shown twice when connections come and go between two pages.
 */
export function query(
  records: Iterable<ConnectionRecord>,
  filter: ConnectionFilter,
  page: PageRequest,
  moment: Moment,
): Page {
  const after = page.after === null ? null : parseCursor(page.after);
  const found: ConnectionRecord[] = [];
  let matched = 0;
  for (const record of records) {
    if (!matches(record, filter, moment)) continue;
    matched++;
    if (after == null || byAge(record, after) > 0) found.push(record);
  }
  // The registry is in this order already unless the wall clock was set back, and sorting what is sorted is cheap.
  found.sort(byAge);
  const rows = found.slice(0, page.limit).map((record) => rowOf(record, moment));
  return { rows, matched, next: found.length > rows.length ? cursorAfter(rows) : null };
}

/** One page out of the pages that several workers gave for the same request. */
export function mergePages(pages: readonly Page[], limit: number): Page {
  const all = pages.flatMap((page) => page.rows).sort(byAge);
  const rows = all.slice(0, limit);
  const more = all.length > rows.length || pages.some((page) => page.next !== null);
  return {
    rows,
    matched: pages.reduce((sum, page) => sum + page.matched, 0),
    next: more ? cursorAfter(rows) : null,
  };
}

/** undefined when the text is no cursor. */
export function parseCursor(text: string): Place | undefined {
  const match = /^(\d{1,16}(?:\.\d{1,6})?):(.{1,200})$/.exec(text);
  return match === null ? undefined : { openedAtMs: Number(match[1]), id: match[2]! };
}

interface Place {
  readonly openedAtMs: number;
  readonly id: string;
}

function byAge(a: Place, b: Place): number {
  if (a.openedAtMs !== b.openedAtMs) return a.openedAtMs - b.openedAtMs;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function cursorAfter(rows: readonly ConnectionRow[]): string | null {
  const last = rows.at(-1);
  return last === undefined ? null : `${last.openedAtMs}:${last.id}`;
}
