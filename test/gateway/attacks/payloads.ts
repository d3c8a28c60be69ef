import zlib from 'node:zlib';

/** The payload of a compressed message (RFC 7692, 7.2.1). */
export function zlibDeflated(data: Uint8Array | string): Buffer {
  const bytes = zlib.deflateRawSync(Buffer.from(data as string), {
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    level: 9,
  });
  return bytes.subarray(0, bytes.length - 4);
}
