import { randomFillSync } from 'node:crypto';

/** For a frame to a server, which has to be masked with bytes that cannot be foretold (RFC 6455, 5.3). */
export function newMask(): Uint8Array {
  return randomFillSync(new Uint8Array(4));
}
