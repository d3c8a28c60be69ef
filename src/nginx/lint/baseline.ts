/**
 * Findings that were there before, so that only new ones are told. Lines may move: a finding is known by what it says
 * and where.
 */

import type { LintDiagnostic } from './lint.ts';

/** How often each finding was there. */
export type Baseline = ReadonlyMap<string, number>;

/** `shown` gives a file the name that it has in every checkout. */
export function baselineOf(diagnostics: readonly LintDiagnostic[], shown: (file: string) => string): Baseline {
  const counts = new Map<string, number>();
  for (const one of diagnostics) counts.set(keyOf(one, shown), (counts.get(keyOf(one, shown)) ?? 0) + 1);
  return counts;
}

/** Those that are new: of the same finding, as many as there are more of now. */
export function newSince(
  baseline: Baseline,
  diagnostics: readonly LintDiagnostic[],
  shown: (file: string) => string,
): readonly LintDiagnostic[] {
  const left = new Map(baseline);
  return diagnostics.filter((one) => {
    const key = keyOf(one, shown);
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    return count === 0;
  });
}

export function writeBaseline(baseline: Baseline): string {
  const findings = Object.fromEntries([...baseline].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ version: 1, findings }, null, 2)}\n`;
}

/** Null for what is not a baseline. */
export function readBaseline(text: string): Baseline | null {
  const parsed = parsedJson(text) as { version?: unknown; findings?: unknown } | null;
  const { version, findings } = parsed ?? {};
  if (version !== 1 || typeof findings !== 'object' || findings === null) return null;
  const rows = Object.entries(findings).filter(([, count]) => Number.isInteger(count) && count > 0);
  return new Map(rows as [string, number][]);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is not a baseline either.
    return null;
  }
}

function keyOf({ code, where, message, scope }: LintDiagnostic, shown: (file: string) => string): string {
  return [code, shown(where?.file ?? ''), scope ?? '', message].join(' | ');
}
