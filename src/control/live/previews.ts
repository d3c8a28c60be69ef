import { randomBytes } from 'node:crypto';
import { HoldlineError } from '../../base/error.ts';

/** What a filter concerned when somebody looked: carrying it out concerns these very connections, and no others. */
export interface Previews {
  keep(ids: readonly string[], words: string): string;
  /** Throws `preview-gone`. */
  take(preview: string): { readonly ids: readonly string[]; readonly words: string };
}

/** Ids of 100,000 connections are 4 MB; people look at one or two of these at a time. */
const previewsMax = 8;
/** For somebody who is asked on the telephone whether they are sure. */
const keptMs = 120_000;

export function previews(nowMs: () => number): Previews {
  const kept = new Map<string, { readonly ids: readonly string[]; readonly words: string; readonly atMs: number }>();
  return {
    keep(ids, words) {
      if (kept.size >= previewsMax) kept.delete(kept.keys().next().value!);
      const name = randomBytes(9).toString('base64url');
      kept.set(name, { ids, words, atMs: nowMs() });
      return name;
    },
    take(preview) {
      const found = kept.get(preview);
      kept.delete(preview);
      if (found !== undefined && nowMs() - found.atMs <= keptMs) return found;
      throw new HoldlineError('preview-gone', 'this preview is no longer kept');
    },
  };
}
