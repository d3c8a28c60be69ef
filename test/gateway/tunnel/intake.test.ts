/**
 * What stands between a wire and its half: the same bytes in the same order, and a stop that is always between
 * messages.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Half } from '../../../src/gateway/tunnel/half.ts';
import { Intake, type IntakeWatch } from '../../../src/gateway/tunnel/intake.ts';
import { encodeClose, encodeFrame } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import { FrameScanner } from '../../../src/ws/scanner.ts';
import { legalStream } from '../../ws/streams.ts';

const rules = { masked: false, compression: false, messageBytesMax: 1_000_000 };

/** A half that writes down what it gets, and how many bytes of it the source has been asked to stop at. */
function witness() {
  const passed: Buffer[] = [];
  const ends: string[] = [];
  let pauses = 0;
  const source = { pause: () => pauses++, resume: () => undefined, start: () => undefined };
  const half = {
    source,
    listening: true,
    onBytes: (chunk: Buffer) => passed.push(Buffer.from(chunk)),
    onDrain: () => undefined,
    onEnd: () => ends.push('end'),
    onClosed: () => ends.push('closed'),
  } as unknown as Half;
  return { half, bytes: () => Buffer.concat(passed), ends, pauses: () => pauses };
}

function intakeFor(half: Half, wholeBytesMax: number, watch: IntakeWatch | null = null): Intake {
  const scanner = new FrameScanner(rules);
  return new Intake({ half, scanner, held: null, wholeBytesMax, keptBytesMax: 1000, watch });
}

function isBoundary(bytes: Buffer): boolean {
  const scanner = new FrameScanner(rules);
  scanner.scan(bytes);
  return scanner.atMessageBoundary && scanner.heldBytes === 0;
}

const lives = fc.record({
  seed: fc.nat(),
  cuts: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
  holdAfter: fc.nat({ max: 30 }),
  wholeBytesMax: fc.constantFrom(131, 1000, 100_000),
});

test('whatever the chunks and whenever it is stopped, it passes on what came, and stops between messages', () => {
  fc.assert(
    fc.property(lives, ({ seed, cuts, holdAfter, wholeBytesMax }) => {
      const bytes = Buffer.from(legalStream({ seed, frames: 20, from: 'server' }).bytes);
      const seen = witness();
      const intake = intakeFor(seen.half, wholeBytesMax);
      let stops = 0;
      for (let at = 0, chunk = 0; at < bytes.length; chunk++) {
        if (chunk === holdAfter) intake.hold(() => stops++);
        const end = at + cuts[chunk % cuts.length]!;
        intake.onBytes(bytes.subarray(at, end));
        at = end;
        if (!intake.held) continue;
        expect(isBoundary(seen.bytes())).toBe(true);
        expect(Buffer.concat([seen.bytes(), bytes.subarray(seen.bytes().length)])).toEqual(bytes);
        if (chunk % 3 === 0) intake.release();
      }
      expect(stops).toBeLessThanOrEqual(1);
      intake.release();
      expect(seen.bytes()).toEqual(bytes);
    }),
  );
});

test('what stopped it is kept up to a bound, and then the source is not read', () => {
  const seen = witness();
  const intake = intakeFor(seen.half, 131);
  intake.hold(() => undefined);
  const message = Buffer.from(encodeFrame({ opcode: opcodes.binary, mask: null, payload: new Uint8Array(600) }));
  intake.onBytes(message);
  expect(seen.pauses()).toBe(0);
  intake.onBytes(message);
  expect(seen.pauses()).toBe(1);
  intake.onEnd();
  expect([seen.bytes().length, seen.ends]).toEqual([0, []]);
  intake.release();
  expect([seen.bytes().length, seen.ends]).toEqual([2 * message.length, ['end']]);
});

const takesAll: IntakeWatch = {
  onHeard: () => undefined,
  onWhole: () => undefined,
  takesClose: () => true,
  takesEnd: () => true,
  onTaken: () => undefined,
};

const whole = Buffer.from(encodeFrame({ opcode: opcodes.text, mask: null, payload: Buffer.from('hello') }));
const half = Buffer.from(encodeFrame({ opcode: opcodes.text, fin: false, mask: null, payload: Buffer.from('hel') }));
const close = Buffer.from(encodeClose({ code: 1012, reason: '', mask: null }));

test.each([
  ['a close frame behind a message', [whole, close], whole],
  ['a close frame within a message', [whole, half, close], whole],
  ['all in one chunk', [Buffer.concat([whole, half, close])], whole],
  ['a close frame in two chunks', [whole, close.subarray(0, 1), Buffer.concat([close.subarray(1), whole])], whole],
  ['a close frame within the first message', [half, close], Buffer.alloc(0)],
])('whoever takes the close frame lets through what was whole: %s', (_what, chunks, passed) => {
  const seen = witness();
  const intake = intakeFor(seen.half, 1000, takesAll);
  for (const chunk of chunks) intake.onBytes(chunk);
  intake.onEnd();
  intake.onClosed(null);
  expect(seen.bytes()).toEqual(passed);
  expect(seen.ends).toEqual([]);
});

test('of a message that is too long to wait for, the close frame is not taken', () => {
  const seen = witness();
  const intake = intakeFor(seen.half, 0, takesAll);
  const bytes = Buffer.concat([half, close]);
  intake.onBytes(half);
  intake.onBytes(close);
  expect(seen.bytes()).toEqual(bytes);
});
