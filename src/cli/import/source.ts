/** What `holdline import` and `holdline drift` read: an nginx.conf, what nginx -T prints. */
import path from 'node:path';
import { diskReader, stdinName } from '../../nginx/run/disk-reader.ts';
import { textOfBytes } from '../../nginx/syntax/bytes.ts';
import type { PathRoot } from '../../nginx/syntax/configuration.ts';
import { readDump } from '../../nginx/syntax/dump.ts';
import { memoryReader } from '../../nginx/syntax/reader.ts';
import type { NginxFiles } from '../../nginx/toolkit/source.ts';

export interface SourceOptions {
  readonly roots: readonly PathRoot[];
}

/** A text of `nginx -T` counts for the files that it prints; anything else is a file with includes beside it. */
export function sourceOf(file: string, { roots }: SourceOptions): NginxFiles {
  const reader = diskReader();
  const start = reader.read(file, dumpBytesMax);
  const dump = start.ok ? readDump(textOfBytes(start.bytes)) : null;
  if (dump !== null) {
    const files = Object.entries(dump.files).map(([name, text]) => [name, Buffer.from(text, 'latin1')] as const);
    return { root: dump.root, reader: memoryReader(Object.fromEntries(files)), prefix: `${path.dirname(dump.root)}/` };
  }
  const directory = file === stdinName ? '.' : path.dirname(file);
  return { root: file, reader, roots, prefix: `${directory}/` };
}

/** Far above any configuration that was ever printed; the reader has bounds of its own for each file. */
const dumpBytesMax = 64 * 1024 * 1024;
