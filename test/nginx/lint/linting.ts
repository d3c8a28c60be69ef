/** Linting of texts, for tests. */

import type { Diagnostic } from '../../../src/base/diagnostic.ts';
import type { NginxVersion } from '../../../src/base/nginx-version.ts';
import { effective } from '../../../src/nginx/effective/effective.ts';
import type { Effective } from '../../../src/nginx/effective/model.ts';
import { validate } from '../../../src/nginx/facts/validate.ts';
import { type Look, runFixes } from '../../../src/nginx/lint/fixes/run.ts';
import { type LintReport, lint } from '../../../src/nginx/lint/lint.ts';
import type { LintOptions } from '../../../src/nginx/lint/rule.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';

/** What most people run: Debian 12's. */
export const usualTarget: NginxVersion = [1, 22, 1];

type Files = Readonly<Record<string, string>>;

export function lintFiles(
  files: Files,
  options: LintOptions = {},
): LintReport & { syntax: readonly Diagnostic[]; model: Effective } {
  const [root = 'nginx.conf'] = Object.keys(files);
  const { value: configuration, diagnostics } = readConfiguration(root, memoryReader(files));
  const target = options.target ?? usualTarget;
  const model = effective(configuration, { target });
  const syntax = [...diagnostics, ...validate(configuration, { target })];
  return { ...lint(model, { ...options, target }), syntax, model };
}

/** Findings in one file, those of the reader first. */
export function lintText(text: string, options: LintOptions = {}): readonly Diagnostic[] {
  const { diagnostics, syntax } = lintFiles({ 'nginx.conf': text }, options);
  return [...syntax.filter(({ code }) => code !== 'nginx-unknown-variable'), ...diagnostics];
}

/** Applies fixes; the first file is the root. */
export function fixFiles(files: Files, options: LintOptions = {}, which: 'safe' | 'all' = 'safe') {
  const merged = (changed: ReadonlyMap<string, string>): Files => ({ ...files, ...Object.fromEntries(changed) });
  const look = (changed: ReadonlyMap<string, string>): Look => {
    const { diagnostics, syntax, model } = lintFiles(merged(changed), options);
    return { diagnostics: [...syntax, ...diagnostics], textOf: (path) => merged(changed)[path], model };
  };
  const result = runFixes({ look, which });
  return { ...result, files: merged(result.changed) };
}

export function fixText(text: string, options: LintOptions = {}, which: 'safe' | 'all' = 'safe'): string {
  return fixFiles({ 'nginx.conf': text }, options, which).files['nginx.conf']!;
}
