/** Writing frames (RFC 6455, 5.2), lengths always in the shortest form. */
import { isSendableCloseCode } from '../base/close-code.ts';
import { applyMask } from './mask.ts';
import { type Opcode, opcodes } from './opcode.ts';

export interface FrameHead {
  readonly opcode: Opcode;
  /** Default: true. */
  readonly fin?: boolean;
  /** Set on the first frame of a compressed message (RFC 7692, 6). Default: false. */
  readonly rsv1?: boolean;
  /** Four unpredictable bytes from a client (RFC 6455, 5.3), null from a server. */
  readonly mask: Uint8Array | null;
}

/** Longest close reason in bytes: a control frame carries 125, two of them are the code (RFC 6455, 5.5). */
export const closeReasonBytesMax = 123;

/** One whole frame in one new buffer. The payload is copied, and left as it was. */
export function encodeFrame(frame: FrameHead & { readonly payload: Uint8Array }): Uint8Array {
  const { payload, mask } = frame;
  const headBytes = headLength(payload.length, mask);
  const bytes = Buffer.allocUnsafe(headBytes + payload.length);
  writeHead(bytes, frame, payload.length);
  bytes.set(payload, headBytes);
  if (mask !== null) applyMask(bytes, mask, 0, headBytes);
  return bytes;
}

/** A whole message in one frame: text for a string, binary for bytes. */
export function encodeMessage(data: string | Uint8Array, mask: Uint8Array | null): Uint8Array {
  if (typeof data === 'string') return encodeFrame({ opcode: opcodes.text, mask, payload: Buffer.from(data, 'utf8') });
  return encodeFrame({ opcode: opcodes.binary, mask, payload: data });
}

/** The frame's head alone, for a payload that is written after it without a copy (masked already, if it has to be). */
export function encodeFrameHead(frame: FrameHead, payloadBytes: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(headLength(payloadBytes, frame.mask));
  writeHead(bytes, frame, payloadBytes);
  return bytes;
}

/**
 * A close frame. `code` null sends an empty payload, which means "no code given". A reason over 123 bytes is cut
 * between two characters. Throws RangeError for a code that must not be sent: whoever takes codes from outside asks
 * isSendableCloseCode first.
 */
export function encodeClose(close: {
  readonly code: number | null;
  readonly reason?: string;
  readonly mask: Uint8Array | null;
}): Uint8Array {
  const payload = closePayload(close.code, close.reason ?? '');
  return encodeFrame({ opcode: opcodes.close, mask: close.mask, payload });
}

export function closePayload(code: number | null, reason: string): Uint8Array {
  if (code === null) return new Uint8Array(0);
  if (!isSendableCloseCode(code)) throw new RangeError(`close code ${code} must not be sent`);
  const text = Buffer.from(reason, 'utf8');
  let length = Math.min(text.length, closeReasonBytesMax);
  // Continuation bytes (10xxxxxx) belong to the character before the cut.
  if (length < text.length) while ((text[length]! & 0xc0) === 0x80) length--;
  const payload = new Uint8Array(2 + length);
  payload[0] = code >> 8;
  payload[1] = code & 0xff;
  payload.set(text.subarray(0, length), 2);
  return payload;
}

/** The string of bytes that are known to be valid UTF-8. A byte order mark stays: it is part of the message. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

function headLength(payloadBytes: number, mask: Uint8Array | null): number {
  const base = mask === null ? 2 : 6;
  if (payloadBytes <= 125) return base;
  return payloadBytes <= 0xffff ? base + 2 : base + 8;
}

function writeHead(bytes: Uint8Array, frame: FrameHead, payloadBytes: number): void {
  const { opcode, fin = true, rsv1 = false, mask } = frame;
  bytes[0] = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  const maskBit = mask === null ? 0 : 0x80;
  let at = 2;
  if (payloadBytes <= 125) {
    bytes[1] = maskBit | payloadBytes;
  } else if (payloadBytes <= 0xffff) {
    bytes[1] = maskBit | 126;
    bytes[2] = payloadBytes >> 8;
    bytes[3] = payloadBytes & 0xff;
    at = 4;
  } else {
    bytes[1] = maskBit | 127;
    // Bit operations end at 32 bits, so the length is written a byte at a time from its end.
    let rest = payloadBytes;
    for (let i = 9; i >= 2; i--) {
      bytes[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    at = 10;
  }
  if (mask !== null) bytes.set(mask.subarray(0, 4), at);
}
