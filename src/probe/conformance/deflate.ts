/** Compressed payloads for the cases: made block by block, so that each is what its case says. */
import { constants, deflateRawSync } from 'node:zlib';
import type { DialOptions } from '../../client/dial/options.ts';
import { rawFrame } from '../raw-frame.ts';

/** The offer of a handshake, as it is written. */
export function offering(parameters: string): DialOptions {
  return { extensions: `permessage-deflate${parameters === '' ? '' : `; ${parameters}`}` };
}

/**
 * Without its last four bytes, as RFC 7692, 7.2.1 wants it. `context` is what was sent before, for context takeover.
 */
export function deflated(
  data: Uint8Array | string,
  context?: Uint8Array,
  options: { level?: number; windowBits?: number } = {},
): Buffer {
  const bytes = deflateRawSync(Buffer.from(data as string), {
    ...options,
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(context === undefined ? {} : { dictionary: context }),
  });
  return bytes.subarray(0, bytes.length - 4);
}

/** One stored block that is marked as the last, and the empty one behind it that RFC 7692, 7.2.3.4 asks for. */
export function finalStored(data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt16LE(data.length, 0);
  length.writeUInt16LE(~data.length & 0xffff, 2);
  return Buffer.concat([Buffer.from([0x01]), length, data, Buffer.from([0x00])]);
}

/** One stored block that is not the last, and then the head of the empty one whose rest is cut off. */
export function stored(data: Uint8Array): Buffer {
  const bytes = finalStored(data);
  bytes[0] = 0x00;
  return bytes;
}

/** A compressed message in one frame. */
export function compressed(payload: Uint8Array, opcode: 1 | 2 = 1): Buffer {
  return rawFrame({ opcode, rsv: 4, payload });
}
