import type { Deflater } from '../../ws/deflate.ts';
import { encodeClose, encodeFrame } from '../../ws/frame.ts';
import { nextMask } from '../../ws/mask-source.ts';
import { type Opcode, opcodes } from '../../ws/opcode.ts';
import type { ControlFrame } from '../../ws/scanner.ts';
import type { Wire } from '../tunnel/wire.ts';

/** Shorter messages gain nothing that one would notice, and cost a call of zlib. */
const compressBytesMin = 128;

export interface MessageWriterOptions {
  readonly target: Wire;
  /** Toward a server. */
  readonly masked: boolean;
  /** With more than this waiting, the target is behind. */
  readonly bufferBytesMax: number;
  /** null where compression was not agreed on. */
  readonly deflater: Deflater | null;
}

/** Whole messages and control frames to one end, each in one frame. */
export class MessageWriter {
  readonly #options: MessageWriterOptions;

  constructor(options: MessageWriterOptions) {
    this.#options = options;
  }

  get isBehind(): boolean {
    return this.#options.target.queuedBytes > this.#options.bufferBytesMax;
  }

  /** Whole frames that are ready; not when they would put the target behind. */
  insert(bytes: Uint8Array): 'sent' | 'full' {
    const { target, bufferBytesMax } = this.#options;
    if (target.queuedBytes + bytes.length > bufferBytesMax) return 'full';
    target.write(bytes);
    return 'sent';
  }

  /** A text message of a string, a binary one of bytes. */
  data(data: string | Uint8Array): void {
    if (typeof data === 'string') this.message(opcodes.text, Buffer.from(data, 'utf8'));
    else this.message(opcodes.binary, data);
  }

  message(opcode: Opcode, data: Uint8Array): void {
    const { target, deflater } = this.#options;
    const rsv1 = deflater !== null && data.length >= compressBytesMin;
    target.write(encodeFrame({ opcode, rsv1, mask: this.#mask(), payload: rsv1 ? deflater.deflate(data) : data }));
  }

  /** Passes on a control frame as it came, with a mask of our own. */
  control({ opcode, payload, close }: ControlFrame): void {
    const mask = this.#mask();
    const { target } = this.#options;
    if (close === null) target.write(encodeFrame({ opcode: opcode as Opcode, mask, payload }));
    else target.write(encodeClose({ code: close.code === 1005 ? null : close.code, reason: close.reason, mask }));
  }

  /** The target is gone: its context is of no use any more. */
  release(): void {
    this.#options.deflater?.release();
  }

  #mask(): Uint8Array | null {
    return this.#options.masked ? nextMask() : null;
  }
}
