/** Of every stream of server-sent events. */
export const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // A proxy in between must pass each frame on as it comes (nginx reads this header).
  'X-Accel-Buffering': 'no',
  'Cache-Control': 'no-store',
} as const;
