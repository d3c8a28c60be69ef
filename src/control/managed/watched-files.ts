import { stat } from 'node:fs/promises';

/** Often enough for whoever deploys and looks; one look at each file costs next to nothing. */
const lookEveryMs = 1000;

export interface WatchedFilesOptions {
  /** Absolute paths. */
  readonly files: readonly string[];
  readonly onChange: (file: string) => void;
  /** Said once for each file, when it is not there at the first look. */
  readonly onMissing: (file: string) => void;
}

/**
 * Calls back when a file has become another one and has then stayed the same for a second. It looks rather than being
 * told: a look sees a `current` link that points elsewhere now, network disks, and a directory that is not there yet,
 * none of which the system tells of.
 */
export function watchFiles({ files, onChange, onMissing }: WatchedFilesOptions): { close(): void } {
  const settled = new Map<string, string | null>();
  const seen = new Map<string, string | null>();
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const signs = await Promise.all(files.map(signOf));
    if (closed) return;
    for (const [index, file] of files.entries()) {
      const sign = signs[index] ?? null;
      const before = seen.get(file);
      seen.set(file, sign);
      if (before === undefined) {
        settled.set(file, sign);
        if (sign === null) onMissing(file);
        continue;
      }
      // One that is gone for a moment is being replaced; it counts when it is back.
      if (sign === null || sign !== before || sign === settled.get(file)) continue;
      settled.set(file, sign);
      onChange(file);
    }
    timer = setTimeout(() => void look(), lookEveryMs);
  }

  if (files.length > 0) void look();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Differs when the file does; null while there is none that can be looked at. */
function signOf(file: string): Promise<string | null> {
  return stat(file).then(
    ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
    () => null,
  );
}
