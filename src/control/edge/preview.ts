/** What a reload would do, without doing it. */
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { openIn, type Totals } from '../../registry/totals.ts';
import { planChange } from '../change/plan-change.ts';
import { type ReadSpec, type ReloaderOptions, readAndApply } from './reload.ts';

export interface ReloadPreview {
  /** As of the reload; empty when nothing would change. */
  readonly changed: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** What becomes of the connections, in sentences. */
  readonly effects: readonly string[];
}

export async function previewReload(
  options: Pick<ReloaderOptions, 'source' | 'engine' | 'overridden'>,
  foresee: (read: ReadSpec) => Promise<ReloadPreview>,
): Promise<ReloadPreview> {
  let effects: readonly string[] = [];
  const { changed, diagnostics } = await readAndApply({
    ...options,
    apply: async (read) => {
      const foreseen = await foresee(read);
      effects = foreseen.effects;
      return foreseen;
    },
    onFindings: () => undefined,
  });
  return { changed, diagnostics, effects };
}

/** Of the built-in edge. Certificates are read again by the reload itself, and not compared here. */
export function foreseeEdge(before: EdgePlan, after: EdgePlan, totals: Totals): ReloadPreview {
  const { changed, diagnostics } = planChange(before, after);
  if (changed.length === 0) return { changed, diagnostics, effects: [] };
  const left = before.routes.filter(({ name }) => !after.routes.some((route) => route.name === name));
  const urls = (plan: EdgePlan) => new Set(plan.upstreams.flatMap(({ servers }) => servers.map(({ url }) => url)));
  const staying = urls(after);
  const concerned = [
    ...left.map(({ name }) => [`route ${name}`, totals.routes[name]?.open ?? 0] as const),
    ...[...urls(before)]
      .filter((url) => !staying.has(url))
      .map((url) => [`server ${url}`, totals.openByServer[url] ?? 0] as const),
  ].filter(([, open]) => open > 0);
  return {
    changed,
    diagnostics,
    effects: [
      ...concerned.map(
        ([what, open]) => `${open} connections of ${what}, which the spec has no longer, are drained at its pace.`,
      ),
      `The other ${openIn(totals) - concerned.reduce((sum, [, open]) => sum + open, 0)} connections stay open.`,
    ],
  };
}
