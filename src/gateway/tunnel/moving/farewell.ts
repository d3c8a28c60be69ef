import type { Wire, WireListener } from '../wire.ts';

/** A server that has been left has said its last word; the end of its socket is a round trip away. */
const graceMs = 5000;

const deaf: WireListener = {
  borrows: true,
  onBytes: () => undefined,
  onDrain: () => undefined,
  onEnd: () => undefined,
  onClosed: () => undefined,
};

/** Ends a wire that nobody listens to any more, and cuts it when the other end does not end it as well. */
export function farewell(wire: Wire): void {
  if (wire.closed) return;
  wire.resume();
  wire.start(deaf, null);
  wire.end();
  setTimeout(() => wire.destroy(), graceMs).unref();
}
