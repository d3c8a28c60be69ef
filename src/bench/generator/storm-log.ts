/** What one process of the load sees of a storm. */
import { Histogram, type HistogramPart } from '../histogram.ts';
import { countReason } from './reasons.ts';

/** What happened since the part before; times are of the shared clock. */
export interface StormPart {
  readonly storm: number;
  readonly openBefore: number;
  readonly dropped: number;
  readonly attempts: number;
  readonly returned: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly away: HistogramPart;
  /** Since when as many are open again as before; null: fewer are. */
  readonly recoveredAtMs: number | null;
}

export interface StormLog {
  readonly storm: number;
  drop(): void;
  attempt(): void;
  /** `open`: connections of this process that are open now. True: they are as many as before again. */
  back(facts: { readonly awayMs: number; readonly open: number; readonly nowMs: number }): boolean;
  refuse(reason: string): void;
  take(): StormPart;
}

export function createStormLog(options: {
  readonly storm: number;
  readonly startMs: number;
  readonly open: number;
}): StormLog {
  const { storm, open: openBefore } = options;
  const away = new Histogram();
  let counts = { dropped: 0, attempts: 0, returned: 0 };
  let refused: Record<string, number> = {};
  let recoveredAtMs: number | null = options.startMs;
  return {
    storm,
    drop() {
      counts.dropped++;
      recoveredAtMs = null;
    },
    attempt: () => {
      counts.attempts++;
    },
    back({ awayMs, open, nowMs }) {
      counts.returned++;
      away.record(awayMs * 1000);
      if (recoveredAtMs !== null || open < openBefore) return false;
      recoveredAtMs = nowMs;
      return true;
    },
    refuse: (reason) => countReason(refused, reason),
    take() {
      const part = { storm, openBefore, ...counts, refused, away: away.take(), recoveredAtMs };
      counts = { dropped: 0, attempts: 0, returned: 0 };
      refused = {};
      return part;
    },
  };
}
