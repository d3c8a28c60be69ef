import { randomFillSync } from 'node:crypto';

/** One call for this many masks: asking the system for four bytes at a time would cost more than the masking. */
const poolBytes = 16_384;

const pool = new Uint8Array(poolBytes);
let used = poolBytes;

/**
 * Four bytes that nobody can foresee, as every frame to a server needs them (RFC 6455, 5.3 and 10.3). They are valid
 * until the next call.
 */
export function nextMask(): Uint8Array {
  if (used === poolBytes) {
    randomFillSync(pool);
    used = 0;
  }
  used += 4;
  return pool.subarray(used - 4, used);
}
