/**
 * How much is read of one socket before the others have their turn. libuv would go on for 32 full reads, two megabytes:
 * of empty pongs that is 350,000 frames, and 150 ms in which nobody else is heard. An eighth of it is less than 20 ms,
 * and the turns of the loop that it costs do not show in what a flow of large messages takes.
 */
export const turnBytes = 262_144;

/** Whoever does not read until the event loop has looked at the other sockets. */
export interface Resting {
  rested(): void;
}

export function restForATurn(resting: Resting): void {
  setImmediate(wake, resting);
}

function wake(resting: Resting): void {
  resting.rested();
}
