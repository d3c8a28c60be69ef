import type { EndedRecord } from '../../registry/history/ended.ts';
import type { ConnectionRow } from '../../registry/row.ts';
import type { WorkerPool } from '../workers/pool.ts';
import { compactRow } from './compact.ts';

/**
 * Who is connected, as far as the supervisor has been told: when a worker dies without a word, its connections are not
 * only a count. Asked for, a little each second, because nobody should pay at a handshake for an end that hardly ever
 * comes.
 */
export interface Roster {
  readonly size: number;
  /** Asks the workers who is new, and again about some of those that are known. Once a second. */
  tick(): Promise<void>;
  /** It has ended, and its worker has said so. */
  left(id: string): void;
  /** Who is known, for another supervisor; nobody is asked any more. */
  kept(): KnownRow[];
  restore(known: readonly KnownRow[]): void;
  /** What is known of those that this worker held, as ended now. They are forgotten here. */
  lost(pid: number): EndedRecord[];
}

/** As many as the history remembers: some 25 MB when full. Whoever comes on top is only counted. */
export const rosterMax = 50_000;
/**
 * Of each worker and second: ten milliseconds of its time in a storm of new clients, and what is too much waits for the
 * next second.
 */
const newcomersMax = 1000;
/** Looked at again, of each worker and second: a millisecond, and 5,000 connections in under a minute. */
const againMax = 100;

export interface KnownRow {
  readonly worker: number;
  readonly row: ConnectionRow;
  readonly seenAtMs: number;
}

interface Known {
  readonly row: ConnectionRow;
  readonly seenAtMs: number;
}

export function workerRoster(pool: Pick<WorkerPool, 'ready' | 'askOne'>, nowMs: () => number): Roster {
  /** By worker, those longest unseen first. */
  const held = new Map<number, Map<string, Known>>();
  const busy = new Set<number>();
  let over = false;

  const size = () => [...held.values()].reduce((sum, known) => sum + known.size, 0);

  function left(id: string): void {
    for (const known of held.values()) if (known.delete(id)) return;
  }

  async function look(pid: number): Promise<void> {
    if (busy.has(pid)) return;
    busy.add(pid);
    try {
      const room = Math.max(0, Math.min(newcomersMax, rosterMax - size()));
      for (const row of await pool.askOne(pid, 'newcomers', { limit: room })) note(pid, row);
      const ids = [...(held.get(pid)?.keys() ?? [])].slice(0, againMax);
      const found = new Map((await pool.askOne(pid, 'rows', { ids })).map((row) => [row.id, row]));
      for (const id of ids) {
        const row = found.get(id);
        // The line about its end may have been lost where the log was too slow.
        if (row === undefined) held.get(pid)?.delete(id);
        else if (held.get(pid)?.has(id)) note(pid, row);
      }
    } catch {
      // It hangs or has died: its exit says so, and then what is known of it is what there is.
    } finally {
      busy.delete(pid);
    }
  }

  function note(pid: number, row: ConnectionRow): void {
    // It may have been another worker's until now.
    left(row.id);
    const known = held.get(pid) ?? new Map<string, Known>();
    held.set(pid, known);
    known.set(row.id, { row: compactRow(row), seenAtMs: nowMs() });
  }

  return {
    get size() {
      return size();
    },
    left,
    async tick() {
      if (over) return;
      const pids = pool.ready().map(({ pid }) => pid);
      // One that ended in order has told of every end.
      for (const pid of held.keys()) if (!pids.includes(pid)) held.delete(pid);
      await Promise.all(pids.map(look));
    },
    kept() {
      over = true;
      return [...held].flatMap(([worker, known]) => [...known.values()].map((each) => ({ worker, ...each })));
    },
    restore(rows) {
      for (const { worker, row, seenAtMs } of rows) {
        const known = held.get(worker) ?? new Map<string, Known>();
        held.set(worker, known);
        known.set(row.id, { row: compactRow(row), seenAtMs });
      }
    },
    lost(pid) {
      const known = held.get(pid) ?? new Map<string, Known>();
      held.delete(pid);
      const endedAtMs = nowMs();
      return [...known.values()].map((each) => endedOf(each, endedAtMs));
    },
  };
}

function endedOf({ row, seenAtMs }: Known, endedAtMs: number): EndedRecord {
  const { state: _state, bufferedBytes: _buffered, ...rest } = row;
  const before = Math.max(0, Math.round((endedAtMs - seenAtMs) / 1000));
  return {
    ...rest,
    ageMs: Math.max(0, endedAtMs - row.openedAtMs),
    endedAtMs,
    by: 'edge',
    cause: 'worker-crashed',
    code: 1006,
    reason: `its worker died; silence and counts are those of ${before} s before`,
  };
}
