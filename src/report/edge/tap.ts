import type { TapRow } from '../../registry/tap.ts';
import { whole } from './short.ts';

/** One frame or message as a line: `14:03:22.123  client > text       512 B  compressed`. */
export function tapLine(row: TapRow): string {
  const arrow = row.from === 'client' ? 'client >' : '< server';
  const notes = [
    ...(row.what === 'message' ? [`in ${whole(row.frames)} frames`] : []),
    ...(row.compressed ? ['compressed'] : []),
    ...(row.final ? [] : ['more follows']),
  ];
  const end = notes.length === 0 ? '' : `  ${notes.join(', ')}`;
  return `${timeOfDay(row.atMs)}  ${arrow}  ${nameOf(row).padEnd(12)}  ${whole(row.bytes).padStart(9)} B${end}`;
}

/** Of a message in one frame, the frame has said everything. */
export function isWorthTelling({ what, frames }: TapRow): boolean {
  return what === 'frame' || frames > 1;
}

function nameOf({ what, kind }: TapRow): string {
  return what === 'message' ? `${kind} whole` : kind;
}

function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}
