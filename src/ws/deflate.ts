/**
 * Compressing and inflating messages (RFC 7692, 7.2) over a zlib that is passed in. Each message is one call: what one
 * message hands to the next (the context) is the last window of plain bytes, given to zlib as its dictionary. So a
 * connection holds a window at most, 32 KiB, and nothing at all until a message was compressed, where a zlib stream
 * would hold about 300 KiB for as long as it lives.
 */
import type { DeflateAgreement } from './deflate-offer.ts';

/** The part of node:zlib that is used. */
export interface RawZlib {
  deflateRawSync(data: Uint8Array, options: RawZlibOptions): Uint8Array;
  /** With `info`, the bytes and the engine that made them; the types of Node do not tell. */
  inflateRawSync(data: Uint8Array, options: RawZlibOptions): unknown;
}

export interface RawZlibOptions {
  windowBits?: number;
  level?: number;
  dictionary?: Uint8Array;
  finishFlush?: number;
  chunkSize?: number;
  maxOutputLength?: number;
  info?: boolean;
}

export interface Deflater {
  /** The payload of a frame with RSV1 set. */
  deflate(message: Uint8Array): Uint8Array;
  /** Bytes of context held. */
  readonly heldBytes: number;
  /** The context itself: the last plain bytes, to which the next message may look back. */
  readonly window: Uint8Array;
  /** Forgets the context: the connection is over. */
  release(): void;
}

export type Inflated =
  | { readonly ok: true; readonly data: Uint8Array }
  | { readonly ok: false; readonly violation: 'deflate-data' | 'message-too-big' };

export interface Inflater {
  /** A message of more than messageBytesMax is refused while it is inflated, before it has taken that memory. */
  inflate(payload: Uint8Array): Inflated;
  readonly heldBytes: number;
  readonly window: Uint8Array;
  release(): void;
}

/** What a connection's compression is made of, and what it needs to go on in another process. */
export interface DeflateState {
  readonly agreement: DeflateAgreement;
  readonly deflated: Uint8Array;
  readonly inflated: Uint8Array;
}

/**
 * Both directions as `role` sees them. `level` is zlib's, 1 to 9, default 6. `windows` are those of whoever compressed
 * and inflated before; left out, both begin anew.
 */
export function createDeflate(options: {
  readonly zlib: RawZlib;
  readonly agreement: DeflateAgreement;
  readonly role: 'client' | 'server';
  readonly messageBytesMax: number;
  readonly level?: number;
  readonly windows?: Omit<DeflateState, 'agreement'>;
}): { readonly deflater: Deflater; readonly inflater: Inflater; readonly agreement: DeflateAgreement } {
  const { zlib, agreement, role, messageBytesMax, level = 6, windows } = options;
  const byServer = { noContext: agreement.serverNoContextTakeover, bits: agreement.serverMaxWindowBits };
  const byClient = { noContext: agreement.clientNoContextTakeover, bits: agreement.clientMaxWindowBits };
  const [own, peer] = role === 'server' ? [byServer, byClient] : [byClient, byServer];
  const contexts = {
    own: new Context(own.noContext ? 0 : 1 << own.bits),
    peer: new Context(peer.noContext ? 0 : 1 << peer.bits),
  };
  if (windows !== undefined) {
    contexts.own.push(windows.deflated);
    contexts.peer.push(windows.inflated);
  }
  return {
    deflater: new MessageDeflater(zlib, level, own.bits, contexts.own),
    inflater: new MessageInflater(zlib, messageBytesMax, contexts.peer),
    agreement,
  };
}

/** Z_SYNC_FLUSH and Z_FINISH of zlib.h, which never change. */
const syncFlush = 2;
const finish = 4;

/** The end of a sync flush: cut off by the sender, put back by the receiver (RFC 7692, 7.2.1). */
const flushEnd = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** The same, and then an empty final block: inflating that reaches its end proves that the message was whole. */
const messageEnd = Uint8Array.of(...flushEnd, 0x01, 0x00, 0x00, 0xff, 0xff);

/**
 * A message may contain blocks marked final (RFC 7692, 7.2.3.4), each of which costs a new run of zlib. Senders that
 * use them write one; without a limit, a message of nothing else would take a run for every two bytes.
 */
const finalBlocksMax = 16;

class MessageDeflater implements Deflater {
  readonly #zlib: RawZlib;
  readonly #level: number;
  readonly #windowBits: number;
  readonly #context: Context;

  constructor(zlib: RawZlib, level: number, windowBits: number, context: Context) {
    this.#zlib = zlib;
    this.#level = level;
    // zlib has no raw deflate with a window of 256 bytes; its window of 512 never looks back more than 250, so that
    // what it writes is right for a receiver with 256.
    this.#windowBits = Math.max(9, windowBits);
    this.#context = context;
  }

  get heldBytes(): number {
    return this.#context.bytes.length;
  }

  get window(): Uint8Array {
    return this.#context.bytes;
  }

  deflate(message: Uint8Array): Uint8Array {
    const bytes = this.#zlib.deflateRawSync(
      message,
      this.#context.addTo({
        windowBits: this.#windowBits,
        level: this.#level,
        finishFlush: syncFlush,
        chunkSize: outputBytes(message.length),
      }),
    );
    this.#context.push(message);
    return bytes.subarray(0, bytes.length - flushEnd.length);
  }

  release(): void {
    this.#context.clear();
  }
}

class MessageInflater implements Inflater {
  readonly #zlib: RawZlib;
  readonly #messageBytesMax: number;
  readonly #context: Context;

  constructor(zlib: RawZlib, messageBytesMax: number, context: Context) {
    this.#zlib = zlib;
    this.#messageBytesMax = messageBytesMax;
    this.#context = context;
  }

  get heldBytes(): number {
    return this.#context.bytes.length;
  }

  get window(): Uint8Array {
    return this.#context.bytes;
  }

  inflate(payload: Uint8Array): Inflated {
    const pieces: Uint8Array[] = [];
    let bytesLeft = this.#messageBytesMax;
    let input: Uint8Array = Buffer.concat([payload, messageEnd]);
    for (let run = 0; ; run++) {
      if (run > finalBlocksMax) return { ok: false, violation: 'deflate-data' };
      const step = this.#run(input, bytesLeft);
      if (typeof step === 'string') return { ok: false, violation: step };
      this.#context.push(step.data);
      pieces.push(step.data);
      bytesLeft -= step.data.length;
      input = input.subarray(step.taken);
      // What is left of our own end was not asked for: the message's last block was itself marked final.
      if (input.length <= messageEnd.length) break;
    }
    return { ok: true, data: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces) };
  }

  release(): void {
    this.#context.clear();
  }

  #run(input: Uint8Array, bytesMax: number): { data: Uint8Array; taken: number } | 'deflate-data' | 'message-too-big' {
    // zlib takes no limit of 0, so that the last byte is counted here.
    const options = {
      windowBits: 15,
      finishFlush: finish,
      chunkSize: outputBytes(4 * input.length),
      maxOutputLength: Math.max(1, bytesMax),
      info: true,
    };
    try {
      const result = this.#zlib.inflateRawSync(input, this.#context.addTo(options)) as {
        readonly buffer: Uint8Array;
        readonly engine: { readonly bytesWritten: number };
      };
      if (result.buffer.length > bytesMax) return 'message-too-big';
      return { data: result.buffer, taken: result.engine.bytesWritten };
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'ERR_BUFFER_TOO_LARGE') return 'message-too-big';
      if (typeof code === 'string' && code.startsWith('Z_')) return 'deflate-data';
      throw error;
    }
  }
}

/**
 * zlib writes into pieces of this size. Its default of 16 KiB takes as long to allocate as a chat message takes to
 * compress; above 64 KiB nothing is gained any more.
 */
function outputBytes(expected: number): number {
  return Math.min(Math.max(expected + 64, 256), 65_536);
}

/** The last bytes of a direction's plain text, up to its window; 0 for a direction without context takeover. */
class Context {
  bytes: Uint8Array = empty;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  addTo(options: RawZlibOptions): RawZlibOptions {
    if (this.bytes.length > 0) options.dictionary = this.bytes;
    return options;
  }

  push(message: Uint8Array): void {
    if (this.#bytesMax === 0 || message.length === 0) return;
    const fromMessage = Math.min(message.length, this.#bytesMax);
    const fromBefore = Math.min(this.bytes.length, this.#bytesMax - fromMessage);
    const bytes = new Uint8Array(fromBefore + fromMessage);
    bytes.set(this.bytes.subarray(this.bytes.length - fromBefore));
    bytes.set(message.subarray(message.length - fromMessage), fromBefore);
    this.bytes = bytes;
  }

  clear(): void {
    this.bytes = empty;
  }
}

const empty = new Uint8Array(0);
