/**
 * The PROXY protocol, versions 1 and 2 (haproxy doc/proxy-protocol.txt): what a proxy sends before the client's first
 * byte. Read it from peers in `trustedProxies` only; from anybody else these bytes are a malformed request and nothing
 * more.
 */
import type { ProxyAddresses, ProxyReading } from './proxy-reading.ts';
import { readProxyV1, v1BytesMax } from './proxy-v1.ts';
import { readProxyV2, signature } from './proxy-v2.ts';

export type ProxyFeed =
  | { readonly kind: 'more' }
  /** `rest` is the part of the last chunk behind the header: the client's first bytes. */
  | { readonly kind: 'header'; readonly addresses: ProxyAddresses | null; readonly rest: Uint8Array }
  | { readonly kind: 'error'; readonly problem: string };

/** What came so far; plain data. */
export interface ProxyParser {
  readonly bytes: Uint8Array;
  length: number;
}

/**
 * Longest header that is read. The protocol lets a version 2 header claim 65,551 bytes, but addresses take 52 and every
 * sender must fit it into one segment; 536 is the smallest that IPv4 promises, and leaves 484 bytes for extras (TLVs),
 * which are skipped.
 */
export const proxyHeaderBytesMax = 536;

export function newProxyParser(): ProxyParser {
  return { bytes: new Uint8Array(proxyHeaderBytesMax), length: 0 };
}

/**
 * Takes the next chunk, of any size. Both versions answer before `proxyHeaderBytesMax`, so what is over that is never
 * needed. After `header` or `error` the parser is finished and must not be fed again.
 */
export function feedProxy(parser: ProxyParser, chunk: Uint8Array): ProxyFeed {
  const before = parser.length;
  const taken = Math.min(chunk.length, proxyHeaderBytesMax - before);
  for (let index = 0; index < taken; index++) parser.bytes[before + index] = chunk[index]!;
  parser.length += taken;
  const reading = readProxyHeader(parser.bytes.subarray(0, parser.length));
  if (reading.kind === 'header')
    return { kind: 'header', addresses: reading.addresses, rest: chunk.subarray(reading.length - before) };
  return reading;
}

/**
 * Reads the header at the beginning of these bytes, as far as they go. Fails on the first byte that cannot belong to
 * one.
 */
export function readProxyHeader(bytes: Uint8Array): ProxyReading {
  if (bytes.length === 0) return { kind: 'more' };
  const version1 = bytes[0] === v1Begin[0];
  const begin = version1 ? v1Begin : signature;
  for (let index = 0; index < Math.min(begin.length, bytes.length); index++) {
    if (bytes[index] !== begin[index]) return { kind: 'error', problem: 'no PROXY protocol header' };
  }
  if (bytes.length < begin.length) return { kind: 'more' };
  return version1 ? readProxyV1(bytes.subarray(0, v1BytesMax)) : readProxyV2(bytes, proxyHeaderBytesMax);
}

/** `PROXY ` */
const v1Begin: readonly number[] = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20];
