import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decoder } from '../../src/ws/decoder.ts';
import { opcodes } from '../../src/ws/opcode.ts';
import { FrameScanner } from '../../src/ws/scanner.ts';
import type { Violation } from '../../src/ws/violation.ts';
import { violations } from '../../src/ws/violation.ts';
import { concat, cut, hex, sizes } from './chunking.ts';
import { faults, legalStream, numbers, sides, spoil, streams } from './streams.ts';
import { caseBytesMax, frameCases } from './violation-cases.ts';

interface Setting {
  from: 'client' | 'server';
  compression?: boolean;
  messageBytesMax?: number;
}

interface Seen {
  messages: number;
  dataFrames: number;
  controls: { opcode: number; payload: Uint8Array; close: { code: number | null; reason: string } | null }[];
  violation: Violation | null;
  closed: boolean;
  /** What a relay would have forwarded, control frames included. */
  forwarded: Uint8Array;
}

function scanner({ from, compression = false, messageBytesMax = 65_536 }: Setting): FrameScanner {
  return new FrameScanner({ masked: from === 'client', compression, messageBytesMax });
}

/** Uses the scanner as a relay does: what may pass is forwarded, the rest is held until it may. */
function scan(setting: Setting, chunks: readonly Uint8Array[]): Seen {
  const scanning = scanner(setting);
  const seen: Seen = {
    messages: 0,
    dataFrames: 0,
    controls: [],
    violation: null,
    closed: false,
    forwarded: new Uint8Array(0),
  };
  const forwarded: Uint8Array[] = [];
  let held: Uint8Array = new Uint8Array(0);
  for (const chunk of chunks) {
    scanning.scan(chunk);
    seen.messages += scanning.messages;
    seen.dataFrames += scanning.dataFrames;
    for (const { opcode, payload, close, start, end } of scanning.controls) {
      if (start < -held.length || end <= start) expect.fail(`a control frame from ${start} to ${end}`);
      seen.controls.push({ opcode, payload, close });
    }
    if (scanning.released || scanning.passable > 0) {
      if (scanning.released) {
        forwarded.push(held);
        held = new Uint8Array(0);
      }
      forwarded.push(chunk.subarray(0, scanning.passable));
    }
    held = concat([held, chunk.subarray(scanning.passable)]);
    if (scanning.violation !== null || scanning.closed) break;
    if (scanning.heldBytes !== held.length || held.length > 130) expect.fail(`holds ${scanning.heldBytes} bytes`);
  }
  return { ...seen, violation: scanning.violation, closed: scanning.closed, forwarded: concat(forwarded) };
}

describe('violations', () => {
  test.each(frameCases)('$violation: $what', ({ violation, from, bytes, compression }) => {
    const setting = { from, compression, messageBytesMax: caseBytesMax };
    expect(scan(setting, [bytes]).violation).toBe(violation);
    expect(scan(setting, cut(bytes, [1])).violation).toBe(violation);
  });

  test('every one that frames give away has a case', () => {
    const unseen = ['after-close', 'text-utf8', 'deflate-data'];
    const expected = Object.keys(violations).filter((name) => !unseen.includes(name));
    expect(new Set(frameCases.flatMap(({ violation }) => violation ?? []))).toEqual(new Set(expected));
  });

  test('what came before the frame at fault may pass, and nothing of it', () => {
    expect(scan({ from: 'server' }, [hex('81 01 61 89 00 83 00')]).forwarded).toEqual(hex('81 01 61 89 00'));
  });
});

test('the chunking does not matter', () => {
  fc.assert(
    fc.property(streams, fc.boolean(), sizes, ({ from, bytes }, compression, cuts) => {
      const setting = { from, compression };
      expect(scan(setting, cut(bytes, cuts))).toEqual(scan(setting, [bytes]));
    }),
    { numRuns: 500 },
  );
});

/** One line for each control frame, so that two long lists are compared quickly. */
function line(opcode: number, content: Uint8Array | { code: number | null; reason: string }): string {
  if (content instanceof Uint8Array) return `${opcode} ${Buffer.from(content).toString('hex')}`;
  // For a close frame without a code the decoder says null, and the scanner 1005 (RFC 6455, 7.1.5).
  return `${opcode} ${content.code ?? 1005} ${content.reason}`;
}

/** What the decoder makes of the same bytes. */
function decode({ from, messageBytesMax = 65_536 }: Setting, bytes: Uint8Array) {
  const decoder = new Decoder({ from, messageBytesMax, inflater: null });
  let messages = 0;
  const controls: string[] = [];
  decoder.push(bytes, (event) => {
    if (event.kind === 'text' || event.kind === 'binary') messages++;
    else controls.push(line(opcodes[event.kind], event.kind === 'close' ? event : event.data));
  });
  return { messages, controls, violation: decoder.violation };
}

function expectAgreement(from: 'client' | 'server', bytes: Uint8Array): void {
  const decoded = decode({ from }, bytes);
  const scanned = scan({ from }, [bytes]);
  const controls = scanned.controls.map(({ opcode, payload, close }) => line(opcode, close ?? payload));
  if (decoded.violation === 'text-utf8') {
    // Only the decoder reads text; up to there they have to agree.
    expect(scanned.messages).toBeGreaterThanOrEqual(decoded.messages);
    expect(controls.slice(0, decoded.controls.length).join('\n')).toBe(decoded.controls.join('\n'));
    return;
  }
  // Past a close the scanner looks at nothing, the decoder says that something came.
  const violation = decoded.violation === 'after-close' ? null : decoded.violation;
  expect([scanned.violation, scanned.messages]).toEqual([violation, decoded.messages]);
  expect(controls.join('\n')).toBe(decoded.controls.join('\n'));
}

test('the scanner and the decoder agree on small streams, whole and spoilt', () => {
  fc.assert(
    fc.property(streams, ({ from, bytes }) => expectAgreement(from, bytes)),
    { numRuns: 500 },
  );
});

test('a million frames: the scanner counts what was sent, passes it unchanged, and agrees with the decoder on what is spoilt', () => {
  let frames = 0;
  fc.assert(
    fc.property(fc.nat(), sides, faults, (seed, from, list) => {
      const stream = legalStream({ seed, from, frames: 5000 });
      const random = numbers(seed);
      const seen = scan({ from }, cut(stream.bytes, [1 + random(5000), random(300), 1 + random(5000)]));
      expect([seen.violation, seen.messages, seen.controls.length]).toEqual([
        null,
        stream.messages.length,
        stream.controls.length,
      ]);
      expect(seen.dataFrames).toBe(stream.frames - stream.controls.length);
      expect(Buffer.compare(seen.forwarded, stream.bytes)).toBe(0);
      expectAgreement(from, spoil(stream.bytes, list));
      frames += stream.frames * 2;
    }),
    { numRuns: 100 },
  );
  expect(frames).toBeGreaterThanOrEqual(1_000_000);
});
