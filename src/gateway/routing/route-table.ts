import type { EdgePlan } from '../../plan/edge/model.ts';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import { compileOrigins } from '../../policy/origins/allow-list.ts';
import type { OriginMatcher } from '../../policy/origins/origin.ts';
import { compileRewriting, type Rewriting } from '../../policy/rewriting/rewriting.ts';
import { compileRoutes, matchRoute, type RouteTable } from '../../policy/routes/route.ts';
import type { ScanRules } from '../../ws/scanner.ts';

/** A route with what is worked out once for all its connections. */
export interface LiveRoute {
  readonly spec: RouteSpec;
  readonly match: RouteSpec['match'];
  readonly origins: OriginMatcher;
  /** null for a route that passes everything on as it comes. */
  readonly rewriting: Rewriting | null;
  readonly rules: Readonly<Record<'plain' | 'compressed', { readonly client: ScanRules; readonly server: ScanRules }>>;
}

export interface LiveRoutes {
  readonly all: readonly LiveRoute[];
  readonly byName: ReadonlyMap<string, LiveRoute>;
  find(host: string | undefined, target: string): LiveRoute | undefined;
}

export function liveRoutes(plan: EdgePlan): LiveRoutes {
  const all = plan.routes.map(liveRoute);
  const table: RouteTable<LiveRoute> = compileRoutes(all);
  return {
    all,
    byName: new Map(all.map((route) => [route.spec.name, route])),
    find: (host, target) => matchRoute(table, host, target),
  };
}

function liveRoute(spec: RouteSpec): LiveRoute {
  const rules = (compression: boolean) => {
    const messageBytesMax = spec.limits.messageBytesMax ?? Number.MAX_SAFE_INTEGER;
    const { strict } = spec;
    return {
      client: { masked: true, compression, messageBytesMax, strict },
      server: { masked: false, compression, messageBytesMax, strict },
    };
  };
  return {
    spec,
    match: spec.match,
    origins: compileOrigins(spec.origins),
    rewriting: compileRewriting(spec),
    rules: { plain: rules(false), compressed: rules(true) },
  };
}
