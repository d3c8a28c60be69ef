/** What a probe tells while it runs. */
import type { CaseResult } from './conformance/report.ts';
import type { IdleProgress } from './idle/report.ts';
import type { CheckResult, Failure, Step } from './report.ts';

export type ProbeEvent =
  /** What is being waited for, for a line that is written over. */
  | { readonly kind: 'waiting'; readonly what: string }
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'failure'; readonly failure: Failure }
  | { readonly kind: 'check'; readonly check: CheckResult }
  | { readonly kind: 'case'; readonly result: CaseResult; readonly done: number; readonly total: number }
  | { readonly kind: 'idle'; readonly progress: IdleProgress }
  /** Bytes of the walk; they are valid during the call. */
  | { readonly kind: 'bytes'; readonly direction: 'sent' | 'received'; readonly bytes: Uint8Array };
