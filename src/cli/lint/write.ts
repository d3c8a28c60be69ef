/**
 * Writes mended files, asks nginx about them, and puts everything back when it had no objection before and has one now.
 */

import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HoldlineError } from '../../base/error.ts';
import type { FixResult } from '../../nginx/lint/fixes/run.ts';
import type { InstalledNginx } from '../../nginx/run/opinion.ts';
import { bytesOfText } from '../../nginx/syntax/bytes.ts';
import type { FixSummary } from '../../report/lint/output.ts';

export interface WriteOptions {
  /** The whole configuration that nginx can be asked about; null for a fragment, which it cannot read. */
  readonly testable: string | null;
  readonly nginx: InstalledNginx | null;
}

/** Throws lint-cannot-write; what was written until then is put back. */
export function writeFixes({ changed, applied, takenBack }: FixResult, options: WriteOptions): FixSummary {
  const files = [...changed.keys()];
  if (files.length === 0) return { applied, takenBack, written: [], putBack: [], nginx: '' };
  const { testable, nginx } = options;
  const root = testable === null ? null : path.resolve(testable);
  const before = root === null || nginx === null ? null : nginx.test(root);
  const originals = new Map(files.map((file) => [file, readFileSync(file)]));
  const restore = () => {
    for (const [file, bytes] of originals) replace(file, bytes);
  };
  try {
    for (const [file, text] of changed) replace(file, bytesOfText(text));
  } catch (error) {
    restore();
    const message = error instanceof Error ? error.message : String(error);
    throw new HoldlineError('lint-cannot-write', `the fixed files could not be written:  ${message}`, { cause: error });
  }
  if (root === null || nginx === null || before === null) {
    const why =
      nginx === null
        ? 'not asked, because nginx is not installed here'
        : 'not asked, because this is a part of a configuration';
    return { applied, takenBack, written: files, putBack: [], nginx: why };
  }
  const after = nginx.test(root);
  if (after.accepted) return { applied, takenBack, written: files, putBack: [], nginx: 'accepts the fixed files' };
  if (before.accepted) {
    restore();
    return {
      applied: [],
      takenBack: [...takenBack, ...applied.map((fix) => ({ ...fix, because: 'nginx -t refuses it' }))],
      written: [],
      putBack: files,
      nginx: after.output,
    };
  }
  const why = `did not accept the files before either (${firstLine(before.output)})`;
  return { applied, takenBack, written: files, putBack: [], nginx: why };
}

/** In one step, so that nobody ever reads half a file; a link stays a link, and the mode stays. */
function replace(file: string, bytes: Uint8Array): void {
  const target = realpathSync(file);
  const beside = `${target}.holdline-${process.pid}`;
  try {
    writeFileSync(beside, bytes, { mode: statSync(target).mode, flag: 'wx' });
    renameSync(beside, target);
  } finally {
    rmSync(beside, { force: true });
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}
