/** Frames as nobody should write them: every bit and length can be set, whatever the payload is. */
import { applyMask } from '../ws/mask.ts';

export interface RawFrame {
  /** 0 to 15. */
  readonly opcode: number;
  readonly payload?: Uint8Array;
  /** Default: true. */
  readonly fin?: boolean;
  /** The three reserved bits: 4 is RSV1, 2 RSV2, 1 RSV3. Default: 0. */
  readonly rsv?: number;
  /** Four bytes; null writes an unmasked frame. Default: a fixed mask that changes every byte. */
  readonly mask?: Uint8Array | null;
  /** The form of the length: 7, 16 or 64 bits. Default: the shortest. */
  readonly lengthBits?: 7 | 16 | 64;
  /** The length that is written, whatever the payload has. */
  readonly length?: bigint | number;
}

export const usualMask = Uint8Array.of(0xa5, 0x3c, 0x96, 0x0f);

export function rawFrame(frame: RawFrame): Buffer {
  const { opcode, payload = nothing, fin = true, rsv = 0, mask = usualMask } = frame;
  const length = BigInt(frame.length ?? payload.length);
  const bits = frame.lengthBits ?? (length <= 125n ? 7 : length <= 0xffffn ? 16 : 64);
  const head = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (mask === null ? 0 : 0x80) | (bits === 7 ? Number(length & 0x7fn) : bits === 16 ? 126 : 127);
  if (bits === 16) head.writeUInt16BE(Number(length & 0xffffn), 2);
  if (bits === 64) head.writeBigUInt64BE(length & 0xffff_ffff_ffff_ffffn, 2);
  if (mask === null) return Buffer.concat([head, payload]);
  const masked = Buffer.from(payload);
  applyMask(masked, mask);
  return Buffer.concat([head, mask, masked]);
}

const nothing = new Uint8Array(0);
