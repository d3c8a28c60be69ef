export const defaultMessageBytesMax = 16 * 1024 * 1024;

export const defaultSendBufferBytesMax = 64 * 1024 * 1024;

/** What the connection does of its own accord. All true by default. */
export interface Replies {
  /** Answers a ping with a pong. */
  readonly pong: boolean;
  /** Answers a close frame with a close frame, and a violation with the code for it; then ends the connection. */
  readonly close: boolean;
}

export interface ClosePatience {
  /** Milliseconds from the first close frame to the end of the connection. */
  readonly closeMs: number;
}

/** Servers end the connection at once after their close frame; `ws` waits 30 s, which is too long to stand by. */
export const defaultCloseMs = 5000;
