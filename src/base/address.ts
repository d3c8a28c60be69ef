/**
 * IP addresses and blocks of them. Everything is one form inside: eight groups of 16 bits, IPv4 as `::ffff:a.b.c.d`
 * (RFC 4291, 2.5.5.2), so that a v4 client on a dual-stack socket is the same client.
 */

/** Eight groups of 16 bits. */
export type Address = readonly number[];

const zeros: Address = [0, 0, 0, 0, 0, 0, 0, 0];

export interface Cidr {
  readonly address: Address;
  /** 0 to 128; for IPv4 96 more than was written. */
  readonly bits: number;
}

/**
 * Reads `192.0.2.1` and `2001:db8::1`; a zone (`%eth0`) is dropped. null for anything else, `010.1.1.1` and `1.2.3`
 * included.
 */
export function parseAddress(text: string): Address | null {
  // 45 characters of IPv6 with a dotted tail, and a zone of any sensible interface name.
  if (text.length > 64) return null;
  if (text.indexOf(':') === -1) {
    const tail = parseDotted(text);
    return tail === null ? null : [0, 0, 0, 0, 0, 0xffff, tail[0], tail[1]];
  }
  const zone = text.indexOf('%');
  return parseGroups(zone === -1 ? text : text.slice(0, zone));
}

/** The other end of a Unix socket, as nginx writes it. */
export const unixPeer = 'unix:';
/** Equal to itself alone: no address has such a group. */
const unixAddress: Address = [-1, 0, 0, 0, 0, 0, 0, 0];

/**
 * As `parseAddress`, and `unix:` for the other end of a Unix socket. For what the system or this program wrote, not for
 * what a client sent.
 */
export function parsePeer(text: string): Address | null {
  return text === unixPeer ? unixAddress : parseAddress(text);
}

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32`, or an address alone for itself; and `unix:`. Bits behind the prefix are ignored.
 */
export function parseCidr(text: string): Cidr | null {
  if (text === unixPeer) return { address: unixAddress, bits: 128 };
  const slash = text.indexOf('/');
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === null) return null;
  const offset = text.indexOf(':') === -1 ? 96 : 0;
  if (slash === -1) return { address, bits: 128 };
  const bits = parseDecimal(text.slice(slash + 1), 128 - offset);
  return bits === null ? null : { address, bits: offset + bits };
}

/** `::/0` holds no IPv4 address: who writes it means IPv6. `::ffff:0:0/96` and `0.0.0.0/0` hold them all. */
export function cidrHolds(cidr: Cidr, address: Address): boolean {
  if (isIpv4(address) && cidr.bits < 96) return false;
  for (let group = 0; group * 16 < cidr.bits; group++) {
    const divisor = 2 ** Math.max(0, (group + 1) * 16 - cidr.bits);
    if (Math.floor(cidr.address[group]! / divisor) !== Math.floor(address[group]! / divisor)) return false;
  }
  return true;
}

export function anyHolds(cidrs: readonly Cidr[], address: Address): boolean {
  return cidrs.some((cidr) => cidrHolds(cidr, address));
}

export function isIpv4(address: Address): boolean {
  if (address[5] !== 0xffff) return false;
  for (let group = 0; group < 5; group++) if (address[group] !== 0) return false;
  return true;
}

/** RFC 5952: IPv4 dotted, IPv6 in lower case with the longest run of zeros (two groups at least) as `::`. */
export function formatAddress(address: Address): string {
  if (address[0] === unixAddress[0]) return unixPeer;
  if (isIpv4(address)) {
    const high = address[6]!;
    const low = address[7]!;
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  }
  const { start, length } = longestZeros(address);
  const groups = address.map((group) => group.toString(16));
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/**
 * What is counted as one client: an IPv4 address, or the /64 of an IPv6 address, since every subscriber has at least a
 * /64 and may take a new address in it for each connection (RFC 8981). A text that is no address stands for itself.
 */
export function addressBlock(text: string): string {
  const address = parseAddress(text);
  if (address === null) return text;
  if (isIpv4(address)) return formatAddress(address);
  return `${formatAddress([...address.slice(0, 4), 0, 0, 0, 0])}/64`;
}

/**
 * True for hosts that only programs of the same machine can reach: `localhost`, names below it (RFC 6761, 6.3),
 * `127.0.0.0/8`, `::1`.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const address = parseAddress(name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name);
  return address !== null && anyHolds(loopbackBlocks, address);
}

/**
 * A host that is the user's own: loopback, private, link local, carrier-grade NAT, or the unspecified address, which
 * means this host.
 */
export function isOwnNetwork(host: string): boolean {
  const address = parseAddress(host);
  return address !== null && (anyHolds(loopbackBlocks, address) || anyHolds(ownBlocks, address));
}

const blocks = (...texts: readonly string[]): readonly Cidr[] => texts.map((text) => parseCidr(text)!);

const loopbackBlocks = blocks('127.0.0.0/8', '::1');

/** RFC 1918, RFC 3927, RFC 6598, RFC 4193 and RFC 4291 (2.5.6), and the unspecified addresses. */
const ownBlocks = blocks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  '0.0.0.0/8',
  '::',
  'fc00::/7',
  'fe80::/10',
);

function parseGroups(text: string): Address | null {
  const gap = text.indexOf('::');
  if (gap === -1) {
    const groups = parseRun(text, true);
    return groups !== null && groups.length === 8 ? groups : null;
  }
  const head = parseRun(text.slice(0, gap), false);
  const tail = parseRun(text.slice(gap + 2), true);
  if (head === null || tail === null || head.length + tail.length > 7) return null;
  return [...head, ...zeros.slice(head.length + tail.length), ...tail];
}

/**
 * Groups between single colons; the last one may be a dotted IPv4 address where that is allowed. An empty text has
 * none.
 */
function parseRun(text: string, dottedTail: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    if (dottedTail && index === parts.length - 1 && part.indexOf('.') !== -1) {
      const tail = parseDotted(part);
      if (tail === null) return null;
      groups.push(...tail);
    } else {
      const group = parseHexadecimal(part);
      if (group === null) return null;
      groups.push(group);
    }
  }
  return groups;
}

/** Four decimal numbers as two groups. Leading zeros are refused: some programs read them as octal. */
function parseDotted(text: string): [number, number] | null {
  let high = 0;
  let low = 0;
  let start = 0;
  for (let part = 0; part < 4; part++) {
    const dot = text.indexOf('.', start);
    // Three dots, and none behind the last number.
    if ((dot === -1) !== (part === 3)) return null;
    const byte = parseDecimal(text.slice(start, dot === -1 ? text.length : dot), 255);
    if (byte === null) return null;
    if (part < 2) high = high * 256 + byte;
    else low = low * 256 + byte;
    start = dot + 1;
  }
  return [high, low];
}

function parseDecimal(text: string, max: number): number | null {
  if (text.length === 0 || text.length > 3 || (text.length > 1 && text[0] === '0')) return null;
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return value <= max ? value : null;
}

function parseHexadecimal(text: string): number | null {
  if (text.length === 0 || text.length > 4) return null;
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = '0123456789abcdef'.indexOf(text[index]!.toLowerCase());
    if (digit === -1) return null;
    value = value * 16 + digit;
  }
  return value;
}

function longestZeros(groups: Address): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= 8; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}
