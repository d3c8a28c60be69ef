import { open } from 'node:fs/promises';
import type { EndedRecord } from '../../registry/history/ended.ts';
import { endedFromLine } from '../log/close-fields.ts';

/** The end of the log that is read: about 100,000 closes, read in half a second. */
const tailBytesMax = 64 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/** The ended connections that the end of a log tells of, oldest first, at most `rowsMax`. Without a log: none. */
export async function endedFromLog(file: string, rowsMax: number): Promise<EndedRecord[]> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return [];
  try {
    const { size } = await handle.stat();
    const found: EndedRecord[] = [];
    let rest = Buffer.alloc(0);
    for (let at = Math.max(0, size - tailBytesMax); at < size; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(chunkBytes, size - at)), 0, undefined, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(10) + 1;
      for (const line of text.subarray(0, end).toString('utf8').split('\n')) {
        const ended = endedFromLine(line);
        if (ended !== null) found.push(ended);
      }
      // A line longer than this is none that Holdline wrote.
      rest = end === 0 && text.length > chunkBytes ? Buffer.alloc(0) : Buffer.from(text.subarray(end));
      if (found.length > 2 * rowsMax) found.splice(0, found.length - rowsMax);
    }
    return found.slice(-rowsMax);
  } finally {
    await handle.close();
  }
}
