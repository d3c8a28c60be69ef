/**
 * What may be done to whom: a target that is not of this machine or its networks is not attacked without a word of its
 * owner.
 */
import { isOwnNetwork } from '../base/address.ts';
import type { ProbeOptions } from './options.ts';
import type { Endpoint } from './report.ts';

/** Why nothing that breaks the protocol is sent there, or null. */
export function whyNotHarm({ ownsTarget, socketPath, proxy }: ProbeOptions, { address }: Endpoint): string | null {
  if (ownsTarget === true || socketPath !== undefined) return null;
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  // Through a proxy nobody knows where it ends.
  if (proxy === undefined && isOwnNetwork(host)) return null;
  return `not tried: ${proxy === undefined ? `${host} is a public address` : 'it lies behind a proxy'}, and this can take a server down; --i-own-this-target says that it is yours`;
}
