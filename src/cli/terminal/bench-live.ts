/** What a load tells while it runs: a screen on a terminal, a line every now and then elsewhere. */

import { printable } from '../../base/printable.ts';
import type { BenchProgress } from '../../bench/bench.ts';
import type { SeriesRow } from '../../bench/run/report.ts';
import { type BenchScenario, type PhasePlan, phasesOf } from '../../bench/scenario/model.ts';
import { progressLine } from '../../report/bench/text.ts';
import { type CliContext, wantsColour } from '../context.ts';
import { screenLines } from './bench-screen.ts';
import { openRedrawn } from './redrawn.ts';

export interface LiveBench {
  readonly onProgress: (progress: BenchProgress) => void;
  /** Something that the user should know at once; it stays. */
  notice(text: string): void;
  /** Said once: it was told to end. */
  stopping(): void;
  /** Leaves nothing of it on the screen. Idempotent. */
  end(): void;
}

/** For logs: often enough to see that it runs, seldom enough to read. */
const lineEveryMs = 10_000;
/** No terminal is wider. */
const rowsKept = 1000;

export function liveBench(
  { stderr, env }: Pick<CliContext, 'stderr' | 'env'>,
  scenario: BenchScenario,
  options: { readonly quiet: boolean },
): LiveBench {
  const notice = (text: string) =>
    void stderr.write(
      noticeLines(text)
        .map((line) => `${line}\n`)
        .join(''),
    );
  const silent = { onProgress: () => undefined, notice, stopping: () => undefined, end: () => undefined };
  if (options.quiet) return silent;
  if (stderr.isTTY !== true || env.TERM === 'dumb') return { ...silent, onProgress: createLines(stderr) };
  const screen = openRedrawn(stderr);
  const colour = wantsColour(stderr, env);
  const rows: SeriesRow[] = [];
  const timeLeft = createTimeLeft(phasesOf(scenario));
  let last: BenchProgress | null = null;
  let stopping = false;
  const draw = (progress: BenchProgress) => {
    // The last column stays free: writing into it makes some terminals begin a new line.
    const page = { width: Math.max(20, (stderr.columns ?? 80) - 1), colour };
    const leftMs = stopping || scenario.search !== null ? null : timeLeft(progress);
    screen.draw(screenLines(page, { scenario, progress, rows, leftMs, stopping }));
  };
  return {
    onProgress: (progress) => {
      rows.push(progress.row);
      if (rows.length > rowsKept) rows.shift();
      last = progress;
      draw(progress);
    },
    notice: (text) => screen.print(noticeLines(text)),
    stopping: () => {
      stopping = true;
      if (last !== null) draw(last);
    },
    end: screen.close,
  };
}

function noticeLines(text: string): string[] {
  return text.split('\n').map(printable);
}

function createLines(stderr: CliContext['stderr']): LiveBench['onProgress'] {
  let nextMs = lineEveryMs;
  return (progress) => {
    if (progress.row.atMs < nextMs) return;
    nextMs += lineEveryMs;
    stderr.write(`${progressLine(progress)}\n`);
  };
}

/** What is known of it: the rate of connecting, and how long each load lasts once it has begun. */
export function createTimeLeft(
  plans: readonly Pick<PhasePlan, 'connections' | 'connectsPerSecond' | 'durationMs'>[],
): (progress: BenchProgress) => number | null {
  const loadingSinceMs = new Map<number, number>();
  return ({ phase, part, row }) => {
    const index = part?.index ?? 0;
    const plan = plans[index];
    if (plan === undefined || phase === 'closing') return null;
    const connectMs = (from: number, to: number, perSecond: number) => (Math.max(0, to - from) / perSecond) * 1000;
    const later = plans.slice(index + 1).reduce((sum, next, place) => {
      const before = plans[index + place]!.connections;
      return sum + connectMs(before, next.connections, next.connectsPerSecond) + next.durationMs;
    }, 0);
    if (phase === 'connecting')
      return connectMs(row.open, plan.connections, plan.connectsPerSecond) + plan.durationMs + later;
    if (phase === 'waiting') return later === 0 ? null : later;
    // It began somewhere in the second before the first row that says so.
    const since = loadingSinceMs.get(index) ?? row.atMs - 500;
    loadingSinceMs.set(index, since);
    return Math.max(0, since + plan.durationMs - row.atMs) + later;
  };
}
