/** The library's public surface. */
export type { Diagnostic, Edit, Findings, Fix, Position, Range, Related, Severity, Where } from './base/diagnostic.ts';
export { HoldlineError } from './base/error.ts';
export { type BenchOptions, type BenchProgress, type BenchRun, startBench } from './bench/bench.ts';
export type { QuantilePoint } from './bench/histogram.ts';
export { writeBenchPage } from './bench/page/page.ts';
export type { BenchReport, LatencyReport, ProcessReport, RunEnd, SeriesRow } from './bench/run/report.ts';
export type { PhaseReport, SearchReport, SearchStep, StormReport, StormRow } from './bench/run/report-parts.ts';
export {
  type BenchMode,
  type BenchScenario,
  type PhaseInput,
  readScenario,
  type ScenarioInput,
} from './bench/scenario/scenario.ts';
export type { Threshold, ThresholdVerdict } from './bench/scenario/thresholds.ts';
export type * from './gateway/hooks/types.ts';
export { describe as describeLocation } from './nginx/effective/describe.ts';
export { type EffectiveOptions, effective } from './nginx/effective/effective.ts';
export { backendHandshakeHeaders, backendHeaders } from './nginx/effective/headers.ts';
export { type Located, locate } from './nginx/effective/locate.ts';
export type * from './nginx/effective/model.ts';
export { valueIn } from './nginx/effective/values.ts';
export { factsOf as directiveFacts } from './nginx/facts/directives.ts';
export { validate } from './nginx/facts/validate.ts';
export { type Examination, examine } from './nginx/lint/examination.ts';
export { type FixRequest, type FixResult, type Look, runFixes } from './nginx/lint/fixes/run.ts';
export { guessContext } from './nginx/lint/guess-context.ts';
export { type LintDiagnostic, type LintReport, lint } from './nginx/lint/lint.ts';
export type { LintOptions, Rule } from './nginx/lint/rule.ts';
export { rules } from './nginx/lint/rules.ts';
export { bytesOfText, textOfBytes } from './nginx/syntax/bytes.ts';
export { type ReadConfiguration, type ReadOptions, readConfiguration } from './nginx/syntax/configuration.ts';
export { applyEdits } from './nginx/syntax/edits.ts';
export { type ParseOptions, parse } from './nginx/syntax/parser.ts';
export { print } from './nginx/syntax/printer.ts';
export { type ConfigReader, memoryReader } from './nginx/syntax/reader.ts';
export type * from './nginx/syntax/tree.ts';
export type * from './probe/conformance/report.ts';
export type { ProbeEvent } from './probe/event.ts';
export type { HopGuess } from './probe/idle/hops.ts';
export type * from './probe/idle/report.ts';
export type { ProbeOptions } from './probe/options.ts';
export { type Comparison, type ComparisonRow, compare as compareEndpoints } from './probe/over-time/compare.ts';
export {
  type DuringOptions,
  type DuringReport,
  during as observeChange,
  type ObservedChange,
} from './probe/over-time/during.ts';
export { type Sample, type WatchReport, watch as watchEndpoint } from './probe/over-time/watch.ts';
export { probe } from './probe/probe.ts';
export type { CheckResult, Endpoint, Failure, ProbeReport, ProbeVerdict, Step } from './probe/report.ts';
export { writeCsv as writeBenchCsv } from './report/bench/csv.ts';
export type * from './spec/model.ts';
export { defineConfig, readSpec, type SpecInput, specFromObject } from './spec/read.ts';
