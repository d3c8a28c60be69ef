/** Gives the linter files of this machine. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { nameMatches } from '../syntax/glob.ts';
import { byBytes, type ConfigReader, type ReadOutcome } from '../syntax/reader.ts';

export const stdinName = '-';

/** Reads from the disk; `-` stands for standard input. Texts in `changed` count instead of the files. */
export function diskReader(changed: ReadonlyMap<string, Uint8Array> = new Map()): ConfigReader {
  return {
    read: (file, bytesMax) => {
      const instead = changed.get(file);
      return instead === undefined ? readOne(file, bytesMax) : { ok: true, bytes: instead };
    },
    glob,
  };
}

function readOne(file: string, bytesMax: number): ReadOutcome {
  try {
    if (file === stdinName) return { ok: true, bytes: standardInput() };
    const facts = statSync(file);
    if (facts.isDirectory()) return { ok: false, problem: 'directory', message: `${file} is a directory` };
    if (facts.size > bytesMax) return { ok: false, problem: 'too-large', message: `${file} has ${facts.size} bytes` };
    // A pipe or a device could deliver bytes for ever.
    if (!facts.isFile()) return { ok: false, problem: 'unreadable', message: `${file} is not an ordinary file` };
    return { ok: true, bytes: readFileSync(file) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { ok: false, problem: 'missing', message: `there is no ${file}` };
    return { ok: false, problem: 'unreadable', message: code === 'EACCES' ? 'permission was denied' : String(error) };
  }
}

let stdinBytes: Uint8Array | null = null;

/** It can be read once, and a part is read again as what it turns out to be. */
function standardInput(): Uint8Array {
  stdinBytes ??= readFileSync(0);
  return stdinBytes;
}

/** Directories that one pattern may lead into: a pattern such as `/ * / * / *` must not walk the whole disk. */
const directoriesMax = 10_000;

function glob(pattern: string): readonly string[] {
  const parts = pattern.split('/');
  let found = [parts[0] === '' ? '/' : ''];
  for (const part of parts.slice(parts[0] === '' ? 1 : 0)) {
    if (part === '') continue;
    const isPattern = /[*?[\\]/.test(part);
    found = found
      .slice(0, directoriesMax)
      .flatMap((directory) =>
        isPattern
          ? entriesOf(directory).flatMap((name) => (nameMatches(part, name) ? [path.join(directory, name)] : []))
          : [path.join(directory, part)].filter(exists),
      );
  }
  return found.sort(byBytes);
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory === '' ? '.' : directory);
  } catch {
    // glob(3) skips what it may not open, and so does nginx.
    return [];
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}
