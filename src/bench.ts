/** Load: a scenario becomes a report, and the report a page or rows. */
export type { Diagnostic, Findings } from './base/diagnostic.ts';
export { HoldlineError } from './base/error.ts';
export type { BenchOptions, BenchProgress, BenchRun } from './bench/bench.ts';
export { startBench } from './bench/bench.ts';
export type { QuantilePoint } from './bench/histogram.ts';
export { writeBenchPage } from './bench/page/page.ts';
export type { BenchReport, LatencyReport, ProcessReport, RunEnd, SeriesRow } from './bench/run/report.ts';
export type * from './bench/run/report-parts.ts';
export type {
  BenchMode,
  BenchScenario,
  PhaseInput,
  PhasePlan,
  ReadScenarioOptions,
  ScenarioCode,
  ScenarioInput,
  SearchSubject,
  StormPlan,
} from './bench/scenario/scenario.ts';
export { readScenario } from './bench/scenario/scenario.ts';
export type { SizeShare } from './bench/scenario/sizes.ts';
export type { Metric, Threshold, ThresholdVerdict } from './bench/scenario/thresholds.ts';
export { writeCsv as writeBenchCsv } from './report/bench/csv.ts';
