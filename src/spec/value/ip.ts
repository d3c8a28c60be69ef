/** Addresses and blocks of addresses, as a spec has them: written so that nobody can read them in two ways. */

import {
  type Address,
  type Cidr,
  formatAddress,
  isIpv4,
  parseAddress,
  parseCidr,
  unixPeer,
} from '../../base/address.ts';
import type { Parsed } from '../../base/units.ts';

/** Reads `10.0.0.1` and `2001:db8::1`; null for anything else, an address with a zone included. */
export function parseIp(text: string): Address | null {
  return text.includes('%') ? null : parseAddress(text);
}

/**
 * Reads `10.0.0.0/8`, `fd00::/8`, a single address as a block of one, and `unix:`. Address bits beyond the length are a
 * mistake.
 */
export function parseBlock(text: string): Parsed<Cidr> {
  if (text.trim() === unixPeer) return { ok: true, value: parseCidr(unixPeer)! };
  const [written = '', length, ...rest] = text.trim().split('/');
  const address = parseIp(written);
  if (address === null || rest.length > 0)
    return { ok: false, problem: `"${text}" is not an address block; write it as 10.0.0.0/8, fd00::/8 or 10.0.0.1` };
  const block = parseCidr(text.trim());
  if (block === null)
    return { ok: false, problem: `"${text}": the number after the slash is 0 to ${isIpv4(address) ? 32 : 128}` };
  const network = address.map((group, index) => group & maskOf(block.bits, index));
  if (network.some((group, index) => group !== address[index]))
    return {
      ok: false,
      problem: `"${text}" has address bits beyond its length; write ${formatAddress(network)}/${length}`,
    };
  return { ok: true, value: block };
}

function maskOf(bits: number, index: number): number {
  const kept = Math.min(16, Math.max(0, bits - index * 16));
  return (0xffff << (16 - kept)) & 0xffff;
}
