import { isSendableCloseCode } from '../base/close-code.ts';
import type { Violation } from './violation.ts';

export interface ClosePayload {
  /** 1005 when the frame was empty (RFC 6455, 7.1.5). */
  readonly code: number;
  readonly reason: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the unmasked payload of a close frame (RFC 6455, 5.5.1); what is wrong with it comes back as a violation's name. */
export function readClosePayload(payload: Uint8Array): ClosePayload | Violation {
  if (payload.length === 0) return { code: 1005, reason: '' };
  if (payload.length === 1) return 'close-length';
  const code = (payload[0]! << 8) | payload[1]!;
  if (!isSendableCloseCode(code)) return 'close-code';
  try {
    return { code, reason: utf8.decode(payload.subarray(2)) };
  } catch {
    return 'close-utf8';
  }
}
