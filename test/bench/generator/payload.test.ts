import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPayload, readStamp, stampBytes, writeStamp } from '../../../src/bench/generator/payload.ts';

const stamp = fc.record({
  phase: fc.integer({ min: 0, max: 16 ** 2 - 1 }),
  sequence: fc.integer({ min: 0, max: 16 ** 8 - 1 }),
  connection: fc.integer({ min: 0, max: 16 ** 5 - 1 }),
  sentUs: fc.integer({ min: 0, max: 16 ** 9 - 1 }),
});

test('what was stamped is read again, whatever the stamp before', () => {
  fc.assert(
    fc.property(stamp, stamp, fc.integer({ min: stampBytes, max: 200 }), (before, wanted, bytes) => {
      const payload = createPayload(bytes, 'words');
      writeStamp(payload, before);
      writeStamp(payload, wanted);
      expect(payload.length).toBe(bytes);
      expect(readStamp(payload)).toEqual(wanted);
      expect(payload.every((byte) => byte < 0x80)).toBe(true);
    }),
  );
});

test('any bytes are a stamp or none, and never an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const hex = /^[0-9a-f]{24}/.test(Buffer.from(bytes).toString('latin1'));
      expect(readStamp(bytes) !== null).toBe(hex);
    }),
  );
});
