/** Close codes (RFC 6455, 7.4, and the IANA registry of WebSocket close codes, which added 1012 to 1014). */

export const closeCodeNames = {
  1000: 'normal closure',
  1001: 'going away',
  1002: 'protocol error',
  1003: 'unsupported data',
  1005: 'no status received',
  1006: 'abnormal closure',
  1007: 'invalid payload data',
  1008: 'policy violation',
  1009: 'message too big',
  1010: 'mandatory extension',
  1011: 'internal error',
  1012: 'service restart',
  1013: 'try again later',
  1014: 'bad gateway',
  1015: 'TLS handshake failed',
} as const satisfies Record<number, string>;

/** May the code stand in a close frame on the wire? (RFC 6455, 7.4, and the IANA registry: 1012 to 1014.) */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

/** A name for people: `going away`, `registered code`, `private code`, or `reserved code`. */
export function closeCodeName(code: number): string {
  if (Object.hasOwn(closeCodeNames, code)) return closeCodeNames[code as keyof typeof closeCodeNames];
  if (code >= 3000 && code <= 3999) return 'registered code';
  if (code >= 4000 && code <= 4999) return 'private code';
  return 'reserved code';
}
