import { formatAddress } from '../../base/address.ts';
import type { ProxyEndpoint, ProxyReading } from './proxy-reading.ts';

/** CR LF CR LF NUL CR LF `QUIT` LF: no HTTP server takes it for a request (proxy-protocol.txt, 2.2). */
export const signature: readonly number[] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

/** Signature, version and command, family and transport, length. */
const fixedBytes = 16;

const commandLocal = 0;
const commandProxy = 1;

/** Bytes of both addresses and both ports, for the pairs of family and transport that carry TCP. */
const tcp4 = { code: 0x11, addressBytes: 4, blockBytes: 12 } as const;
const tcp6 = { code: 0x21, addressBytes: 16, blockBytes: 36 } as const;

/** Defined, but of no use for a TCP client's address: unspecified, datagrams, UNIX sockets. */
const withoutAddress: readonly number[] = [0x00, 0x12, 0x22, 0x31, 0x32];

/** After the signature was seen. */
export function readProxyV2(bytes: Uint8Array, bytesMax: number): ProxyReading {
  if (bytes.length > 12 && Math.floor(bytes[12]! / 16) !== 2) return problem('a version that is not 2');
  const command = bytes.length > 12 ? bytes[12]! % 16 : commandLocal;
  if (command !== commandLocal && command !== commandProxy) return problem('a command that is not LOCAL or PROXY');
  if (bytes.length < fixedBytes) return { kind: 'more' };
  const blockLength = bytes[14]! * 256 + bytes[15]!;
  const length = fixedBytes + blockLength;
  if (length > bytesMax) return problem(`a length of ${length} bytes; ${bytesMax} are the most that is read`);
  const family = command === commandLocal ? null : readFamily(bytes[13]!, blockLength);
  if (typeof family === 'string') return problem(family);
  if (bytes.length < length) return { kind: 'more' };
  if (family === null) return { kind: 'header', addresses: null, length };
  const ports = fixedBytes + 2 * family.addressBytes;
  return {
    kind: 'header',
    addresses: {
      source: endpoint(bytes, fixedBytes, family.addressBytes, ports),
      destination: endpoint(bytes, fixedBytes + family.addressBytes, family.addressBytes, ports + 2),
    },
    length,
  };
}

/** The layout of the addresses; null when there are none to read; a text when the header is wrong. */
function readFamily(code: number, blockLength: number): typeof tcp4 | typeof tcp6 | null | string {
  if (withoutAddress.includes(code)) return null;
  const family = code === tcp4.code ? tcp4 : code === tcp6.code ? tcp6 : null;
  if (family === null) return 'a family or transport that is not defined';
  return blockLength < family.blockBytes ? 'a length that is too small for its addresses' : family;
}

function endpoint(bytes: Uint8Array, at: number, addressBytes: number, portAt: number): ProxyEndpoint {
  const groups: number[] = addressBytes === 4 ? [0, 0, 0, 0, 0, 0xffff] : [];
  for (let index = at; index < at + addressBytes; index += 2) groups.push(bytes[index]! * 256 + bytes[index + 1]!);
  return { address: formatAddress(groups), port: bytes[portAt]! * 256 + bytes[portAt + 1]! };
}

function problem(what: string): ProxyReading {
  return { kind: 'error', problem: `PROXY protocol version 2: ${what}` };
}
