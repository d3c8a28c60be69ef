/** Streams of frames for the decoder's and the scanner's tests: legal ones from a seed, and ways to spoil them. */
import fc from 'fast-check';
import { encodeClose, encodeFrame } from '../../src/ws/frame.ts';
import { type Opcode, opcodes } from '../../src/ws/opcode.ts';
import { concat } from './chunking.ts';

export interface Stream {
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
  readonly frames: number;
  readonly messages: readonly { readonly kind: 'text' | 'binary'; readonly data: Uint8Array }[];
  readonly controls: readonly { readonly opcode: Opcode; readonly payload: Uint8Array }[];
}

/** A small generator of numbers: fast-check's own would take most of the time for a million frames. */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const texts = ['', 'a', 'Hello', 'κόσμε', '😀 and 🇬🇷', 'x'.repeat(125), 'y'.repeat(126), 'ζ'.repeat(200)].map(
  (text) => new Uint8Array(Buffer.from(text, 'utf8')),
);

/** Legal frames: messages in one or several pieces, and pings and pongs between the pieces. */
export function legalStream(options: { seed: number; frames: number; from: 'client' | 'server' }): Stream {
  const { seed, from } = options;
  const random = numbers(seed);
  const pieces: Uint8Array[] = [];
  const messages: { kind: 'text' | 'binary'; data: Uint8Array }[] = [];
  const controls: { opcode: Opcode; payload: Uint8Array }[] = [];
  const mask = () => (from === 'client' ? Uint8Array.of(random(256), random(256), random(256), random(256)) : null);
  const control = () => {
    const opcode = random(2) === 0 ? opcodes.ping : opcodes.pong;
    const payload = new Uint8Array(random(8) === 0 ? 125 : random(6)).fill(random(256));
    controls.push({ opcode, payload });
    pieces.push(encodeFrame({ opcode, payload, mask: mask() }));
  };

  while (pieces.length < options.frames) {
    const isText = random(2) === 0;
    const data = isText
      ? texts[random(texts.length)]!
      : new Uint8Array(random(20) === 0 ? random(2000) : random(30)).fill(random(256));
    messages.push({ kind: isText ? 'text' : 'binary', data });
    const fragments = random(3) === 0 ? 1 + random(4) : 1;
    let at = 0;
    for (let i = 0; i < fragments; i++) {
      const fin = i === fragments - 1;
      const end = fin ? data.length : at + random(data.length - at + 1);
      const opcode = i > 0 ? opcodes.continuation : isText ? opcodes.text : opcodes.binary;
      pieces.push(encodeFrame({ opcode, fin, payload: data.subarray(at, end), mask: mask() }));
      at = end;
      if (random(6) === 0) control();
    }
  }
  return { from, bytes: concat(pieces), frames: pieces.length, messages, controls };
}

export interface Fault {
  readonly kind: 'flip' | 'cut' | 'insert' | 'repeat';
  /** Where, as a part of the whole: 0 <= place < 1. */
  readonly place: number;
  readonly value: number;
}

/** The bytes with faults put in: a bit turned over, bytes lost, a byte too many, a stretch that comes twice. */
export function spoil(bytes: Uint8Array, faults: readonly Fault[]): Uint8Array {
  let spoilt = bytes;
  for (const { kind, place, value } of faults) {
    const at = Math.floor(place * spoilt.length);
    const [before, after] = [spoilt.slice(0, at), spoilt.slice(at)];
    if (kind === 'flip' && after.length > 0) after[0]! ^= 1 << (value % 8);
    if (kind === 'cut') spoilt = concat([before, after.subarray(1 + (value % 9))]);
    else if (kind === 'insert') spoilt = concat([before, Uint8Array.of(value), after]);
    else if (kind === 'repeat') spoilt = concat([before, after.subarray(0, value), after]);
    else spoilt = concat([before, after]);
  }
  return spoilt;
}

export const sides = fc.constantFrom('client', 'server');

export const faults = fc.array(
  fc.record({
    kind: fc.constantFrom<Fault['kind']>('flip', 'cut', 'insert', 'repeat'),
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    value: fc.nat({ max: 255 }),
  }),
  { maxLength: 4 },
);

/**
 * Streams that fast-check can make smaller: few frames, perhaps with faults, perhaps with a close, perhaps plain noise.
 */
export const streams: fc.Arbitrary<{ from: 'client' | 'server'; bytes: Uint8Array }> = fc
  .record({
    from: sides,
    seed: fc.nat(),
    frames: fc.integer({ min: 0, max: 12 }),
    close: fc.option(fc.constantFrom(null, 1000, 4999)),
    faults,
    noise: fc.option(fc.uint8Array({ maxLength: 40 }), { freq: 3 }),
  })
  .map(({ from, seed, frames, close, faults: list, noise }) => {
    const mask = from === 'client' ? Uint8Array.of(1, 2, 3, 4) : null;
    const ending = close === null ? [] : [encodeClose({ code: close, reason: 'bye', mask })];
    const bytes = concat([legalStream({ seed, frames, from }).bytes, ...ending, noise ?? new Uint8Array(0)]);
    return { from, bytes: spoil(bytes, list) };
  });
