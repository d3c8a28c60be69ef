import { headerBytesMax, headerLength } from './frame-header.ts';

/** What the header of a frame tells (RFC 6455, 5.2). */
export interface FrameHeader {
  readonly opcode: number;
  /** The last frame of its message. */
  readonly final: boolean;
  /** RSV1: the message is compressed (RFC 7692, 6). Set on its first frame only. */
  readonly compressed: boolean;
  /** Of the payload, as it is on the wire. */
  readonly bytes: number;
}

/**
 * Walks the bytes of one direction in any chunking, from header to header, and looks at nothing else. It judges
 * nothing: whoever carries the bytes has a scanner for that, so a frame that is wrong is told like any other.
 */
export class HeaderWalk {
  #payloadLeft: number;
  readonly #header = new Uint8Array(headerBytesMax);
  #headerLength = 0;

  /** `payloadLeft`: bytes that come before the next header. */
  constructor(payloadLeft = 0) {
    this.#payloadLeft = payloadLeft;
  }

  walk(chunk: Uint8Array, onFrame: (header: FrameHeader) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= step;
        at += step;
        continue;
      }
      this.#header[this.#headerLength++] = chunk[at++]!;
      if (this.#headerLength < 2 || this.#headerLength < headerLength(this.#header[1]!)) continue;
      this.#headerLength = 0;
      const header = headerOf(this.#header);
      this.#payloadLeft = header.bytes;
      onFrame(header);
    }
  }
}

function headerOf(bytes: Uint8Array): FrameHeader {
  const first = bytes[0]!;
  const short = bytes[1]! & 0x7f;
  let length = short;
  if (short >= 126) {
    length = 0;
    for (let at = 2; at < (short === 126 ? 4 : 10); at++) length = length * 256 + bytes[at]!;
  }
  return { opcode: first & 0x0f, final: first >= 0x80, compressed: (first & 0x40) !== 0, bytes: length };
}
