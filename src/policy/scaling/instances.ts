/**
 * How many instances of a managed upstream should run: up at once when connections ask for it, up after a while when
 * processors do, down one at a time and late. A connection that was opened stays where it is, so that an instance too
 * few hurts for hours and one too many costs memory; every rule leans that way.
 */
export interface ScalingRules {
  readonly min: number;
  readonly max: number;
  /** Connections that one instance is meant to hold; null leaves them out. */
  readonly connectionsEach: number | null;
  /** Share of one processor, mean of all instances, above which another is started; null leaves it out. */
  readonly cpu: number | null;
  /** Delay of an instance's event loop, worst of all; null leaves it out. */
  readonly delayMs: number | null;
}

export interface ScalingSample {
  /** Monotonic. */
  readonly nowMs: number;
  /** Of the whole upstream. */
  readonly connections: number;
  /** null while nobody has measured. */
  readonly cpu: number | null;
  readonly delayMs: number | null;
}

export interface ScalingState {
  /** How many should run; what dies is started again and changes nothing here. */
  readonly wanted: number;
  readonly changedMs: number;
  /** Since when a processor or an event loop has been over its mark; null while none is. */
  readonly busySinceMs: number | null;
  /** Since when one less would do; null while it would not. */
  readonly spareSinceMs: number | null;
}

export interface ScalingStep {
  readonly state: ScalingState;
  /** Why `wanted` changed; null when it did not. */
  readonly reason: string | null;
}

/** A garbage collection or a rush of handshakes is over by then; a load that lasts is not. */
export const busyAfterMs = 15_000;
/** A program comes up within it: those that were just started have to show what they take before still more are. */
export const growPauseMs = 10_000;
/**
 * From the start of an instance to its share of the load: until then the measurement still shows the world before it.
 */
export const coolDownMs = 60_000;
/** Clients come back from lunch within this. */
export const spareAfterMs = 600_000;
/** One less must be this far from the mark, or the number would go up and down with every tenth client. */
export const spareShare = 0.8;

export function newScaling(rules: ScalingRules, nowMs: number): ScalingState {
  return { wanted: rules.min, changedMs: nowMs - coolDownMs, busySinceMs: null, spareSinceMs: null };
}

export function nextScaling(before: ScalingState, sample: ScalingSample, rules: ScalingRules): ScalingStep {
  const wanted = Math.min(rules.max, Math.max(rules.min, before.wanted));
  const { nowMs } = sample;
  const busySinceMs = isBusy(sample, rules) ? (before.busySinceMs ?? nowMs) : null;
  const spareSinceMs = wouldDo(wanted - 1, sample, rules) ? (before.spareSinceMs ?? nowMs) : null;
  const state = { wanted, changedMs: before.changedMs, busySinceMs, spareSinceMs };
  const changed = (to: number, reason: string): ScalingStep => ({
    state: { wanted: to, changedMs: nowMs, busySinceMs: null, spareSinceMs: null },
    reason,
  });

  if (wanted !== before.wanted) return changed(wanted, 'the spec’s bounds changed');
  const byConnections = neededFor(sample.connections, rules);
  if (byConnections > wanted && wanted < rules.max && nowMs - before.changedMs >= growPauseMs) {
    // At most twice as many at once: a storm of strangers must not start every instance that the machine can bear.
    const to = Math.min(rules.max, byConnections, wanted * 2);
    return changed(to, `${sample.connections} connections, ${rules.connectionsEach} each`);
  }
  const cooled = nowMs - before.changedMs >= coolDownMs;
  if (busySinceMs !== null && nowMs - busySinceMs >= busyAfterMs && cooled && wanted < rules.max)
    return changed(wanted + 1, busyReason(sample, rules));
  if (spareSinceMs !== null && nowMs - spareSinceMs >= spareAfterMs && cooled && wanted > rules.min)
    return changed(wanted - 1, `${wanted - 1} would have done for ${spareAfterMs / 60_000} minutes`);
  return { state, reason: null };
}

function neededFor(connections: number, rules: ScalingRules): number {
  return rules.connectionsEach === null ? rules.min : Math.ceil(connections / rules.connectionsEach);
}

function isBusy({ cpu, delayMs }: ScalingSample, rules: ScalingRules): boolean {
  const overCpu = rules.cpu !== null && cpu !== null && cpu > rules.cpu;
  return overCpu || (rules.delayMs !== null && delayMs !== null && delayMs > rules.delayMs);
}

/** Would this many hold what there is, with room? Their load is what all have now, spread over fewer. */
function wouldDo(instances: number, sample: ScalingSample, rules: ScalingRules): boolean {
  if (instances < rules.min || isBusy(sample, rules)) return false;
  if (rules.connectionsEach !== null && sample.connections > instances * rules.connectionsEach * spareShare)
    return false;
  const spreadCpu = sample.cpu === null ? null : (sample.cpu * (instances + 1)) / instances;
  return rules.cpu === null || spreadCpu === null || spreadCpu <= rules.cpu * spareShare;
}

function busyReason({ cpu, delayMs }: ScalingSample, rules: ScalingRules): string {
  if (rules.cpu !== null && cpu !== null && cpu > rules.cpu)
    return `processors at ${Math.round(cpu * 100)} %, over ${Math.round(rules.cpu * 100)} %`;
  return `event loop behind by ${Math.round(delayMs ?? 0)} ms, over ${rules.delayMs} ms`;
}
