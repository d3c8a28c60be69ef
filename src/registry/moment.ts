/** One reading of both clocks, so that all ages in one answer belong together. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** The clock that `ConnectionRecord.lastDataMs` was read from. */
  readonly monotonicMs: number;
}
