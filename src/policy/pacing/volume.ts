/**
 * Messages (pings, pongs and small fragments count, too) and bytes per second that one client may send. What has been
 * read cannot be unread, so a client over its rate runs into debt, and is not read from until the debt is paid: TCP
 * then holds it back. Who stays over its rate for longer than the grace is closed (1008, `message-rate`).
 */
export interface VolumeLimits {
  /** null: no limit. */
  readonly messagesPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  /** Largest message of the route; null for any. */
  readonly messageBytesMax: number | null;
}

export interface VolumeState {
  /** What may still be sent at once; below zero it is debt. */
  messages: number;
  bytes: number;
  atMs: number;
  /** Since when the client has been over a rate without a rest; null when it is not. */
  overSinceMs: number | null;
}

export type VolumeDecision =
  | { readonly action: 'go' }
  /** Stop reading for this long. */
  | { readonly action: 'pause'; readonly pauseMs: number }
  | { readonly action: 'close' };

/**
 * A page that comes back from the background sends what it has saved up: seconds of it. Ten seconds without a rest
 * above its rate, though held back all the time, is a client that will not stop.
 */
const graceMinMs = 10_000;

/**
 * Or twice the time that the largest message takes at the rate, because who sends one that is allowed must be able to
 * finish it.
 */
export function volumeGraceMs(limits: VolumeLimits): number {
  const { bytesPerSecond, messageBytesMax } = limits;
  if (bytesPerSecond === null) return graceMinMs;
  // Where every size is allowed, no connection is closed for bytes, only held back.
  if (messageBytesMax === null) return limits.messagesPerSecond === null ? Number.POSITIVE_INFINITY : graceMinMs;
  const largestMs = (messageBytesMax / bytesPerSecond) * 1000;
  return Math.max(graceMinMs, 2 * largestMs);
}

/** A second's worth may come at once: people type in bursts, and a rate per second promises no finer grain. */
const burstSeconds = 1;

/**
 * A client has rested when this part of its burst is free again: it was then below its rate, not just stopped by a
 * pause.
 */
const restedShare = 0.5;

export function newVolume(limits: VolumeLimits, nowMs: number): VolumeState {
  return {
    messages: (limits.messagesPerSecond ?? 0) * burstSeconds,
    bytes: (limits.bytesPerSecond ?? 0) * burstSeconds,
    atMs: nowMs,
    overSinceMs: null,
  };
}

/** Fragments of this size are free: browsers cut a large message into pieces, and nobody should pay for it twice. */
const fragmentBytesFree = 1024;

/**
 * What counts against the messages per second: messages, pings, pongs, and the fragments of messages as far as they are
 * smaller than a kilobyte on average. Each of them costs the edge and the server about as much as a message.
 */
export function countedMessages(
  bytes: number,
  frames: { readonly messages: number; readonly dataFrames: number; readonly controlFrames: number },
): number {
  const { messages, dataFrames, controlFrames } = frames;
  // Whoever sees messages only when they are whole may count one whose frames came before.
  const fragments = Math.max(0, dataFrames - messages);
  return messages + controlFrames + Math.max(0, fragments - Math.floor(bytes / fragmentBytesFree));
}

/** Call for every chunk that was read, with what counts as messages in it (`countedMessages`) and all its bytes. */
export function spendVolume(
  state: VolumeState,
  limits: VolumeLimits,
  spent: { readonly messages: number; readonly bytes: number },
  nowMs: number,
): VolumeDecision {
  refill(state, limits, nowMs);
  if (isRested(state, limits)) state.overSinceMs = null;
  if (limits.messagesPerSecond !== null) state.messages -= spent.messages;
  if (limits.bytesPerSecond !== null) state.bytes -= spent.bytes;

  const pauseMs = Math.max(
    debtMs(state.messages, limits.messagesPerSecond),
    debtMs(state.bytes, limits.bytesPerSecond),
  );
  if (pauseMs === 0) return { action: 'go' };
  state.overSinceMs ??= nowMs;
  // A debt that outlasts the grace need not be waited for: ten thousand tiny messages in one packet are no burst of
  // typing.
  if (nowMs + pauseMs - state.overSinceMs > volumeGraceMs(limits)) return { action: 'close' };
  return { action: 'pause', pauseMs };
}

function refill(state: VolumeState, limits: VolumeLimits, nowMs: number): void {
  const seconds = Math.max(0, nowMs - state.atMs) / 1000;
  state.messages = earned(state.messages, limits.messagesPerSecond, seconds);
  state.bytes = earned(state.bytes, limits.bytesPerSecond, seconds);
  state.atMs = Math.max(state.atMs, nowMs);
}

function earned(tokens: number, perSecond: number | null, seconds: number): number {
  return perSecond === null ? 0 : Math.min(perSecond * burstSeconds, tokens + perSecond * seconds);
}

function isRested(state: VolumeState, limits: VolumeLimits): boolean {
  return (
    state.messages >= (limits.messagesPerSecond ?? 0) * burstSeconds * restedShare &&
    state.bytes >= (limits.bytesPerSecond ?? 0) * burstSeconds * restedShare
  );
}

function debtMs(tokens: number, perSecond: number | null): number {
  return perSecond === null || tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000);
}
