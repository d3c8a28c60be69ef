/** Waiting for what comes, one event after the other: for whoever asks and then looks at the answer. */
import type { ClientConnection, ClientConnectionEnd, ConnectionEvent } from './connection.ts';

export type InboxEvent =
  | ConnectionEvent
  | { readonly kind: 'end'; readonly end: ClientConnectionEnd }
  /** Nothing came in time. */
  | { readonly kind: 'silence' };

export interface Inbox {
  /** For the options of dial. */
  readonly onEvent: (connection: ClientConnection, event: ConnectionEvent) => void;
  readonly onEnd: (connection: ClientConnection, end: ClientConnectionEnd) => void;
  /** The oldest event that was not taken yet. After the end, the end again and again. */
  next(options: { readonly timeoutMs: number }): Promise<InboxEvent>;
}

/**
 * Past this many events the connection is not read any more until some are taken; a chunk that was read is kept whole.
 */
export const inboxEventsMax = 1000;
/** The same for bytes: one largest message and the start of another. */
export const inboxBytesMax = 32 * 1024 * 1024;

/** For one connection. Events are kept with copies of their bytes. */
export function createInbox(): Inbox {
  const events: InboxEvent[] = [];
  let bytes = 0;
  let paused: ClientConnection | null = null;
  let end: InboxEvent | null = null;
  let waiting: ((event: InboxEvent) => void) | null = null;

  const put = (event: InboxEvent) => {
    if (waiting === null) {
      events.push(event);
      bytes += bytesOf(event);
    } else waiting(event);
  };
  return {
    onEvent(connection, event) {
      put(event.kind === 'close' ? event : { ...event, data: new Uint8Array(event.data) });
      if (events.length >= inboxEventsMax || bytes >= inboxBytesMax) {
        paused = connection;
        connection.pause();
      }
    },
    onEnd(_connection, ended) {
      end = { kind: 'end', end: ended };
      if (waiting !== null) waiting(end);
    },
    next({ timeoutMs }) {
      const event = events.shift() ?? end;
      if (event !== null) {
        bytes -= bytesOf(event);
        if (paused !== null && events.length < inboxEventsMax / 2) {
          paused.resume();
          paused = null;
        }
        return Promise.resolve(event);
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => waiting?.({ kind: 'silence' }), timeoutMs);
        waiting = (found) => {
          waiting = null;
          clearTimeout(timer);
          resolve(found);
        };
      });
    },
  };
}

function bytesOf(event: InboxEvent): number {
  return 'data' in event ? event.data.length : 0;
}
