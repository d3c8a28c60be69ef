/** What an endpoint does, and why. Nothing here rejects for what an endpoint does: the report says it. */
export type { Code } from './base/catalogue/catalogue.ts';
export type { TlsFacts } from './client/dial/tls-facts.ts';
export type { TlsOptions } from './client/dial/tls-options.ts';
export type * from './probe/conformance/report.ts';
export type { ProbeEvent } from './probe/event.ts';
export type { HopGuess } from './probe/idle/hops.ts';
export type * from './probe/idle/report.ts';
export type { ProbeOptions } from './probe/options.ts';
export type { Comparison, ComparisonRow } from './probe/over-time/compare.ts';
export { compare as compareEndpoints } from './probe/over-time/compare.ts';
export type { DuringOptions, DuringReport, Loss, ObservedChange } from './probe/over-time/during.ts';
export { during as observeChange } from './probe/over-time/during.ts';
export type { Outage, Sample, Spread, WatchReport } from './probe/over-time/watch.ts';
export { watch as watchEndpoint } from './probe/over-time/watch.ts';
export { probe } from './probe/probe.ts';
export type * from './probe/report.ts';
export type { DeflateAgreement } from './ws/deflate-offer.ts';
