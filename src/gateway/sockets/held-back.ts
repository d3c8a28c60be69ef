/**
 * What a wire of TLS is given after it has said that it reads no more: what one read of the socket brought is decrypted
 * to its end, whatever is said meanwhile. So it is never more than one read (64 KB), and it waits until the wire reads
 * again.
 */
export interface HeldBack {
  readonly bytes: Buffer | null;
  /** The end that came behind the bytes, as a negative number of the system's; 0 when none did. */
  readonly status: number;
}

/** `status` is the length of the chunk, or says how it ended. */
export function holdBack(before: HeldBack | null, chunk: Uint8Array, status: number): HeldBack {
  const bytes = before?.bytes ?? null;
  if (status < 0) return { bytes, status };
  return { bytes: bytes === null ? Buffer.from(chunk) : Buffer.concat([bytes, chunk]), status: 0 };
}
