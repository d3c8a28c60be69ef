import type { HandshakeRefusal } from '../../../gateway/contract.ts';
import type { EndedRecord } from '../../../registry/history/ended.ts';
import { linePace } from '../../log/line-pace.ts';
import type { EdgeEventSink } from '../../log/notices.ts';

/** Refusals a second that are told one by one, as of the built-in edge's workers. */
const refusalsPerSecond = 20;

/** How the table tells of ends and refusals: each end once, though the log is read again after a takeover. */
export function reporting(options: {
  readonly note: EdgeEventSink;
  readonly nowMs: () => number;
  readonly isKnown: (id: string) => boolean;
}) {
  const { note, nowMs, isKnown } = options;
  const pace = linePace({ perSecond: refusalsPerSecond });
  return {
    onEnd(ended: EndedRecord, closedAtMs: number): void {
      if (!isKnown(ended.id)) note({ kind: 'close', atMs: closedAtMs, ended });
    },
    onRefused(refusal: HandshakeRefusal, atMs: number): void {
      if (!pace.admit(nowMs())) return;
      const count = pace.takeSuppressed();
      if (count > 0) note({ kind: 'suppressed', atMs, count });
      note({ kind: 'refused', atMs, ...refusal });
    },
  };
}
