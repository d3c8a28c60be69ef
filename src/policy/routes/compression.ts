/**
 * Whether a client's offer of permessage-deflate (RFC 7692) goes on to the server, or is taken out of its handshake.
 */
import type { CompressionSpec } from '../../spec/model.ts';

export interface BrokenDeflate {
  readonly browsers: string;
  readonly userAgent: RegExp;
  /** Where it was reported and found out. */
  readonly source: string;
}

/**
 * Browsers that offer permessage-deflate and close the connection over what they get (most often a message of more than
 * one frame). Every browser on iOS has the engine of the system, whatever it calls itself.
 */
export const brokenDeflate: readonly BrokenDeflate[] = [
  {
    browsers: 'Safari 15.0 to 15.3 on macOS',
    userAgent: /\(Macintosh;[^)]*\).* Version\/15\.[0-3](?:\.\d+)? Safari\//,
    source: 'github.com/uNetworking/uWebSockets/issues/1347, github.com/gorilla/websocket/issues/731',
  },
  {
    browsers: 'every browser on iOS and iPadOS 15.0 to 15.3',
    userAgent: /\((?:iPhone|iPad|iPod)[^)]* OS 15_[0-3](?:_\d+)? like Mac OS X\)/,
    source: 'github.com/uNetworking/uWebSockets/issues/1347, github.com/nats-io/nats.ws/issues/113',
  },
];

/** `byHook`: what a hook said of this handshake, which counts before the route's; null for nothing. */
export function passesCompression(
  route: CompressionSpec,
  byHook: 'pass' | 'off' | null,
  userAgent: string | null,
): boolean {
  if (byHook !== null) return byHook === 'pass';
  if (route !== 'unless-broken') return route === 'pass';
  return userAgent === null || !brokenDeflate.some((broken) => broken.userAgent.test(userAgent));
}
