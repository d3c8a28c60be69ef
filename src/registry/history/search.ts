import { holdsAll } from '../language/match.ts';
import type { Term } from '../language/term.ts';
import type { EndedRecord } from './ended.ts';
import type { Ring } from './ring.ts';

/** A page of ended connections for a person; a thousand are about 700 kB of JSON. */
export const historyRowsMax = 1000;

export interface HistorySearch {
  readonly terms: readonly Term[];
  /** Milliseconds since 1970, both inclusive; null leaves that end open. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  /** 1 to `historyRowsMax`. */
  readonly limit: number;
  /** `next` of the page before; null begins with the newest. */
  readonly before: number | null;
}

export interface HistoryPage {
  /** Newest first. */
  readonly rows: readonly (EndedRecord & { readonly number: number })[];
  /** Hand this back as `before`; null when nothing older matches. */
  readonly next: number | null;
  /**
   * When the oldest that is remembered ended: an empty answer about a time before it says nothing. Null without any.
   */
  readonly remembersSinceMs: number | null;
}

export function searchHistory(ring: Ring<EndedRecord>, search: HistorySearch): HistoryPage {
  const rows: (EndedRecord & { number: number })[] = [];
  let next: number | null = null;
  for (const { number, item } of ring.backFrom(search.before ?? undefined)) {
    if (search.untilMs !== null && item.endedAtMs > search.untilMs) continue;
    // Workers tell of their ends within a second of each other, so the order is only nearly that of time.
    if (search.sinceMs !== null && item.endedAtMs < search.sinceMs) {
      if (item.endedAtMs < search.sinceMs - outOfOrderMs) break;
      continue;
    }
    if (!holdsAll(search.terms, subjectOf(item), noMoment)) continue;
    if (rows.length === search.limit) {
      next = rows.at(-1)!.number;
      break;
    }
    rows.push({ number, ...item });
  }
  return { rows, next, remembersSinceMs: ring.get(ring.oldest)?.endedAtMs ?? null };
}

/** A worker that is held up tells late; nothing waits longer than the closing of a connection may take. */
const outOfOrderMs = 60_000;
/** An ended connection carries its ages; no clock is asked. */
const noMoment = { nowMs: 0, monotonicMs: 0 };

function subjectOf(ended: EndedRecord) {
  return { ...ended, state: 'closing' as const, bufferedBytes: 0 };
}
