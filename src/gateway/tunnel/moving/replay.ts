import zlib from 'node:zlib';
import type { ReplaySpec } from '../../../plan/edge/plan.ts';
import { ByteStore } from '../../../ws/byte-store.ts';
import { Decoder } from '../../../ws/decoder.ts';
import { createDeflate } from '../../../ws/deflate.ts';
import type { DeflateAgreement } from '../../../ws/deflate-offer.ts';
import { FrameScanner, type ScanRules } from '../../../ws/scanner.ts';

/**
 * Looks through a server's messages for one that matches. Bytes that it cannot read, or that are too much, match
 * nothing.
 */
export class MatchReader {
  readonly #pattern: RegExp;
  readonly #decoder: Decoder;
  #matched = false;

  constructor(until: string, agreement: DeflateAgreement | null, messageBytesMax: number) {
    this.#pattern = new RegExp(until);
    const codec = agreement && createDeflate({ zlib, agreement, role: 'client', messageBytesMax });
    this.#decoder = new Decoder({ from: 'server', messageBytesMax, inflater: codec?.inflater ?? null, strict: false });
  }

  /** It can match nothing any more. */
  get failed(): boolean {
    return this.#decoder.violation !== null || this.#decoder.closed;
  }

  /** Control frames that have come. */
  get controlFrames(): number {
    return this.#decoder.controlFrames;
  }

  /** Offset behind the message that matches, or -1. Not to be called again once it has matched or failed. */
  read(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && !this.#matched && !this.failed) {
      at = this.#decoder.step(chunk, at, (event) => {
        if (event.kind !== 'text' && event.kind !== 'binary') return;
        this.#matched = this.#pattern.test(Buffer.from(event.data).toString('utf8'));
      });
    }
    return this.#matched ? at : -1;
  }
}

/** What a recorder has come to, between two messages. */
export interface RecorderState {
  readonly rules: ReplaySpec;
  readonly agreement: DeflateAgreement | null;
  readonly bytes: Uint8Array;
  readonly messages: number;
  readonly recording: boolean;
  /** The message that ends the opening is awaited. */
  readonly reading: boolean;
  readonly tooMuch: boolean;
}

/** Keeps the first messages of a connection, for a server that comes later. */
export class Recorder {
  readonly rules: ReplaySpec;
  readonly agreement: DeflateAgreement | null;
  readonly #bytes = new ByteStore();
  #scanner: FrameScanner;
  #messages = 0;
  #reader: MatchReader | null;
  #recording = true;
  #tooMuch = false;

  constructor(rules: ReplaySpec, scanRules: ScanRules, agreement: DeflateAgreement | null) {
    this.rules = rules;
    this.agreement = agreement;
    this.#scanner = new FrameScanner(scanRules);
    this.#reader = rules.until === null ? null : new MatchReader(rules.until, agreement, rules.bytesMax);
  }

  /** The server has said what `until` waits for; null where nothing is waited for. */
  get matched(): boolean | null {
    return this.rules.until === null ? null : this.#reader === null;
  }

  /** What is to be sent again; null when it was more than may be kept, or when no end of it can be found any more. */
  get recorded(): Uint8Array | null {
    if (this.#tooMuch) return null;
    const bytes = this.#bytes.take();
    this.#bytes.add(bytes, bytes.length);
    return bytes;
  }

  snapshot(): RecorderState {
    const { rules, agreement } = this;
    const bytes = this.#tooMuch ? new Uint8Array(0) : this.recorded!;
    const reading = this.#reader !== null;
    return {
      rules,
      agreement,
      bytes,
      messages: this.#messages,
      recording: this.#recording,
      reading,
      tooMuch: this.#tooMuch,
    };
  }

  restore({ bytes, messages, recording, reading, tooMuch }: RecorderState): void {
    this.#bytes.add(bytes, bytes.length);
    this.#messages = messages;
    this.#recording = recording;
    this.#tooMuch = tooMuch;
    if (!reading) this.#reader = null;
  }

  fromClient(bytes: Uint8Array): void {
    if (!this.#recording) return;
    const { messages } = this.rules;
    if (messages === null) {
      this.#add(bytes);
      return;
    }
    for (let at = 0; at < bytes.length && this.#recording; ) {
      this.#scanner.scan(bytes.subarray(at));
      const end = this.#scanner.firstMessageEnd;
      this.#add(bytes.subarray(at, end < 0 ? bytes.length : at + end));
      if (end < 0) return;
      at += end;
      this.#scanner = this.#scanner.fresh();
      if (++this.#messages === messages) this.#recording = false;
    }
  }

  fromServer(bytes: Uint8Array): void {
    const reader = this.#reader;
    if (reader === null) return;
    const matched = reader.read(bytes) >= 0;
    if (!matched && !reader.failed) return;
    this.#reader = null;
    this.#recording = false;
    if (!matched) this.#giveUp();
  }

  /** Another server takes over: it begins its messages anew. */
  restart(): void {
    if (this.#reader !== null) this.#reader = new MatchReader(this.rules.until!, this.agreement, this.rules.bytesMax);
  }

  #add(bytes: Uint8Array): void {
    if (this.#bytes.length + bytes.length > this.rules.bytesMax) this.#giveUp();
    else this.#bytes.add(bytes, this.rules.bytesMax);
  }

  #giveUp(): void {
    this.#tooMuch = true;
    this.#recording = false;
    this.#reader = null;
    this.#bytes.take();
  }
}
