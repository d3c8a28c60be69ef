/** How files reach the core: somebody outside reads them. */

import { globMatches, isGlob } from './glob.ts';

export type ReadOutcome =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | {
      readonly ok: false;
      readonly problem: 'missing' | 'directory' | 'unreadable' | 'too-large';
      readonly message: string;
    };

export interface ConfigReader {
  /** Reads a whole file, or says why not; more than `bytesMax` bytes are not read. Never throws. */
  readonly read: (path: string, bytesMax: number) => ReadOutcome;
  /**
   * The files that match a pattern with `*`, `?` and `[`, sorted by their bytes, as glob(3) gives them. Never throws.
   */
  readonly glob: (pattern: string) => readonly string[];
}

/** Files that are in memory, by path: for editors and tests. A string is text, and stands for its UTF-8. */
export function memoryReader(files: Readonly<Record<string, string | Uint8Array>>): ConfigReader {
  return {
    read(path, bytesMax) {
      const found = Object.hasOwn(files, path) ? files[path]! : undefined;
      if (found === undefined) return { ok: false, problem: 'missing', message: `there is no ${path}` };
      const bytes = typeof found === 'string' ? Buffer.from(found, 'utf8') : found;
      if (bytes.length > bytesMax)
        return { ok: false, problem: 'too-large', message: `${path} has ${bytes.length} bytes` };
      return { ok: true, bytes };
    },
    glob: (pattern) =>
      Object.keys(files)
        .filter((path) => (isGlob(pattern) ? globMatches(pattern, path) : path === pattern))
        .sort(byBytes),
  };
}

/** nginx sorts what a pattern finds with strcmp. */
export function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
