import { isSendableCloseCode } from '../base/close-code.ts';
import { textOf } from './frame.ts';
import { isUtf8 } from './utf8.ts';
import type { Violation } from './violation.ts';

export interface ClosePayload {
  /** 1005 when the frame was empty (RFC 6455, 7.1.5). */
  readonly code: number;
  readonly reason: string;
}

/** What can be wrong with it. */
export type ClosePayloadViolation = Extract<Violation, 'close-length' | 'close-code' | 'close-utf8'>;

/**
 * Reads the unmasked payload of a close frame (RFC 6455, 5.5.1); what is wrong with it comes back as a violation's
 * name.
 */
export function readClosePayload(payload: Uint8Array): ClosePayload | ClosePayloadViolation {
  if (payload.length === 0) return { code: 1005, reason: '' };
  if (payload.length === 1) return 'close-length';
  const code = (payload[0]! << 8) | payload[1]!;
  if (!isSendableCloseCode(code)) return 'close-code';
  const reason = payload.subarray(2);
  return isUtf8(reason) ? { code, reason: textOf(reason) } : 'close-utf8';
}
