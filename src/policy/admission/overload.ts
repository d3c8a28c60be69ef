/**
 * Stops admission before memory or file descriptors run out. Two marks for each: closed above the high one, open again
 * only below the low one, or an edge at its limit would admit and refuse by turns with every connection that ends.
 */
export interface OverloadState {
  readonly memory: boolean;
  readonly descriptors: boolean;
}

export interface OverloadFacts {
  readonly memoryBytes: number;
  readonly descriptors: number;
}

/** As in the plan: a high mark is above its low mark. */
export interface OverloadMarks {
  readonly memoryHighBytes: number;
  readonly memoryLowBytes: number;
  readonly descriptorsHigh: number;
  readonly descriptorsLow: number;
}

export const notOverloaded: OverloadState = { memory: false, descriptors: false };

/** The state after a measurement. A measurement exactly on a mark changes nothing. */
export function nextOverload(state: OverloadState, facts: OverloadFacts, marks: OverloadMarks): OverloadState {
  return {
    memory: above(state.memory, facts.memoryBytes, marks.memoryHighBytes, marks.memoryLowBytes),
    descriptors: above(state.descriptors, facts.descriptors, marks.descriptorsHigh, marks.descriptorsLow),
  };
}

function above(was: boolean, value: number, high: number, low: number): boolean {
  return was ? value >= low : value > high;
}
