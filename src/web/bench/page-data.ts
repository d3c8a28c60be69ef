/** What the page draws: the part of a report that its figures need. The report in the page is whole. */
import type { ThresholdMark } from '../../bench/page/marks.ts';

export interface PageRow {
  readonly atMs: number;
  readonly open: number;
  readonly attempts: number;
  readonly failed: number;
  readonly dropped: number;
  readonly sent: number;
  readonly received: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface PageStorm {
  readonly atMs: number;
  readonly recoveredMs: number | null;
  readonly curve: readonly {
    readonly atMs: number;
    readonly open: number;
    readonly attempts: number;
    readonly returned: number;
    readonly refused: number;
  }[];
}

export interface PageReport {
  readonly messages: {
    readonly distribution: readonly { readonly share: number; readonly us: number }[];
    readonly latency: { readonly count: number };
  } | null;
  readonly phases: readonly { readonly name: string; readonly startMs: number; readonly endMs: number }[];
  readonly storms: readonly PageStorm[];
  readonly series: readonly PageRow[];
}

export type { ThresholdMark };
