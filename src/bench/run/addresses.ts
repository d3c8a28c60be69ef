/** Which addresses are somebody's own network, and which are the public's. */

/** A host that Holdline may load without being told that it is the user's own. */
export function isOwnNetwork(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const v4 = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(mapped ?? address);
  if (v4 !== null) return isOwnV4(Number(v4[1]), Number(v4[2]));
  const lower = address.toLowerCase();
  // ::1, the unspecified address, unique local fc00::/7 (RFC 4193) and link local fe80::/10 (RFC 4291, 2.5.6).
  return lower === '::1' || lower === '::' || /^f[cd][0-9a-f]{2}:/.test(lower) || /^fe[89ab][0-9a-f]:/.test(lower);
}

export function isLoopbackV4(address: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(address);
}

/** Loopback, RFC 1918, link local (RFC 3927), carrier-grade NAT (RFC 6598), and 0.0.0.0, which means this host. */
function isOwnV4(first: number, second: number): boolean {
  if (first === 127 || first === 10 || first === 0) return true;
  if (first === 172) return second >= 16 && second <= 31;
  if (first === 100) return second >= 64 && second <= 127;
  return (first === 192 && second === 168) || (first === 169 && second === 254);
}
