import type { Clock } from '../../base/clock.ts';
import type { StayCause } from '../../base/stay-cause.ts';
import { type FrameKind, frameKinds, type TapRow } from '../../registry/tap.ts';
import { type FrameHeader, HeaderWalk } from '../../ws/header-walk.ts';
import type { Half } from '../tunnel/half.ts';
import type { Wire, WireListener } from '../tunnel/wire.ts';

/** Those who look at the connection. */
export interface TapAudience {
  /**
   * Nobody has room for another row: none is made. A flood of tiny frames costs the counting of them then, and no more.
   */
  readonly isFull: boolean;
  note(row: TapRow): void;
  /** So many rows were not made. */
  miss(count: number): void;
}

/**
 * Stands between a wire and whoever hears of it (a half, or what stands in front of one) while somebody looks: walks
 * the headers of what comes, and hands everything on. A connection that nobody looks at has no such listener, and the
 * tap no cost.
 */
export class TapListener implements WireListener {
  declare readonly borrows?: true;
  /** The wire that it was put on; the half may get another one. */
  readonly wire: Wire;
  readonly #from: Half['from'];
  readonly #behind: WireListener;
  readonly #audience: TapAudience;
  readonly #clock: Clock;
  /** null until whoever is behind stands where the bytes to the next header are known. */
  #walk: HeaderWalk | null = null;
  #message: { kind: FrameKind; compressed: boolean; bytes: number; frames: number } | null = null;
  #atMs = 0;

  /** `behind`: who hears of the wire. */
  constructor(
    { from, source }: Pick<Half, 'from' | 'source'>,
    behind: WireListener,
    clock: Clock,
    audience: TapAudience,
  ) {
    this.wire = source;
    this.#from = from;
    this.#behind = behind;
    this.#clock = clock;
    this.#audience = audience;
    if (behind.borrows === true) this.borrows = true;
  }

  get bytesAhead(): number {
    return this.#behind.bytesAhead ?? 0;
  }

  get stays(): StayCause | null {
    return this.#behind.stays ?? null;
  }

  /** The wire goes on without it, unless somebody else hears of it by now. */
  leave(): void {
    if (this.wire.listener === this) this.wire.listener = this.#behind;
  }

  onBytes(chunk: Buffer): void {
    if (this.#walk === null) {
      const before = this.#behind.bytesToHeader ?? null;
      if (before !== null) this.#walk = new HeaderWalk(before);
    }
    this.#atMs = this.#clock.nowMs();
    this.#walk?.walk(chunk, this.#onFrame);
    this.#behind.onBytes(chunk);
  }

  onDrain(): void {
    this.#behind.onDrain();
  }

  onEnd(): void {
    this.#behind.onEnd();
  }

  onClosed(error: Error | null): void {
    this.#behind.onClosed(error);
  }

  readonly #onFrame = ({ opcode, final, compressed, bytes }: FrameHeader): void => {
    const audience = this.#audience;
    if (audience.isFull) {
      this.#message = null;
      audience.miss(opcode < 8 && final ? 2 : 1);
      return;
    }
    const kind = opcode in frameKinds ? frameKinds[opcode as keyof typeof frameKinds] : 'reserved';
    const shared = { atMs: this.#atMs, from: this.#from };
    audience.note({ ...shared, what: 'frame', kind, bytes, compressed, final, frames: 1 });
    if (opcode >= 8) return;
    // A message whose beginning nobody saw is told by its frames alone.
    if (kind !== 'continuation') this.#message = { kind, compressed, bytes: 0, frames: 0 };
    const message = this.#message;
    if (message === null) return;
    message.bytes += bytes;
    message.frames++;
    if (!final) return;
    this.#message = null;
    audience.note({ ...shared, what: 'message', final: true, ...message });
  };
}
