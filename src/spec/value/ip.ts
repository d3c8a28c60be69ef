import type { Parsed } from '../../base/units.ts';

export interface Ip {
  readonly family: 4 | 6;
  /** 4 or 16 of them, most significant first. */
  readonly bytes: readonly number[];
}

export interface Cidr extends Ip {
  readonly prefixLength: number;
}

/** Reads `10.0.0.1` and `2001:db8::1` (RFC 4291, 2.2; no zone); null for anything else. */
export function parseIp(text: string): Ip | null {
  const bytes = text.includes(':') ? bytesOf6(text) : bytesOf4(text);
  return bytes === null ? null : { family: bytes.length === 4 ? 4 : 6, bytes };
}

/** Reads `10.0.0.0/8`, `fd00::/8`, and a single address as a block of one. */
export function parseCidr(text: string): Parsed<Cidr> {
  const [address = '', length, ...rest] = text.trim().split('/');
  const ip = parseIp(address);
  if (ip === null || rest.length > 0)
    return { ok: false, problem: `"${text}" is not an address block; write it as 10.0.0.0/8, fd00::/8 or 10.0.0.1` };
  const bits = ip.bytes.length * 8;
  const prefixLength = length === undefined ? bits : Number(length);
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || prefixLength > bits))
    return { ok: false, problem: `"${text}": the number after the slash is 0 to ${bits}` };
  const network = ip.bytes.map((byte, index) => byte & maskByte(prefixLength, index));
  if (network.some((byte, index) => byte !== ip.bytes[index])) {
    const meant = formatIp({ family: ip.family, bytes: network });
    return { ok: false, problem: `"${text}" has address bits beyond its length; write ${meant}/${prefixLength}` };
  }
  return { ok: true, value: { ...ip, prefixLength } };
}

/** The usual form; IPv6 as eight groups without leading zeros. */
export function formatIp(ip: Ip): string {
  if (ip.family === 4) return ip.bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((ip.bytes[i * 2]! << 8) | ip.bytes[i * 2 + 1]!).toString(16));
  return groups.join(':').replace(/(?:^|:)0(?::0)+(?:$|:)/, '::');
}

function maskByte(prefixLength: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}

function bytesOf4(text: string): number[] | null {
  const parts = text.split('.');
  // A leading zero is octal to some readers and decimal to others, so it is neither here.
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return null;
  return parts.map(Number);
}

function bytesOf6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, index) =>
    half === '' ? [] : bytesOfGroups(half.split(':'), index === halves.length - 1),
  );
  if (head === null || tail === null || head === undefined) return null;
  if (tail === undefined) return head.length === 16 ? head : null;
  const missing = 16 - head.length - tail.length;
  return missing >= 2 ? [...head, ...new Array<number>(missing).fill(0), ...tail] : null;
}

/** The last group of an address may be an IPv4 address. */
function bytesOfGroups(groups: readonly string[], atEnd: boolean): number[] | null {
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    const embedded = atEnd && index === groups.length - 1 && group.includes('.') ? bytesOf4(group) : null;
    if (embedded !== null) bytes.push(...embedded);
    else if (/^[\da-f]{1,4}$/i.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return null;
  }
  return bytes;
}
