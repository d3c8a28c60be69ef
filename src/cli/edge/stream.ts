import type { LiveEvent, Now, Snapshot } from '../../registry/live.ts';
import type { ControlClient } from './control-client.ts';

export type StreamMessage =
  | { readonly kind: 'snapshot'; readonly data: Snapshot }
  | { readonly kind: 'now'; readonly data: Now }
  | { readonly kind: 'event'; readonly data: LiveEvent }
  | { readonly kind: 'lost' };

/** A frame is a snapshot of some hundred kilobytes at most; an edge sends no longer one. */
const frameMax = 8_000_000;
const againMs = 1000;

/**
 * Follows an edge until `signal` is aborted; after a loss it comes back and names the last event that it has. The first
 * contact must succeed: whoever mistypes an address is told so.
 */
export async function* followEdge(client: ControlClient, signal: AbortSignal): AsyncGenerator<StreamMessage> {
  let lastId: string | null = null;
  let met = false;
  while (!signal.aborted) {
    try {
      for await (const { id, kind, data } of streamFrames(await client.stream('/events', lastId, signal))) {
        met = true;
        if (id !== null) lastId = id;
        yield { kind, data: JSON.parse(data) } as StreamMessage;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!met) throw error;
    }
    if (signal.aborted) return;
    yield { kind: 'lost' };
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** The frames of server-sent events, as they come. */
export async function* streamFrames(body: ReadableStream<Uint8Array>) {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
      const [kind, data] = [field('event'), field('data')];
      if (kind !== null && data !== null) yield { id: field('id'), kind, data };
    }
    if (text.length > frameMax) throw new Error('a frame of the stream does not end');
  }
}
