import type { StayCause } from '../../base/stay-cause.ts';
import type { ControlFrame, ScannerState } from '../../ws/scanner.ts';
import type { Violation } from '../../ws/violation.ts';
import type { Lag } from './lag.ts';
import type { Wire, WireListener } from './wire.ts';

/** What a half knows between two chunks. */
export interface HalfState {
  /** null in message mode, where a half that stands still knows nothing. */
  readonly scanner: ScannerState | null;
  /** What the edge wants to put in at the next boundary. */
  readonly waiting: readonly { readonly bytes: Uint8Array; readonly at: 'frame' | 'message' }[];
}

/**
 * One half of a tunnel, from its source to its target: as the connection and those who watch over it see it, whatever
 * is done on the way.
 */
export interface Half extends WireListener {
  readonly from: 'client' | 'server';
  readonly source: Wire;
  readonly target: Wire;
  /** False once the edge has said its last word to the target: what still comes is read and dropped. */
  readonly open: boolean;
  /** The source has finished its side of the socket, or its socket is gone. */
  readonly sourceEnded: boolean;
  /** Of a target that is behind; null while it keeps up. The owner's to set. */
  lag: Lag | null;
  readonly blocked: boolean;
  /** Bytes that wait for the target, inserted ones included. */
  readonly queuedBytes: number;
  /** The source has sent a close frame, and it has been passed on. */
  readonly closeSeen: boolean;
  /** Nothing more is expected from the source: it has closed, broken the protocol, or gone. */
  readonly finished: boolean;
  /** A close frame could be put in now, or will be at the next boundary if the source goes on. */
  readonly atFrameBoundary: boolean;
  /** Nothing of a message is half carried. */
  readonly atMessageBoundary: boolean;
  /** The source is in the middle of a frame, and can put no pong inside it. */
  readonly insideFrame: boolean;

  readonly bytesToHeader: number | null;

  /** False while the edge holds the source back: what the source says meanwhile waits unread, its pongs included. */
  readonly listening: boolean;
  /** Of the message that broke the route's limit: what its headers add up to; null when only inflating it showed. */
  readonly tooBigBytes: number | null;

  /** Puts a control frame in at the next frame boundary. False when the buffer has no room. */
  insertControl(bytes: Uint8Array): boolean;
  /** Puts a whole message in at the next message boundary. */
  insertMessage(bytes: Uint8Array): 'sent' | 'queued' | 'full';
  /**
   * Puts a close frame in at the next frame boundary; nothing is forwarded after it. Messages that still wait are
   * dropped.
   */
  insertClose(bytes: Uint8Array): void;
  /** Stops or resumes reading the source for a reason of the owner's. */
  throttle(on: boolean): void;

  /** All that a half in another process needs to go on in this one's place; or why that cannot be told now. */
  snapshot(): HalfState | StayCause;
  /** Goes on where another one stood. Before anything is read. */
  restore(state: HalfState): void;
}

/** What came with some bytes. */
export interface Traffic {
  /** Messages that ended with them. */
  readonly messages: number;
  /** Frames of data and control frames that ended with them. */
  readonly dataFrames: number;
  readonly controlFrames: number;
  /** False when there was no byte of a data frame. */
  readonly hasData: boolean;
}

/** What one half tells the connection that it is a half of. */
export interface HalfOwner {
  /** Bytes came in. `traffic` is only lent. */
  onTraffic(half: Half, bytes: number, traffic: Traffic): void;
  /** May the edge keep this control frame to itself? Asked before anything of the chunk is forwarded. */
  takesOut(half: Half, frame: ControlFrame): boolean;
  /** A close frame came, and was forwarded if the half is still open. */
  onCloseFrame(half: Half, frame: ControlFrame): void;
  onViolation(half: Half, violation: Violation): void;
  /** The close frame given to `insertClose` has been written. */
  onCloseInserted(half: Half): void;
  onSourceEnd(half: Half): void;
  onSourceClosed(half: Half, error: Error | null): void;
  /** The target is behind by more than its buffer, or has caught up. */
  onBlockedChange(half: Half): void;
  /** A hook wants both sides closed, or has failed where that means the same. */
  onHookClose(half: Half, close: { readonly code: number; readonly reason: string }): void;
}
