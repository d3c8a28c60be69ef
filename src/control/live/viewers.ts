import type { ControlTarget } from '../api/target.ts';
import { liveEvent, nowOf, snapshotOf } from './now.ts';

/** Everybody who follows the edge: the page, holdline top, holdline events -f. */
export interface Viewers {
  readonly count: number;
  /**
   * Server-sent events: `snapshot`, then `now` each second and `event` for each event, whose id a viewer that lost
   * contact hands back. null when there are as many viewers as are allowed.
   */
  open(lastEventId: string | null): ReadableStream<Uint8Array> | null;
  close(): void;
}

/** More than look at one edge; each is a socket, a few kilobytes and its share of a write a second. */
export const viewersMax = 64;
const everyMs = 1000;
/** What may wait for a viewer that is slow. Past it, frames are left out: it gets fewer, and never old ones. */
const waitingFramesMax = 2;
/** Events of one frame's time; a viewer that has more to catch up on gets the rest a second later. */
const eventsEach = 200;

interface Viewer {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** Number of the last event that it was sent. */
  sent: number;
}

export function liveViewers(target: ControlTarget, nowMs: () => number): Viewers {
  const viewers = new Set<Viewer>();
  const { events } = target.chronicle;
  /** Numbers begin anew with each supervisor, so a number alone would resume at the wrong place. */
  const epoch = target.startedAtMs.toString(36);
  let timer: ReturnType<typeof setInterval> | null = null;

  function tick(): void {
    // Made once, however many look.
    const now = frame('now', nowOf(target, nowMs()));
    for (const viewer of viewers) {
      if ((viewer.controller.desiredSize ?? 0) <= 0) continue;
      viewer.controller.enqueue(encoder.encode(missed(viewer) + now));
    }
  }

  function missed(viewer: Viewer): string {
    let text = '';
    for (const found of events.after(viewer.sent, eventsEach)) {
      text += frame('event', liveEvent(found), `${epoch}-${found.number}`);
      viewer.sent = found.number;
    }
    return text;
  }

  function leave(viewer: Viewer): void {
    viewers.delete(viewer);
    if (viewers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  }

  return {
    get count() {
      return viewers.size;
    },
    open(lastEventId) {
      if (viewers.size >= viewersMax) return null;
      let viewer: Viewer;
      const resumed = resumeFrom(lastEventId, epoch, events.oldest - 1, events.newest);
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            viewer = { controller, sent: resumed ?? events.newest };
            viewers.add(viewer);
            timer ??= setInterval(tick, everyMs);
            // The charts are drawn from it, so it goes even to those who only lost contact for a moment.
            const first = frame('snapshot', snapshotOf(target, nowMs()), `${epoch}-${viewer.sent}`);
            controller.enqueue(encoder.encode(`retry: 1000\n\n${first}${missed(viewer)}`));
          },
          cancel() {
            leave(viewer);
          },
        },
        new CountQueuingStrategy({ highWaterMark: waitingFramesMax }),
      );
    },
    close() {
      for (const viewer of [...viewers]) {
        leave(viewer);
        viewer.controller.close();
      }
    },
  };
}

const encoder = new TextEncoder();

function frame(event: string, data: object, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * null when the events after it are not all here any more, or it is of another supervisor: then the snapshot has to do.
 */
function resumeFrom(lastEventId: string | null, epoch: string, oldest: number, newest: number): number | null {
  const match = /^([0-9a-z]{1,12})-(\d{1,15})$/.exec(lastEventId ?? '');
  if (match === null || match[1] !== epoch) return null;
  const number = Number(match[2]);
  return number >= oldest && number <= newest ? number : null;
}
