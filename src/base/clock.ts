/** Time is passed in, so that the core can be tested without waiting. */
export interface Clock {
  /** Milliseconds since 1970, for people and logs. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start that never go back, for measuring. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
