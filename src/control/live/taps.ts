import { randomBytes } from 'node:crypto';
import { HoldlineError } from '../../base/error.ts';
import type { ControlTarget } from '../api/target.ts';

/** Who looks at single connections: one stream each. */
export interface TapStreams {
  /**
   * Server-sent events: `frames` twice a second, `end` when the connection has ended. Throws `connection-unknown` or
   * `control-viewers`.
   */
  open(id: string): Promise<ReadableStream<Uint8Array>>;
}

/** More people than look at single connections at one time. Each is some 60 kB in the worker at most (gateway/tap). */
export const tapStreamsMax = 16;
const everyMs = 500;

export function tapStreams(target: Pick<ControlTarget, 'tap' | 'untap'>): TapStreams {
  let count = 0;
  return {
    async open(id) {
      if (count >= tapStreamsMax) throw new HoldlineError('control-viewers', `${count} connections are tapped already`);
      count++;
      const viewer = randomBytes(6).toString('base64url');
      let open = true;
      const leave = () => {
        if (open) count--;
        open = false;
      };
      try {
        if ((await target.tap(id, viewer)) === null)
          throw new HoldlineError('connection-unknown', `no live connection has the id "${id}"`);
      } catch (error) {
        leave();
        throw error;
      }
      // Pulled, so that a viewer who does not read is not asked for: what comes meanwhile is counted as missed.
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, everyMs));
          if (!open) return;
          const answer = await target.tap(id, viewer).catch(() => null);
          // It may have been closed while the workers were asked.
          if (!open) return void target.untap(id, viewer).catch(() => undefined);
          if (answer !== null) controller.enqueue(frame('frames', { rows: answer.rows, missed: answer.missed }));
          // One that has ended on a worker may be on its way to another: it has ended when nobody knows it the next
          // time.
          if (answer !== null) return;
          leave();
          controller.enqueue(frame('end', {}));
          controller.close();
        },
        async cancel() {
          leave();
          await target.untap(id, viewer).catch(() => undefined);
        },
      });
    },
  };
}

const encoder = new TextEncoder();

function frame(event: string, data: object): Uint8Array {
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
