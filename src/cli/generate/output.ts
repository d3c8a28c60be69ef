/** Writes generated files into a directory: all of them or none. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HoldlineError } from '../../base/error.ts';
import type { GeneratedFile } from '../../nginx/generate/files.ts';

export interface FilesRequest {
  readonly directory: string;
  readonly files: readonly GeneratedFile[];
  /** `replace` writes over files that are there. */
  readonly existing: 'keep' | 'replace';
}

/** Throws generate-file-exists before anything is written, generate-file-unwritable when the disk says no. */
export function writeFiles({ directory, files, existing }: FilesRequest): void {
  const targets = files.map((file) => ({ file, target: path.join(directory, file.name) }));
  const there = targets.filter(({ target }) => existsSync(target)).map(({ target }) => target);
  if (existing === 'keep' && there.length > 0)
    throw new HoldlineError('generate-file-exists', `${there.join(', ')}: already exists, and nothing was written`);
  for (const { file, target } of targets) {
    try {
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, file.text);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new HoldlineError('generate-file-unwritable', `${target} could not be written: ${code ?? String(error)}`, {
        cause: error,
      });
    }
  }
}
