/**
 * Keys for session tickets (RFC 5077; RFC 8446, 4.6.1): made once for the edge, so that a client is resumed by
 * whichever worker it meets, and after a reload. Each listener has keys of its own, which change with whom it asks for:
 * a session that began without a certificate must not be resumed where one is needed.
 */
import { createHmac } from 'node:crypto';
import type { Certificate } from '../../gateway/contract.ts';

/**
 * Whoever gets hold of a key can read what was resumed under it. A day is what nginx and OpenSSL's own documentation
 * advise at the most; a client that comes back after the change costs one full handshake.
 */
export const ticketSecretLifetimeMs = 86_400_000;
/** As much as the keys themselves. */
export const ticketSecretBytes = 48;

export function withTicketKeys(
  certificates: readonly (Certificate | null)[],
  secret: Uint8Array,
): (Certificate | null)[] {
  return certificates.map((certificate, index) => {
    if (certificate === null) return null;
    const clients = certificate.clients ?? null;
    const purpose = JSON.stringify([index, clients?.ca ?? null, clients?.required ?? null]);
    return { ...certificate, ticketKeys: createHmac('sha512', secret).update(purpose).digest().subarray(0, 48) };
  });
}
