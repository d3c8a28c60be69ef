import { densest } from './cluster.ts';
import type { Ended, Incident } from './incident.ts';
import { hopExplanation, isFrameless, silentMsMin } from './name.ts';

/** Ends are looked at together over this long; a hop cuts each connection in its own time. */
const windowMs = 300_000;
/** Fewer prove nothing. */
const endsMin = 20;
/** One finding of a timeout is enough for this long. */
const sayAgainMs = 1_800_000;
const rowsMax = 1000;
/** Timers of one hop, over different connections. */
const clusterMs = 2000;

/** Finds the hop whose idle timeout cuts connections one by one: no burst, but the same silence before each end. */
export class SilenceWatch {
  #rows: Ended[] = [];
  readonly #saidAtMs = new Map<string, number>();

  add(ended: Ended): void {
    if (!isFrameless(ended)) return;
    this.#rows.push(ended);
    if (this.#rows.length > rowsMax) this.#rows.shift();
  }

  tick(nowMs: number): Incident | null {
    this.#rows = this.#rows.filter((row) => nowMs - row.endedAtMs <= windowMs);
    for (const [subject, atMs] of this.#saidAtMs) if (nowMs - atMs > sayAgainMs) this.#saidAtMs.delete(subject);
    if (this.#rows.length < endsMin) return null;
    const silence = densest(
      this.#rows.map((row) => row.idleMs),
      clusterMs,
    );
    if (silence === null || silence.count < endsMin || silence.share < 0.5 || silence.from < silentMsMin) return null;
    const rows = this.#rows.filter((row) => row.idleMs >= silence.from && row.idleMs <= silence.to);
    const times = rows.map((row) => row.endedAtMs);
    const [fromMs, toMs] = [Math.min(...times), Math.max(...times)];
    // Ends at one moment are a burst, which has its own namer and knows who survived.
    if (toMs - fromMs < 3 * clusterMs) return null;
    const explanation = hopExplanation(
      rows,
      silence,
      `${rows.length} connections in ${Math.ceil((toMs - fromMs) / 1000)} s`,
    );
    if (this.#saidAtMs.has(explanation.subject!)) return null;
    this.#saidAtMs.set(explanation.subject!, nowMs);
    return { ...explanation, fromMs, toMs, connections: rows.length };
  }

  /** A burst has been named so: it need not be said twice. */
  said(incident: Incident, nowMs: number): void {
    if (incident.kind === 'silent-hop' && incident.subject !== null) this.#saidAtMs.set(incident.subject, nowMs);
  }
}
