/** Reads, lints and mends one root file with everything it includes. */

import path from 'node:path';
import { type Examination, examineAll } from '../../nginx/lint/examination.ts';
import { type FixResult, findingsPerRuleMax, runFixes } from '../../nginx/lint/fixes/run.ts';
import { readAround } from '../../nginx/lint/guess-context.ts';
import type { LintOptions } from '../../nginx/lint/rule.ts';
import { diskReader, stdinName } from '../../nginx/run/disk-reader.ts';
import { bytesOfText } from '../../nginx/syntax/bytes.ts';
import { type PathRoot, readConfiguration } from '../../nginx/syntax/configuration.ts';

export interface RootRequest {
  readonly file: string;
  readonly context: readonly string[] | null;
  /** Where relative includes start; null for what nginx would take. */
  readonly prefix: string | null;
  /** Where directories that the configuration names are here. */
  readonly roots: readonly PathRoot[];
  readonly options: LintOptions;
}

export interface ExaminedRoot {
  readonly examination: Examination;
  readonly contextFrom: 'option' | 'comment' | 'guess';
}

/** `changed` texts, in the core’s form, count instead of the files. */
export function examineRoot(request: RootRequest, changed: ReadonlyMap<string, string> = new Map()): ExaminedRoot {
  const reader = diskReader(new Map([...changed].map(([file, text]) => [file, bytesOfText(text)])));
  const { file, context } = request;
  const read = (around: readonly string[] | null, reading: number) =>
    readConfiguration(file, reader, {
      prefix: request.prefix ?? prefixOf(file, around !== null && around.length > 0),
      roots: request.roots,
      reading,
      ...(around !== null && { context: around }),
    });
  const first = readAround(context, (around) => read(around, 0));
  return {
    examination: examineAll((reading) => (reading === 0 ? first.read : read(first.context, reading)), request.options),
    contextFrom: first.from,
  };
}

export function fixRoot(request: RootRequest, which: 'safe' | 'all'): FixResult {
  return runFixes({
    which,
    mayChange: (file) => file !== stdinName,
    look: (changed) => {
      const { examination } = examineRoot({ ...request, options: { ...request.options, findingsPerRuleMax } }, changed);
      const { files } = examination.effective.configuration;
      return {
        diagnostics: examination.diagnostics,
        textOf: (name) => changed.get(name) ?? files.get(name)?.text,
        model: examination.effective,
      };
    },
  });
}

/**
 * Directories above a fragment in which nginx.conf is looked for: sites-available/, conf.d/, snippets/ and one more.
 */
const levelsMax = 3;

/** nginx takes the directory of nginx.conf for relative includes, wherever the file that includes stands. */
function prefixOf(file: string, isFragment: boolean): string {
  const own = path.dirname(file);
  if (!isFragment || file === stdinName) return `${own}/`;
  const reader = diskReader();
  for (let directory = own, level = 0; level < levelsMax; level++, directory = path.dirname(directory))
    if (reader.glob(path.join(directory, 'nginx[.]conf')).length > 0) return `${directory}/`;
  return `${own}/`;
}
