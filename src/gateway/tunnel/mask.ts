import { randomFillSync } from 'node:crypto';

const maskBytes = 4;
/** One question to the system for so many masks; each is used once. */
const pool = new Uint8Array(256 * maskBytes);
let used = pool.length;

/** For a frame to a server, which has to be masked with bytes that cannot be foretold (RFC 6455, 5.3). */
export function newMask(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += maskBytes;
  return pool.slice(used - maskBytes, used);
}
