/** Milliseconds from the call of dial to the end of each phase; null for a phase that was skipped or not reached. */
export interface DialTimings {
  readonly dnsMs: number | null;
  readonly tcpMs: number | null;
  readonly proxyMs: number | null;
  readonly tlsMs: number | null;
  /** The request was handed to the system. */
  readonly requestMs: number | null;
  readonly firstByteMs: number | null;
  /** The answer's head was complete. */
  readonly answerMs: number | null;
}

type TimingsUnderWay = { -readonly [Phase in keyof DialTimings]: DialTimings[Phase] };

/** Notes the time at which a phase ended. */
export function startTimings(): { readonly timings: DialTimings; readonly mark: (phase: keyof DialTimings) => void } {
  const startedMs = performance.now();
  const timings: TimingsUnderWay = {
    dnsMs: null,
    tcpMs: null,
    proxyMs: null,
    tlsMs: null,
    requestMs: null,
    firstByteMs: null,
    answerMs: null,
  };
  return {
    timings,
    mark: (phase) => {
      timings[phase] = performance.now() - startedMs;
    },
  };
}
