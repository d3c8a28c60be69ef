import type { InstancesSpec } from '../../plan/edge/plan.ts';
import {
  newScaling,
  nextScaling,
  type ScalingRules,
  type ScalingState,
  type ScalingStep,
} from '../../policy/scaling/instances.ts';
import type { ManagedInstance } from './instance.ts';
import { type LoadMeter, loadMeter } from './load.ts';

/** Watches the load of one managed upstream, and says how many instances it should have. */
export interface Scaler {
  readonly wanted: number;
  /** Why a figure is missing that the spec asks for; null while there is none, or nobody asks. */
  readonly problem: string | null;
  /** Takes the spec's bounds over. */
  follow(spec: InstancesSpec): void;
  /** null when nothing changes. */
  step(connections: number, instances: readonly ManagedInstance[], nowMs: number): ScalingStep | null;
}

/** `wanted`: where another supervisor has found a number already. */
export function scaler(
  first: InstancesSpec,
  nowMs: number,
  { wanted = null, meter = loadMeter() }: { readonly wanted?: number | null; readonly meter?: LoadMeter } = {},
): Scaler {
  let spec = first;
  const fresh = newScaling(rulesOf(spec), nowMs);
  let state: ScalingState = wanted === null ? fresh : { ...fresh, wanted, changedMs: nowMs };
  let problem: string | null = null;
  return {
    get wanted() {
      return state.wanted;
    },
    get problem() {
      return problem;
    },
    follow(next) {
      spec = next;
      state = { ...state, wanted: Math.min(spec.max, Math.max(spec.min, state.wanted)) };
    },
    step(connections, instances, now) {
      if (spec.max === spec.min) return null;
      const load = meter.read(instances, spec, now);
      problem = load.problem;
      const step = nextScaling(state, { nowMs: now, connections, cpu: load.cpu, delayMs: load.delayMs }, rulesOf(spec));
      state = step.state;
      return step.reason === null ? null : step;
    },
  };
}

function rulesOf({ min, max, connectionsEach, cpu, delayMs }: InstancesSpec): ScalingRules {
  return { min, max, connectionsEach, cpu, delayMs };
}
