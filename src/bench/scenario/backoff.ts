/** How long a client waits before it comes back: pure arithmetic. */
import { type Parsed, parseDuration } from '../../base/units.ts';
import { headerValues } from '../../ws/head.ts';

/** `firstMs` 0: at once, and at once again. */
export interface BackoffPlan {
  readonly firstMs: number;
  /** The wait doubles with each refusal up to this. */
  readonly maxMs: number;
  /** From 0 (all alike) to 1 (anything between nothing and the whole wait). */
  readonly jitter: number;
  /** A refusal that says when to come again (429 or 503 with Retry-After) is listened to. */
  readonly retryAfter: boolean;
}

export interface BackoffRange {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** `1s..30s`; one time is the first wait and the longest. */
export function parseBackoff(text: string): Parsed<BackoffRange> {
  const [first = '', longest = first, ...rest] = text.split('..');
  const [firstMs, maxMs] = [parseDuration(first), parseDuration(longest)];
  if (rest.length > 0 || !firstMs.ok || !maxMs.ok)
    return { ok: false, problem: `"${text}" is not a backoff; write it as 1s..30s, 5s or 0` };
  // The wait doubles, and nothing doubled stays nothing.
  if (firstMs.value === 0 && maxMs.value > 0)
    return { ok: false, problem: `"${text}" begins at nothing, which never grows; write 0, or begin at 100ms` };
  return { ok: true, value: { firstMs: firstMs.value, maxMs: maxMs.value } };
}

/** Between two refusals of a client that waits for nothing: without it, a dead port on loopback keeps a core busy. */
export const retryMsMin = 50;

/** Nobody waits longer than a run lasts. */
const retryAfterMsMax = 3_600_000;

/** `refusals`: how often it was refused since it lost its connection; `random` is from 0 to 1. */
export function backoffMs(plan: BackoffPlan, refusals: number, random: number): number {
  const least = refusals === 0 ? 0 : retryMsMin;
  // From 2 ** 40 on, a wait of a millisecond is longer than a run; larger powers would become infinite.
  const whole = Math.min(plan.maxMs, plan.firstMs * 2 ** Math.min(refusals, 40));
  return Math.max(least, whole * (1 - plan.jitter * random));
}

/** Milliseconds that a 429 or 503 asks to wait, as seconds or as a date (RFC 9110, 10.2.3); 0 when it does not. */
export function retryAfterMs(
  answer: { readonly status: number; readonly rawHeaders: readonly string[] },
  nowMs: number,
): number {
  if (answer.status !== 429 && answer.status !== 503) return 0;
  const value = headerValues(answer.rawHeaders, 'retry-after')[0]?.trim() ?? '';
  const isDate = /^[A-Z][a-z]{2},? /.test(value);
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : isDate ? Date.parse(value) - nowMs : 0;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), retryAfterMsMax) : 0;
}
