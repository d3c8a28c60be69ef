/** Where the body of an HTTP/1.1 answer ends (RFC 9112, 6 and 7.1): for refusals, whose body follows the head. */
import { type AnswerHead, headerValues } from './head.ts';

export type BodyLength =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** The body ends when the server ends the connection. */
  | { readonly kind: 'until-close' }
  | { readonly kind: 'violation'; readonly violation: BodyViolation };

export const bodyViolations = {
  'length-malformed': 'the Content-Length is not a number, or two of them differ',
  'length-and-chunked': 'the answer carries both Content-Length and Transfer-Encoding',
  'chunk-size': 'a chunk’s size is not a hexadecimal number, or is too long',
  'chunk-end': 'a chunk does not end with a line break where its size says',
  'trailer-too-long': 'the trailers behind the last chunk are longer than 16 KiB',
} as const satisfies Record<string, string>;

export type BodyViolation = keyof typeof bodyViolations;

/** How long the body of the answer to a GET is. */
export function bodyLength(head: AnswerHead): BodyLength {
  if (head.status < 200 || head.status === 204 || head.status === 304) return { kind: 'none' };
  const lengths = headerValues(head.rawHeaders, 'content-length');
  const codings = headerValues(head.rawHeaders, 'transfer-encoding');
  if (codings.length > 0) {
    if (lengths.length > 0) return { kind: 'violation', violation: 'length-and-chunked' };
    const last = codings.join(',').split(',').at(-1)!.trim().toLowerCase();
    return { kind: last === 'chunked' ? 'chunked' : 'until-close' };
  }
  if (lengths.length === 0) return { kind: 'until-close' };
  const [first] = lengths;
  // 15 digits are the longest that a number holds exactly, whatever they are.
  const wrong = !/^\d{1,15}$/.test(first!) || lengths.some((each) => each !== first);
  return wrong ? { kind: 'violation', violation: 'length-malformed' } : { kind: 'length', bytes: Number(first) };
}

export type BodyStep =
  | { readonly state: 'more' }
  /** `endAt` is the offset in the last chunk of the first byte behind the body. */
  | { readonly state: 'done'; readonly endAt: number }
  | { readonly state: 'violation'; readonly violation: BodyViolation };

export interface BodyReader {
  /** `onData` gets the body's bytes without the chunked coding's marks; they share memory with the chunk. */
  push(chunk: Uint8Array, onData?: (bytes: Uint8Array) => void): BodyStep;
}

/** A body of 0 bytes is done at the first push, even of an empty chunk; `until-close` never is. */
export function createBodyReader(length: Exclude<BodyLength, { kind: 'violation' }>): BodyReader {
  switch (length.kind) {
    case 'none':
      return new CountedReader(0);
    case 'length':
      return new CountedReader(length.bytes);
    case 'until-close':
      return new CountedReader(Number.POSITIVE_INFINITY);
    case 'chunked':
      return new ChunkedReader();
  }
}

const more: BodyStep = { state: 'more' };

class CountedReader implements BodyReader {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  push(chunk: Uint8Array, onData?: (bytes: Uint8Array) => void): BodyStep {
    const taken = Math.min(this.#left, chunk.length);
    this.#left -= taken;
    if (taken > 0) onData?.(taken === chunk.length ? chunk : chunk.subarray(0, taken));
    return this.#left === 0 ? { state: 'done', endAt: taken } : more;
  }
}

/** Longest line with a chunk's size, extensions included: nobody uses them, and they must end. */
const sizeLineBytesMax = 1024;
/** 13 hexadecimal digits still are an exact number. */
const sizeDigitsMax = 13;
const trailerBytesMax = 16_384;

type ChunkedState = 'size' | 'extension' | 'size-feed' | 'data' | 'data-return' | 'data-feed' | 'trailer';

/** A machine of one byte at a time, but for data: refusals are short, and nothing is held. */
class ChunkedReader implements BodyReader {
  #state: ChunkedState = 'size';
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  /** Trailers end with an empty line: how much of CR LF CR LF was just seen, a size line's own CR LF included. */
  #endSeen = 0;
  #trailerBytes = 0;

  push(chunk: Uint8Array, onData?: (bytes: Uint8Array) => void): BodyStep {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'data') {
        const taken = Math.min(this.#size, chunk.length - at);
        onData?.(chunk.subarray(at, at + taken));
        this.#size -= taken;
        at += taken;
        if (this.#size === 0) this.#state = 'data-return';
        continue;
      }
      const violation = this.#mark(chunk[at++]!);
      if (violation !== null) return { state: 'violation', violation };
      if (this.#endSeen === 4) return { state: 'done', endAt: at };
    }
    return more;
  }

  #mark(byte: number): BodyViolation | null {
    switch (this.#state) {
      case 'size':
      case 'extension':
        return this.#sizeLine(byte);
      case 'size-feed':
        if (byte !== 0x0a || this.#digits === 0) return 'chunk-size';
        this.#state = this.#size === 0 ? 'trailer' : 'data';
        this.#endSeen = 2;
        return null;
      case 'data-return':
        this.#state = 'data-feed';
        return byte === 0x0d ? null : 'chunk-end';
      case 'data-feed':
        this.#state = 'size';
        this.#digits = 0;
        this.#lineBytes = 0;
        return byte === 0x0a ? null : 'chunk-end';
      default:
        return this.#trailer(byte);
    }
  }

  #sizeLine(byte: number): BodyViolation | null {
    if (++this.#lineBytes > sizeLineBytesMax) return 'chunk-size';
    if (byte === 0x0d) {
      this.#state = 'size-feed';
      return null;
    }
    // A line feed without its carriage return would let two readers see two different bodies.
    if (byte === 0x0a) return 'chunk-size';
    if (this.#state === 'extension') return null;
    const digit = hexDigit(byte);
    if (digit === -1) {
      const begins = this.#digits > 0 && (byte === 0x3b || byte === 0x20 || byte === 0x09);
      this.#state = 'extension';
      return begins ? null : 'chunk-size';
    }
    this.#size = this.#size * 16 + digit;
    return ++this.#digits > sizeDigitsMax ? 'chunk-size' : null;
  }

  #trailer(byte: number): BodyViolation | null {
    if (++this.#trailerBytes > trailerBytesMax) return 'trailer-too-long';
    const expected = this.#endSeen % 2 === 0 ? 0x0d : 0x0a;
    this.#endSeen = byte === expected ? this.#endSeen + 1 : byte === 0x0d ? 1 : 0;
    return null;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
