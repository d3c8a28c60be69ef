import type { LiveEvent, Now, Snapshot } from '../../registry/live.ts';

export interface StreamListener {
  snapshot(snapshot: Snapshot): void;
  now(now: Now): void;
  event(event: LiveEvent): void;
  /** `lost` since when, milliseconds since 1970; null while there is contact. */
  contact(lostAtMs: number | null): void;
}

/** Nothing for this long is no contact, though the socket may still seem open: the edge sends something each second. */
const silenceMs = 5000;

/** Follows the edge; the browser comes back by itself and names the last event that it has. */
export function follow(listener: StreamListener): { close(): void } {
  let source = open();
  let heardAtMs = Date.now();
  let lost = false;

  function open(): EventSource {
    const made = new EventSource('/events');
    made.addEventListener('snapshot', (event) => {
      heard();
      listener.snapshot(JSON.parse(event.data));
    });
    made.addEventListener('now', (event) => {
      heard();
      listener.now(JSON.parse(event.data));
    });
    made.addEventListener('event', (event) => {
      heard();
      listener.event(JSON.parse(event.data));
    });
    made.onerror = lose;
    return made;
  }

  function heard(): void {
    heardAtMs = Date.now();
    if (lost) listener.contact(null);
    lost = false;
  }

  function lose(): void {
    if (!lost) listener.contact(heardAtMs);
    lost = true;
  }

  const watch = setInterval(() => {
    if (Date.now() - heardAtMs > silenceMs) lose();
    // The browser gives up on an answer that is no stream, as while the edge restarts behind a proxy.
    if (source.readyState === EventSource.CLOSED) source = open();
  }, 1000);

  return {
    close() {
      clearInterval(watch);
      source.close();
    },
  };
}
