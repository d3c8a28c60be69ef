import { type ConnectionFilter, matches } from './filter.ts';
import { type Field, type FieldName, fields } from './language/fields.ts';
import type { Moment } from './moment.ts';
import type { ConnectionRecord } from './record.ts';

/**
 * Rows `offset` to `offset + limit` in some order: what a table on a screen shows. Unlike a page with its cursor
 * (query.ts) a window is taken anew each time, so rows may move between two of them as connections come and go; that is
 * what a live table does.
 */
export interface WindowRequest {
  readonly sort: FieldName;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Deeper than anybody scrolls, and the workers have to name every place above the window. */
export const windowDepthMax = 100_000;
/** Several screens. */
export const windowRowsMax = 500;

/** The first places of one worker's connections, best first: enough to merge by, without the rows. */
export interface Places {
  readonly matched: number;
  readonly keys: readonly SortKey[];
  readonly ids: readonly string[];
}

type SortKey = string | number | null;
type Place = readonly [key: SortKey, id: string];

export function placesOf(
  records: Iterable<ConnectionRecord>,
  filter: ConnectionFilter,
  request: WindowRequest,
  moment: Moment,
): Places {
  const { sort, descending } = request;
  const depth = Math.min(request.offset + request.limit, windowDepthMax);
  const field: Field = fields[sort];
  const order = descending ? downward : upward;
  let kept: Place[] = [];
  let worst: Place | null = null;
  let matched = 0;
  for (const record of records) {
    if (!matches(record, filter, moment)) continue;
    matched++;
    const place: Place = [field.read(record, moment), record.id];
    if (worst !== null && order(place, worst) >= 0) continue;
    kept.push(place);
    // Sorting what is kept now and then costs less than keeping it sorted, and memory stays near the depth.
    if (kept.length < 2 * depth + sparePlaces) continue;
    kept = kept.sort(order).slice(0, depth);
    worst = kept.at(-1) ?? null;
  }
  kept = kept.sort(order).slice(0, depth);
  return { matched, keys: kept.map(([key]) => key), ids: kept.map(([, id]) => id) };
}

const sparePlaces = 256;

/** The ids in the window, out of what each worker named. */
export function mergePlaces(all: readonly Places[], request: WindowRequest): { matched: number; ids: string[] } {
  const places = all.flatMap(({ keys, ids }) => ids.map((id, index): Place => [keys[index] ?? null, id]));
  places.sort(request.descending ? downward : upward);
  return {
    matched: all.reduce((sum, { matched }) => sum + matched, 0),
    ids: places.slice(request.offset, request.offset + request.limit).map(([, id]) => id),
  };
}

/** What is not known comes last in either direction; equals by id, so that rows do not jump about. */
function upward([a, idA]: Place, [b, idB]: Place): number {
  if (a === b) return idA < idB ? -1 : Number(idA > idB);
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

function downward(first: Place, second: Place): number {
  const [[a], [b]] = [first, second];
  return a === b || a === null || b === null ? upward(first, second) : upward(second, first);
}
