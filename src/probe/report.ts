/** What a probe reports. schema/probe-report.schema.json describes its JSON; a test holds the two together. */
import type { Code } from '../base/catalogue/catalogue.ts';
import type { TlsFacts } from '../client/dial/tls-facts.ts';
import type { DeflateAgreement } from '../ws/deflate-offer.ts';
import type { ConformanceReport } from './conformance/report.ts';
import type { IdleReport } from './idle/report.ts';

export type ProbeVerdict = 'pass' | 'warn' | 'fail' | 'skip';

export interface ProbeReport {
  /** Changes when a field changes its meaning or goes away. */
  readonly version: 1;
  /** Without the user and password that it may have had. */
  readonly url: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly tookMs: number;
  /** `unreachable`: no server was reached that could have been tested. */
  readonly outcome: 'passed' | 'failed' | 'unreachable';
  readonly walk: readonly Step[];
  /** Why the walk did not come to its end; null when it did. */
  readonly failure: Failure | null;
  /** What was learned about the endpoint; null when no connection was made. */
  readonly endpoint: Endpoint | null;
  readonly checks: readonly CheckResult[];
  readonly conformance: ConformanceReport | null;
  readonly idle: IdleReport | null;
}

export const stepIds = [
  ...(['url', 'dns', 'tcp', 'proxy', 'tls', 'request', 'answer', 'accept'] as const),
  ...(['subprotocol', 'extensions', 'opening', 'ping', 'echo', 'close'] as const),
] as const;

export type StepId = (typeof stepIds)[number];

export interface Step {
  readonly id: StepId;
  readonly verdict: ProbeVerdict;
  readonly tookMs: number | null;
  readonly detail: string;
}

/** How sure the named cause is: `proved` by a second try, `likely` from what was seen, `possible` as the usual one. */
export type Certainty = 'proved' | 'likely' | 'possible';

export interface Failure {
  readonly step: StepId;
  readonly code: Code;
  /** What happened. */
  readonly what: string;
  readonly cause: string;
  readonly certainty: Certainty;
  /** What the cause was concluded from, second tries included. */
  readonly evidence: readonly string[];
  readonly remedy: string;
  /** How that is done in the proxy that answered; for several when it is not known which one it is. */
  readonly recipes: readonly Recipe[];
}

export interface Recipe {
  readonly software: string;
  /** Lines of its configuration, or a sentence. */
  readonly lines: readonly string[];
}

export interface Endpoint {
  /** `127.0.0.1:8080`, or the path of a unix socket. */
  readonly address: string;
  /** What its headers say it is (`nginx/1.22.1`); null when they say nothing. */
  readonly server: string | null;
  readonly subprotocol: string | null;
  /** The answer's Sec-WebSocket-Extensions; empty for none. */
  readonly extensions: string;
  readonly deflate: DeflateAgreement | null;
  readonly tls: TlsFacts | null;
  readonly pingMs: number | null;
  /** Null when it was not tried. */
  readonly echoes: boolean | null;
}

export interface CheckResult {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  /** Why it matters. */
  readonly why: string;
  readonly verdict: ProbeVerdict;
  /** What was found, or why it was skipped. */
  readonly finding: string;
  /** What was seen, line by line. */
  readonly evidence: readonly string[];
  /** What to do; null when nothing has to be done. */
  readonly remedy: string | null;
  readonly tookMs: number;
}

/** 0 all passed, 1 something failed, 3 could not reach. */
export function exitCodeOf(report: Pick<ProbeReport, 'outcome'>): 0 | 1 | 3 {
  return { passed: 0, failed: 1, unreachable: 3 }[report.outcome] as 0 | 1 | 3;
}
