/**
 * What Node keeps inside and direct sockets need: the one place that knows its names. `tryDirectSockets` uses all of it for real before an edge
 * relies on it, and null here, or a failure there, means the public way: streams.
 */
import net from 'node:net';

/** What a handle wants with a write that does not leave at once. */
export interface WriteRequest {
  oncomplete?: (status: number) => void;
  bytes?: Uint8Array;
}

export interface NodeInside {
  readonly WriteRequest: new () => WriteRequest;
  /** True when the last write of any handle has taken its request, which libuv then holds until `oncomplete`. */
  lastWriteTookRequest(): boolean;
  /** Where a socket keeps what its documented option `onread` says. */
  readonly places: { readonly buffer: symbol; readonly callback: symbol; readonly generator: symbol };
}

/** `lib/internal/stream_base_commons.js` has these from the same binding. */
interface StreamBinding {
  readonly WriteWrap?: new () => WriteRequest;
  readonly streamBaseState?: Int32Array;
  readonly kLastWriteWasAsync?: number;
}

let known: NodeInside | null | undefined;

/** Null on a Node that has it otherwise, or that gives no access (`--permission`). */
export function nodeInside(): NodeInside | null {
  if (known === undefined) known = look();
  return known;
}

function look(): NodeInside | null {
  const places = placesOf(new net.Socket());
  const { WriteWrap, streamBaseState: state, kLastWriteWasAsync: flag } = streamBinding();
  if (places === null || WriteWrap === undefined || state === undefined || flag === undefined) return null;
  return { WriteRequest: WriteWrap, lastWriteTookRequest: () => state[flag] !== 0, places };
}

function streamBinding(): StreamBinding {
  const { binding } = process as unknown as { readonly binding?: (name: string) => StreamBinding };
  try {
    return binding?.('stream_wrap') ?? {};
  } catch {
    // No access: what is missing is said by whoever asks.
    return {};
  }
}

function placesOf(socket: net.Socket): NodeInside['places'] | null {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (name: string) => symbols.find((symbol) => symbol.description === name);
  const [buffer, callback, generator] = [named('kBuffer'), named('kBufferCb'), named('kBufferGen')];
  if (buffer === undefined || callback === undefined || generator === undefined) return null;
  return { buffer, callback, generator };
}
