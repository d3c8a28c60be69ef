/** Bytes as a developer wants to see them: HTTP as lines, frames as hexadecimal with the text beside it. */

import { printable } from '../../base/printable.ts';
import { paint, type TextPage } from '../paint.ts';

/** Per chunk; what is longer is a message whose beginning tells enough. */
const bytesShownMax = 64;
const linesShownMax = 60;

export function byteLines(page: TextPage, direction: 'sent' | 'received', bytes: Uint8Array): string[] {
  const arrow = direction === 'sent' ? '>' : '<';
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const lines: string[] = [];
  let rest = buffer;
  if (/^(?:[A-Z]+ |HTTP\/)/.test(buffer.toString('latin1', 0, 12))) {
    const end = buffer.indexOf('\r\n\r\n');
    const head = buffer.subarray(0, end === -1 ? buffer.length : end).toString('latin1');
    const all = head.split('\r\n');
    lines.push(...all.slice(0, linesShownMax).map(printable));
    if (all.length > linesShownMax) lines.push(`… ${all.length - linesShownMax} more lines`);
    rest = end === -1 ? buffer.subarray(buffer.length) : buffer.subarray(end + 4);
  }
  const perLine = page.width < 60 ? 8 : 16;
  for (let at = 0; at < Math.min(rest.length, bytesShownMax); at += perLine) {
    const part = rest.subarray(at, Math.min(at + perLine, bytesShownMax));
    const hex = part
      .toString('hex')
      .replace(/../g, '$& ')
      .padEnd(perLine * 3);
    lines.push(`${hex} ${part.toString('latin1').replace(/[^\x20-\x7e]/g, '.')}`);
  }
  if (rest.length > bytesShownMax) lines.push(`… ${rest.length - bytesShownMax} more bytes`);
  return lines.map((line) => paint(page, 'faint', `      ${arrow} ${line.slice(0, Math.max(20, page.width - 8))}`));
}
