/** What a live tap shows of one connection. There is no payload in it, on no route. */

export const frameKinds = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
} as const satisfies Record<number, string>;

export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds] | 'reserved';

/** A frame as its header tells, or a message as the headers of its frames tell. */
export interface TapRow {
  readonly what: 'frame' | 'message';
  /** When the header came, or the last header of the message: milliseconds since 1970. */
  readonly atMs: number;
  readonly from: 'client' | 'server';
  /** Of a message, that of its first frame. */
  readonly kind: FrameKind;
  /** Of payload, as it is on the wire. */
  readonly bytes: number;
  readonly compressed: boolean;
  /** Of a frame: whether it is the last of its message. */
  readonly final: boolean;
  /** Of a message: how many it came in. */
  readonly frames: number;
}

export interface TapAnswer {
  /** In the order in which they came, since the last time that this viewer asked. */
  readonly rows: readonly TapRow[];
  /** Rows that came after those and were left out: more than a viewer may have waiting. */
  readonly missed: number;
  /** The connection has ended, and this is the rest. */
  readonly ended: boolean;
}

/**
 * Of all workers that know the connection: one that has given it to another worker tells the rest of what it saw, and
 * it goes on there.
 */
export function mergeTaps(answers: readonly (TapAnswer | null)[]): TapAnswer | null {
  const told = answers.filter((answer) => answer !== null).sort((a, b) => Number(b.ended) - Number(a.ended));
  if (told.length === 0) return null;
  return {
    rows: told.flatMap(({ rows }) => rows),
    missed: told.reduce((sum, { missed }) => sum + missed, 0),
    ended: told.every(({ ended }) => ended),
  };
}
