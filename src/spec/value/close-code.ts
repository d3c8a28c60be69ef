/**
 * Codes that an endpoint may send in a close frame: RFC 6455, 7.4.1 and the IANA registry (1012 to 1014), and the
 * ranges for libraries (3000) and applications (4000). 1004 is reserved; 1005, 1006 and 1015 never travel; 1010 is the client's.
 */
export function isSendableCloseCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 1014].includes(code);
}
