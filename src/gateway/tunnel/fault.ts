import { formatSize } from '../../base/units.ts';
import type { ConnectionEnd } from '../../registry/record.ts';
import { type Violation, violations } from '../../ws/violation.ts';
import type { Half } from './half.ts';

/**
 * A server that answers at once does so within a round trip; the client at fault is not kept longer than people notice.
 */
export const verdictMs = 300;

export type End = Pick<ConnectionEnd, 'by' | 'cause' | 'code' | 'reason'>;

/** How a connection ends for what one side did wrong. */
export function endFor(violation: Violation, half: Pick<Half, 'from' | 'tooBigBytes'>, messageBytesMax: number): End {
  const { code, sentence } = violations[violation];
  const { from: side } = half;
  if (violation !== 'message-too-big') return { by: side, cause: `${side}-protocol-error`, code, reason: sentence };
  const reason = tooBigSentence(side, half.tooBigBytes, messageBytesMax);
  return { by: 'edge', cause: 'message-too-big', code, reason };
}

/**
 * Why a message was too big, in the words of the spec: its size, the limit, the side and the setting. Fits into a close
 * frame. `bytes` null: it was within the limit as it came, and inflating it showed more.
 */
export function tooBigSentence(side: 'client' | 'server', bytes: number | null, limitBytes: number): string {
  const size = bytes === null ? 'that inflates to more' : `of ${bytes} bytes`;
  return `a message ${size} came from the ${side}; limits.message of the route is ${limitText(limitBytes)}`;
}

function limitText(bytes: number): string {
  const short = formatSize(bytes);
  return short === String(bytes) ? `${bytes} bytes` : `${short} (${bytes} bytes)`;
}
