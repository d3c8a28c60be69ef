import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic, Findings } from '../../base/diagnostic.ts';
import type { Spec } from '../../spec/model.ts';
import { planCapacity } from './capacity.ts';
import type { EdgePlan, HostFacts } from './model.ts';

export { isSelf } from '../../spec/checks/upstreams.ts';
/** Types of the spec that the edge is run by; the gateway knows them from here. */
export type {
  BalanceSpec,
  HashKeySpec,
  HealthSpec,
  InstancesSpec,
  ManagedSpec,
  ServerSpec,
  UpstreamSpec,
} from '../../spec/model/upstream.ts';
export type {
  AuthorizeSpec,
  DrainSpec,
  HttpSpec,
  ListenSpec,
  MoveSpec,
  OriginsSpec,
  ReplaySpec,
  RouteLimitsSpec,
  RouteSpec,
} from '../../spec/model.ts';
export { parseServerUrl } from '../../spec/value/server-url.ts';
export { comparePlans, type PlanChanges, samePlan } from './comparison.ts';
export type { EdgePlan, EdgePlanLimits, HostFacts, Reason } from './model.ts';

/**
 * Works out every number that the spec leaves to the host. Always gives a plan: when the spec asks for more than there
 * is, the plan is what there is, and a diagnostic says what to change.
 */
export function planEdge(spec: Spec, host: HostFacts): Findings<EdgePlan, Code> {
  const diagnostics: Diagnostic<Code>[] = [];
  const { workers, limits, reasons } = planCapacity(spec, host, diagnostics);
  return { value: { ...spec, workers, limits, reasons }, diagnostics };
}
