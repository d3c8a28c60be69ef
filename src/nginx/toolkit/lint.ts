/** Linting and mending, with places as people and editors count them. No file is written here. */
import { examineAll } from '../lint/examination.ts';
import {
  type AppliedFix,
  findingsPerRuleMax,
  type Look,
  runFixes,
  type TakenBackFix,
  type Texts,
} from '../lint/fixes/run.ts';
import { decoded, placesIn } from '../lint/letters.ts';
import type { LintDiagnostic, LintReport } from '../lint/lint.ts';
import type { LintOptions } from '../lint/rule.ts';
import { bytesOfText } from '../syntax/bytes.ts';
import type { ConfigReader } from '../syntax/reader.ts';
import { filesOf, type NginxSource, readBytes } from './source.ts';

export interface LintedSource extends LintReport {
  /** The texts that places and edits are about, by file. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Everything that is found in a configuration: by reading it, by holding it against what nginx's directives are, and by
 * the rules. Columns, offsets and edits count UTF-16 units of the texts in `sources`. Never throws.
 */
export function lintSource(source: NginxSource, options: LintOptions = {}): LintedSource {
  const examination = examineAll((reading) => readBytes(source, reading), options);
  const places = placesIn(examination.effective.configuration.files.values());
  return {
    diagnostics: examination.diagnostics.map(places.diagnostic),
    suppressed: examination.suppressed.map(places.suppressed),
    webSocketLocations: examination.webSocketLocations,
    unjudged: examination.unjudged.map(decoded),
    sources: places.sources,
  };
}

export interface FixOptions extends LintOptions {
  /** `safe` (the default) changes nothing that somebody could want; `all` takes the other fixes too. */
  readonly which?: 'safe' | 'all';
  /** Which files may be changed. Default: all that were read. */
  readonly mayChange?: (path: string) => boolean;
}

export interface FixedSource {
  /** Only the files that are different now. */
  readonly changed: readonly ChangedFile[];
  readonly applied: readonly AppliedFix[];
  /** Fixes that were tried and taken back, because something got worse. */
  readonly takenBack: readonly TakenBackFix[];
  /** What is found after the fixes, in the changed texts. */
  readonly diagnostics: readonly LintDiagnostic[];
}

export interface ChangedFile {
  readonly path: string;
  readonly text: string;
  /** To be written to the disk: what was not changed is as it was, whatever its encoding. */
  readonly bytes: Uint8Array;
}

/** Applies fixes until nothing more changes, and takes back what makes anything worse. Never throws. */
export function fixSource(source: NginxSource, options: FixOptions = {}): FixedSource {
  const { which = 'safe', mayChange, ...rules } = options;
  const look = (changed: Texts): Look => {
    const now = changedSource(source, changed);
    const all = { ...rules, findingsPerRuleMax };
    const { diagnostics, effective: model } = examineAll((reading) => readBytes(now, reading), all);
    return { diagnostics, textOf: (path) => model.configuration.files.get(path)?.text, model };
  };
  const result = runFixes(mayChange === undefined ? { look, which } : { look, which, mayChange });
  return {
    changed: [...result.changed].map(([path, text]) => ({ path, text: decoded(text), bytes: bytesOfText(text) })),
    applied: result.applied.map(readable),
    takenBack: result.takenBack.map(readable),
    diagnostics: lintSource(changedSource(source, result.changed), rules).diagnostics,
  };
}

function readable<Told extends AppliedFix>(told: Told): Told {
  return { ...told, file: decoded(told.file), title: decoded(told.title) };
}

function changedSource(source: NginxSource, changed: Texts): NginxSource {
  const files = filesOf(source);
  const { read, glob } = files.reader;
  const reader: ConfigReader = {
    glob,
    read: (path, bytesMax) => {
      const text = changed.get(path);
      return text === undefined ? read(path, bytesMax) : { ok: true, bytes: bytesOfText(text) };
    },
  };
  return { ...files, reader };
}
