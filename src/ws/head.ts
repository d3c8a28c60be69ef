/**
 * Reads the head of an HTTP/1.1 answer (RFC 9112) from bytes in any chunking: strictly, because whatever one reader
 * lets pass and the next one reads differently is a way to smuggle. Nothing is held past the limits below.
 */
import { lowerName, tokenName } from '../base/header-name.ts';
import { trimmed } from './token.ts';

export interface AnswerHead {
  readonly httpVersion: '1.0' | '1.1';
  readonly status: number;
  readonly reason: string;
  /** Name, value, name, value … as they came, one character for each byte. */
  readonly rawHeaders: readonly string[];
}

export type HeadStep =
  | { readonly state: 'more' }
  /** `bodyAt` is the offset in the last chunk of the first byte behind the head. */
  | { readonly state: 'done'; readonly head: AnswerHead; readonly bodyAt: number }
  | { readonly state: 'violation'; readonly violation: HeadViolation };

export interface HeadReader {
  /** Must not be called again after `done` or `violation`. */
  push(chunk: Uint8Array): HeadStep;
  /** Bytes of the unfinished head that are held; at most headBytesMax. */
  readonly heldBytes: number;
}

/** Largest head in bytes: twice what nginx and node:http take from a client, and what node:http takes by default. */
export const headBytesMax = 16_384;

/** Most headers in one head: servers send 10 to 30, and nginx's own default for requests ends at about the same. */
export const headersMax = 100;

export const headViolations = {
  'not-http': 'the answer does not begin with "HTTP/1."',
  'status-line': 'the first line is not an HTTP/1.1 status line',
  'bare-line-feed': 'a line of the head ends without a carriage return',
  'control-byte': 'the head contains a control byte',
  'folded-header': 'a header continues on a second line',
  'header-name': 'a header’s name is not a token followed by a colon',
  'head-too-long': 'the head is longer than 16 KiB',
  'too-many-headers': 'the head has more than 100 headers',
} as const satisfies Record<string, string>;

export type HeadViolation = keyof typeof headViolations;

export function createHeadReader(): HeadReader {
  return new AnswerHeadReader();
}

/** The values of a header in order; `name` in lower case. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const written = rawHeaders[i]!;
    if (written.length === name.length && lowerName(written) === name) values.push(rawHeaders[i + 1]!);
  }
  return values;
}

/** The first of them; null when there is none. */
export function firstValue(rawHeaders: readonly string[], name: string): string | null {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const written = rawHeaders[i]!;
    if (written.length === name.length && lowerName(written) === name) return rawHeaders[i + 1]!;
  }
  return null;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const more: HeadStep = { state: 'more' };
const beginning = Buffer.from('HTTP/1.', 'latin1');
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
const controlByte = /[\x00-\x08\x0a-\x1f\x7f]/;

class AnswerHeadReader implements HeadReader {
  /** The head so far, when it did not come in one chunk. */
  #held: Buffer | null = null;
  #heldLength = 0;
  /** Offset of the line that is not complete yet. */
  #lineAt = 0;
  #status: { httpVersion: '1.0' | '1.1'; status: number; reason: string } | null = null;
  readonly #rawHeaders: string[] = [];

  get heldBytes(): number {
    return this.#heldLength;
  }

  push(chunk: Uint8Array): HeadStep {
    const before = this.#heldLength;
    const bytes = before === 0 ? asBuffer(chunk) : this.#append(chunk);
    const legal = bytes.subarray(0, headBytesMax);
    if (this.#status === null && !beginsLikeHttp(legal)) return violated('not-http');
    let searchFrom = Math.max(this.#lineAt, before);
    for (;;) {
      const feed = legal.indexOf(lineFeed, searchFrom);
      if (feed === -1) break;
      const step = this.#line(legal, this.#lineAt, feed);
      if (step === 'end') return { state: 'done', head: this.#head(), bodyAt: feed + 1 - before };
      if (step !== null) return violated(step);
      this.#lineAt = feed + 1;
      searchFrom = feed + 1;
    }
    if (bytes.length >= headBytesMax) return violated('head-too-long');
    if (before === 0) this.#append(chunk);
    return more;
  }

  /** Takes what can still belong to a legal head, so that the rest of a large chunk is not copied. */
  #append(chunk: Uint8Array): Buffer {
    const taken = chunk.subarray(0, headBytesMax - this.#heldLength);
    const length = this.#heldLength + taken.length;
    if (this.#held === null || this.#held.length < length) {
      const grown = Buffer.allocUnsafe(Math.min(headBytesMax, Math.max(1024, length * 2)));
      if (this.#held !== null) grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(taken, this.#heldLength);
    this.#heldLength = length;
    return this.#held.subarray(0, length);
  }

  /** Reads one line without its line feed; null when it is in order, `end` for the empty line. */
  #line(bytes: Buffer, start: number, feed: number): HeadViolation | 'end' | null {
    if (feed === start || bytes[feed - 1] !== carriageReturn) return 'bare-line-feed';
    const line = bytes.toString('latin1', start, feed - 1);
    if (controlByte.test(line)) return 'control-byte';
    if (this.#status === null) return this.#statusLine(line);
    if (line === '') return 'end';
    if (line[0] === ' ' || line[0] === '\t') return 'folded-header';
    const colon = line.indexOf(':');
    const name = colon === -1 ? null : tokenName(line.slice(0, colon));
    if (name === null) return 'header-name';
    if (this.#rawHeaders.length === headersMax * 2) return 'too-many-headers';
    this.#rawHeaders.push(name.written, trimmed(line.slice(colon + 1)));
    return null;
  }

  #statusLine(line: string): HeadViolation | null {
    const match = statusLine.exec(line);
    if (match === null) return 'status-line';
    const httpVersion = match[1] === '0' ? '1.0' : '1.1';
    this.#status = { httpVersion, status: Number(match[2]), reason: match[3] ?? '' };
    return null;
  }

  #head(): AnswerHead {
    // Not spread: that takes V8 longer than all the rest of a head.
    const { httpVersion, status, reason } = this.#status!;
    return { httpVersion, status, reason, rawHeaders: this.#rawHeaders };
  }
}

function beginsLikeHttp(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length);
  return bytes.compare(beginning, 0, length, 0, length) === 0;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function violated(violation: HeadViolation): HeadStep {
  return { state: 'violation', violation };
}
