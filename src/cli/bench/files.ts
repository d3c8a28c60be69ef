/** The files that a load leaves behind. Whether they can be written is seen before the load, and not an hour later. */
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { HoldlineError } from '../../base/error.ts';
import { writeBenchPage } from '../../bench/page/page.ts';
import type { BenchReport } from '../../bench/run/report.ts';
import { writeCsv } from '../../report/bench/csv.ts';

const forms = { csv: writeCsv, html: writeBenchPage } as const;

export interface BenchFiles {
  /** Throws bench-cannot-write; the files before that one are there. */
  write(report: BenchReport): void;
}

/** Throws bench-cannot-write, and leaves everything as it was. */
export function prepareBenchFiles(named: { readonly [Form in keyof typeof forms]?: string }): BenchFiles {
  const files = (Object.keys(forms) as (keyof typeof forms)[]).flatMap((form) => {
    const file = named[form];
    return file === undefined ? [] : [{ form, file }];
  });
  for (const { file } of files) trying(file, () => tryOpening(file));
  return {
    write(report) {
      for (const { form, file } of files) trying(file, () => writeFileSync(file, forms[form](report)));
    },
  };
}

function tryOpening(file: string): void {
  const wasThere = existsSync(file);
  closeSync(openSync(file, 'a'));
  if (!wasThere) rmSync(file);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  EISDIR: 'it is a directory',
  ENOTDIR: 'what should be its directory is a file',
  EACCES: 'permission was denied',
  EROFS: 'it lies on a disk that is only read',
  ENOSPC: 'the disk is full',
};

function trying(file: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new HoldlineError('bench-cannot-write', `${file} could not be written: ${reasons[code] ?? code}`, {
      cause: error,
    });
  }
}
