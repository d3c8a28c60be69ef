import { formatAddress, isIpv4, parseAddress } from '../../base/address.ts';
import type { ProxyEndpoint, ProxyReading } from './proxy-reading.ts';

/** The longest line that version 1 can need, CRLF included (proxy-protocol.txt, 2.1). */
export const v1BytesMax = 107;

/** `PROXY TCP4 source destination sourcePort destinationPort CRLF`, after `PROXY ` was seen. */
export function readProxyV1(bytes: Uint8Array): ProxyReading {
  let line = '';
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    if (byte === 0x0d) {
      if (index + 1 === bytes.length) break;
      return bytes[index + 1] === 0x0a ? readLine(line, index + 2) : problem('a carriage return without a line feed');
    }
    if (byte < 0x20 || byte > 0x7e) return problem('a byte that is not a printable character');
    line += String.fromCharCode(byte);
  }
  return bytes.length < v1BytesMax ? { kind: 'more' } : problem('no end of line in 107 bytes');
}

function readLine(line: string, length: number): ProxyReading {
  const fields = line.split(' ');
  const family = fields[1];
  // What follows UNKNOWN must be ignored, whatever it is.
  if (family === 'UNKNOWN') return { kind: 'header', addresses: null, length };
  if (family !== 'TCP4' && family !== 'TCP6') return problem('a family that is not TCP4, TCP6 or UNKNOWN');
  if (fields.length !== 6) return problem('not two addresses and two ports');
  const source = readEndpoint(family, fields[2]!, fields[4]!);
  const destination = readEndpoint(family, fields[3]!, fields[5]!);
  if (source === null || destination === null) return problem('something that is not an address or a port');
  return { kind: 'header', addresses: { source, destination }, length };
}

function readEndpoint(family: 'TCP4' | 'TCP6', addressText: string, portText: string): ProxyEndpoint | null {
  const address = parseAddress(addressText);
  if (address === null || (family === 'TCP4') !== (addressText.indexOf(':') === -1)) return null;
  if (family === 'TCP4' && !isIpv4(address)) return null;
  const port = readPort(portText);
  return port === null ? null : { address: formatAddress(address), port };
}

function readPort(text: string): number | null {
  if (text.length === 0 || text.length > 5 || (text.length > 1 && text[0] === '0')) return null;
  let port = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return null;
    port = port * 10 + digit;
  }
  return port <= 65_535 ? port : null;
}

function problem(what: string): ProxyReading {
  return { kind: 'error', problem: `PROXY protocol version 1: ${what}` };
}
