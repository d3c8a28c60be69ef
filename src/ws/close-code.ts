/** May the code stand in a close frame on the wire? (RFC 6455, 7.4, and the IANA registry: 1012 to 1014.) */
export function isSendableCloseCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
