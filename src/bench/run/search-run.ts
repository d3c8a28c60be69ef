/** A search, step by step: each a run on fresh connections, and the report that of the best. */

import { type BenchScenario, ranges, type SearchSubject } from '../scenario/model.ts';
import type { BenchReport, RunEnd } from './report.ts';
import type { SearchStep } from './report-parts.ts';
import type { RunHandle } from './run.ts';
import { createSearch } from './search.ts';

/** A step whose time would end later is not begun: whoever searches wants to know it today. */
const searchMsMax = 3_600_000;
/** For the target to forget the connections of the step before. */
const pauseMs = 1000;

export function startSearch(options: {
  readonly scenario: BenchScenario;
  readonly of: SearchSubject;
  /** The most that this machine can make, and why not more. */
  readonly most: number;
  readonly mostBecause: string;
  readonly start: (scenario: BenchScenario, step: string) => RunHandle;
  readonly nowMs: () => number;
}): RunHandle {
  const { scenario, of, most, mostBecause, start, nowMs } = options;
  const setting = of === 'connections' ? 'connections' : 'messagesPerSecond';
  const { min, whole } = ranges[setting];
  // In fan-out somebody has to receive.
  const least = of === 'connections' && scenario.mode === 'fanout' ? scenario.publishers + 1 : min;
  const search = createSearch({ first: scenario[setting], least, most, whole });
  const steps: SearchStep[] = [];
  let running: RunHandle | null = null;
  let asked: 'no' | 'stop' | 'kill' = 'no';

  const run = async (): Promise<BenchReport> => {
    const endMs = nowMs() + searchMsMax;
    let best: BenchReport | null = null;
    let last: BenchReport | null = null;
    let ended: RunEnd = 'complete';
    for (let value = search.next; value !== null; value = search.next) {
      if (last !== null) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (asked !== 'no') break;
      running = start({ ...scenario, [setting]: value }, `trying ${value} ${of === 'rate' ? 'messages/s each' : of}`);
      last = await running.done;
      if (last.ended === 'interrupted' || last.ended === 'generator-died') {
        ended = last.ended;
        break;
      }
      // A step in which connections failed or went away has not carried its load, whatever was measured of the rest.
      const carried = last.ended === 'complete' && last.connections.opened >= (of === 'connections' ? value : 1);
      const kept = carried && last.thresholds.every(({ held }) => held);
      if (kept) best = last;
      steps.push({ value, kept, thresholds: last.thresholds, generatorLimits: last.generator.limits });
      search.record(value, kept);
      if (nowMs() + scenario.durationMs > endMs) break;
    }
    if (asked !== 'no') ended = 'interrupted';
    const atMost = search.best === most;
    const limitedByGenerator = atMost || (lowestMissed(steps)?.generatorLimits.length ?? 0) > 0;
    const report = best ?? last!;
    return {
      ...report,
      ended: ended === 'complete' && best === null ? report.ended : ended,
      generator: atMost ? { ...report.generator, limits: [...report.generator.limits, mostBecause] } : report.generator,
      search: { of, best: search.best, limitedByGenerator, steps },
    };
  };
  return {
    done: run(),
    stop: () => {
      asked = 'stop';
      running?.stop();
    },
    kill: () => {
      asked = 'kill';
      running?.kill();
    },
  };
}

/** What ended the search, if a step did. */
function lowestMissed(steps: readonly SearchStep[]): SearchStep | null {
  return steps.filter(({ kept }) => !kept).sort((a, b) => a.value - b.value)[0] ?? null;
}
