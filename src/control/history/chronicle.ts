import { intern } from '../../gateway/intern.ts';
import type { EndedRecord } from '../../registry/history/ended.ts';
import { Ring } from '../../registry/history/ring.ts';
import { Seconds } from '../../registry/history/seconds.ts';
import { BurstDetector } from '../../registry/incidents/burst.ts';
import type { Incident } from '../../registry/incidents/incident.ts';
import { nameBurst } from '../../registry/incidents/name.ts';
import { noSurvivors, type Survivors } from '../../registry/incidents/population.ts';
import { SilenceWatch } from '../../registry/incidents/silence.ts';
import type { Totals } from '../../registry/totals.ts';
import type { EdgeEvent } from '../log/notices.ts';
import type { Past } from '../succession/protocol.ts';
import { compactRow } from './compact.ts';
import { type EventRow, eventRow } from './event-row.ts';
import { type HistoryReading, secondBetween } from './reading.ts';
import type { KnownRow, Roster } from './roster.ts';

/**
 * Some 490 bytes each (benchmarks/history.mjs): 25 MB when full. A day of an edge that loses one connection every two
 * seconds.
 */
export const endedMax = 50_000;
/** Some 400 bytes each: 4 MB. */
export const eventsMax = 10_000;

/** What happened on this edge: who ended and why, what else there was, and the counts of the last hour. */
export interface Chronicle {
  readonly ended: Ring<EndedRecord>;
  readonly events: Ring<EventRow>;
  readonly seconds: Seconds;
  /** Names of the tags that ended connections had, for the filter's completion; the first hundred. */
  readonly tagNames: ReadonlySet<string>;
  /** Remembers what happened, and no more: whoever calls it tells the log. */
  note(event: EdgeEvent): void;
  /** Connections whose names would be told if their worker died now. */
  readonly known: number;
  /** Puts in what an earlier edge wrote down, oldest first. */
  remember(ended: readonly EndedRecord[]): void;
  /** In pieces, for another supervisor. From then on nobody is asked who is there. */
  kept(): Generator<Past>;
  /** Takes a piece in. */
  restore(past: Past): void;
  /** Reads the counts, looks for mass disconnects, and asks who is there. Once a second. */
  tick(): void;
}

export interface ChronicleOptions {
  readonly nowMs: () => number;
  readonly read: () => Pick<HistoryReading, 'memoryBytes' | 'loopDelayMs'> & { readonly totals: Totals };
  /** How many connections are still open that were open at this time, by what they share. */
  readonly survivors: (openedBeforeMs: number) => Promise<Survivors>;
  readonly roster: Roster;
  /** A connection ended with its worker. */
  readonly onLost: (ended: EndedRecord) => void;
  /** A mass disconnect has a name. */
  readonly onIncident: (incident: Incident) => void;
}

type WorkerCrash = Extract<EdgeEvent, { kind: 'worker-crashed' }>;

const tagNamesMax = 100;

export function chronicle(options: ChronicleOptions): Chronicle {
  const ended = new Ring<EndedRecord>(endedMax);
  const events = new Ring<EventRow>(eventsMax);
  const seconds = new Seconds();
  const tagNames = new Set<string>();
  const bursts = new BurstDetector();
  const silences = new SilenceWatch();
  let last: { reading: HistoryReading; atMs: number } | null = null;

  function noteEnded(row: EndedRecord): void {
    ended.push(compact(row));
    options.roster.left(row.id);
    // A crash has a name of its own, and what the roster knows of silence is old.
    if (row.cause !== 'worker-crashed') {
      bursts.add(row);
      silences.add(row);
    }
    for (const name of Object.keys(row.tags)) if (tagNames.size < tagNamesMax) tagNames.add(name);
  }

  function noteCrash(event: WorkerCrash): void {
    const lost = options.roster.lost(event.worker);
    for (const each of lost) options.onLost(each);
    if (event.lost > 0) options.onIncident(workerIncident(event, lost.length, options.nowMs()));
  }

  async function nameIncidents(nowMs: number): Promise<void> {
    const burst = bursts.tick(nowMs);
    if (burst !== null) {
      // Without an answer of the workers the name rests on the ended alone, which is less and not wrong.
      const survivors = await options.survivors(burst.fromMs).catch(() => noSurvivors);
      const incident = nameBurst(burst, survivors);
      silences.said(incident, nowMs);
      options.onIncident(incident);
    }
    const trickle = silences.tick(nowMs);
    if (trickle !== null) options.onIncident(trickle);
  }

  return {
    ended,
    events,
    seconds,
    tagNames,
    note(event) {
      if (event.kind === 'close') return noteEnded(event.ended);
      const row = eventRow(event, options.nowMs());
      if (row !== null) events.push(row);
      if (event.kind === 'worker-crashed') noteCrash(event);
    },
    *kept() {
      yield* pieces('seconds', seconds.rows());
      yield* pieces('events', [...events.after(0, eventsMax)]);
      yield* pieces('ended', [...ended.after(0, endedMax)]);
      yield* pieces('known', options.roster.kept());
    },
    restore({ part, rows }) {
      if (part === 'seconds') seconds.put(rows as number[][]);
      else if (part === 'known') options.roster.restore(rows as KnownRow[]);
      else if (part === 'events') putNumbered(events, rows as Numbered<EventRow>[]);
      else
        putNumbered(
          ended,
          (rows as Numbered<EndedRecord>[]).map(({ number, item }) => ({ number, item: compact(item) })),
        );
    },
    remember(rows) {
      for (const row of rows) ended.push(compact(row));
    },
    tick() {
      const nowMs = options.nowMs();
      const { totals, ...gauges } = options.read();
      const reading = { ...gauges, ...countsOf(totals) };
      if (last !== null) seconds.add(nowMs, secondBetween(last.reading, reading, (nowMs - last.atMs) / 1000));
      last = { reading, atMs: nowMs };
      void nameIncidents(nowMs);
      void options.roster.tick();
    },
    get known() {
      return options.roster.size;
    },
  };
}

/** Some 200 kB of one message. */
const rowsOfPiece = 400;

function* pieces(part: Past['part'], rows: readonly unknown[]): Generator<Past> {
  for (let at = 0; at < rows.length; at += rowsOfPiece) yield { part, rows: rows.slice(at, at + rowsOfPiece) };
}

interface Numbered<Item> {
  readonly number: number;
  readonly item: Item;
}

/** Viewers resume by these numbers, whoever the supervisor is. */
function putNumbered<Item>(ring: Ring<Item>, rows: readonly Numbered<Item>[]): void {
  for (const { number, item } of rows) {
    if (ring.size === 0) ring.startAt(number);
    ring.push(item);
  }
}

function compact(row: EndedRecord): EndedRecord {
  return { ...compactRow(row), reason: intern(row.reason), by: intern(row.by), cause: intern(row.cause) };
}

function workerIncident(event: WorkerCrash, known: number, nowMs: number): Incident {
  return {
    kind: 'worker',
    fromMs: nowMs,
    toMs: nowMs,
    connections: event.lost,
    subject: String(event.worker),
    sentence: `worker ${event.worker} died (${event.how}) with ${event.lost} connections; they got no close frame`,
    evidence: [
      `it ended by ${event.how}`,
      `${event.lost} were open by its last report, at most half a second before`,
      `who they were is known of ${known === event.lost ? 'all of them' : known}`,
    ],
    filter: 'cause:worker-crashed',
  };
}

function countsOf(totals: Totals): Pick<HistoryReading, 'counts' | 'connections' | 'bufferedBytes'> {
  const counts = {
    upgraded: 0,
    refused: 0,
    closed: 0,
    clientMessages: 0,
    serverMessages: 0,
    clientBytes: 0,
    serverBytes: 0,
  };
  let [connections, bufferedBytes] = [0, 0];
  for (const route of Object.values(totals.routes)) {
    connections += route.open;
    bufferedBytes += route.bufferedBytes;
    for (const [outcome, count] of Object.entries(route.handshakes)) {
      if (outcome === 'upgraded') counts.upgraded += count;
      else counts.refused += count;
    }
    for (const count of Object.values(route.closes)) counts.closed += count;
    for (const field of ['clientMessages', 'serverMessages', 'clientBytes', 'serverBytes'] as const)
      counts[field] += route[field];
  }
  return { counts, connections, bufferedBytes };
}
