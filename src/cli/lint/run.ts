/** One run of `holdline lint`: every file is examined, mended if that was asked for, and told about. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { HoldlineError } from '../../base/error.ts';
import { formatVersion, versionNewest } from '../../base/nginx-version.ts';
import { packageVersion } from '../../host/package-version.ts';
import { requestFor } from '../../nginx/effective/request/address.ts';
import { passageOf } from '../../nginx/effective/request/passage.ts';
import { baselineOf, newSince, readBaseline, writeBaseline } from '../../nginx/lint/baseline.ts';
import { decoded, placesIn } from '../../nginx/lint/letters.ts';
import type { LintDiagnostic, SuppressedFinding } from '../../nginx/lint/lint.ts';
import type { LintOptions } from '../../nginx/lint/rule.ts';
import { type InstalledNginx, installedNginx } from '../../nginx/run/opinion.ts';
import type { PathRoot } from '../../nginx/syntax/configuration.ts';
import type { ConfigFile } from '../../nginx/syntax/tree.ts';
import { unifiedDiff } from '../../report/lint/diff.ts';
import { effectiveText } from '../../report/lint/effective.ts';
import { lintGithub } from '../../report/lint/github.ts';
import { lintJson } from '../../report/lint/json.ts';
import { lintMarkdown } from '../../report/lint/markdown.ts';
import {
  type FixSummary,
  type Format,
  type LintedRoot,
  type LintOutput,
  severityRank,
} from '../../report/lint/output.ts';
import { passageJson, passageText } from '../../report/lint/passage.ts';
import { relativePath } from '../../report/lint/paths.ts';
import { lintSarif } from '../../report/lint/sarif.ts';
import { lintText } from '../../report/lint/text.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, wantsColour } from '../context.ts';
import { type ExaminedRoot, examineRoot, fixRoot, type RootRequest } from './root-file.ts';
import { writeFixes } from './write.ts';

export interface LintRun {
  readonly files: readonly string[];
  readonly options: LintOptions;
  readonly context: readonly string[] | null;
  readonly prefix: string | null;
  readonly roots: readonly PathRoot[];
  /** Print what locations get, all or one, instead of findings. */
  readonly show: { readonly location: string | null; readonly url: string | null } | null;
  readonly format: Format;
  readonly fix: 'safe' | 'all' | null;
  /** Write what the fixes change. */
  readonly write: boolean;
  /** Print what the fixes change. */
  readonly diff: boolean;
  readonly failOn: 'error' | 'warning' | 'info';
  /** Findings that were there before, and the file that those of now are written to. */
  readonly baseline: { readonly read: string | null; readonly write: string | null };
}

export function lintFilesAndReport(run: LintRun, cli: Cli): ExitCode {
  // Asking a program for its version takes as long as linting a small file does.
  const nginx = run.options.target === undefined || run.write ? installedNginx(cli.env) : null;
  const options: LintOptions = { ...run.options, target: run.options.target ?? nginx?.version ?? versionNewest };
  const requests = [...new Set(run.files)].map(
    (file): RootRequest => ({
      file,
      context: run.context,
      prefix: run.prefix,
      roots: run.roots,
      options,
    }),
  );
  if (run.show?.url != null) return showPassage(requests, run.show.url, { format: run.format, cli });
  if (run.show !== null) return showEffective(requests, run.show.location, cli);

  const summaries: FixSummary[] = [];
  for (const request of run.fix === null ? [] : requests) summaries.push(mend(request, run, { nginx, cli }));
  const examined = requests.map((request) => ({ request, ...examineRoot(request) }));
  const all = outputOf(examined, {
    run,
    nginx,
    target: options.target!,
    fixes: run.write ? joined(summaries) : null,
  });
  const output = againstBaseline(all, run.baseline);
  const colour = wantsColour(cli.stdout, cli.env);
  if (!(run.diff && run.format === 'text')) cli.stdout.write(renderers[run.format](output, colour));
  if (output.diagnostics.some(({ code }) => unreadable.has(code)) && output.sources.size === 0) return 3;
  return output.diagnostics.some(({ severity }) => severityRank[severity] >= severityRank[run.failOn]) ? 1 : 0;
}

/** Throws lint-baseline-unreadable. */
function againstBaseline(output: LintOutput, { read, write }: LintRun['baseline']): LintOutput {
  const shown = (file: string) => relativePath(file, output.directory);
  if (write !== null) writeFileSync(write, writeBaseline(baselineOf(output.diagnostics, shown)));
  if (read === null) return output;
  const baseline = existsSync(read) ? readBaseline(readFileSync(read, 'utf8')) : null;
  if (baseline === null) throw new HoldlineError('lint-baseline-unreadable', `${read} is not a baseline`);
  const diagnostics = newSince(baseline, output.diagnostics, shown);
  return { ...output, diagnostics, knownBefore: output.diagnostics.length - diagnostics.length };
}

const renderers: Readonly<Record<Format, (output: LintOutput, colour: boolean) => string>> = {
  text: lintText,
  json: lintJson,
  sarif: lintSarif,
  github: lintGithub,
  markdown: lintMarkdown,
};

const unreadable: ReadonlySet<string> = new Set(['nginx-unreadable-file', 'nginx-limit-reached']);

function showEffective(requests: readonly RootRequest[], location: string | null, cli: Cli): ExitCode {
  const width = Math.min(Math.max(cli.stdout.columns ?? 80, 60), 120);
  const colour = wantsColour(cli.stdout, cli.env);
  const texts = requests.map((request) => {
    const { effective: model } = examineRoot(request).examination;
    if (model.configuration.files.size === 0)
      throw new HoldlineError('nginx-unreadable-file', `${request.file} could not be read`);
    return effectiveText(model, { colour, width, ...(location !== null && { location }) });
  });
  const text = texts.filter((each) => each !== '').join('\n');
  if (text !== '') cli.stdout.write(text);
  else cli.stderr.write(location === null ? 'There is no location.\n' : `There is no location "${location}".\n`);
  return text === '' ? 1 : 0;
}

/** Exit code 0 when the request reaches a backend. */
function showPassage(
  requests: readonly RootRequest[],
  url: string,
  { format, cli }: { format: Format; cli: Cli },
): ExitCode {
  const width = Math.min(Math.max(cli.stdout.columns ?? 80, 60), 120);
  const colour = wantsColour(cli.stdout, cli.env);
  let reached = true;
  for (const request of requests) {
    const { effective: model } = examineRoot(request).examination;
    if (model.configuration.files.size === 0)
      throw new HoldlineError('nginx-unreadable-file', `${request.file} could not be read`);
    const passage = passageOf(model, requestFor(url)!);
    reached &&= passage.outcome.kind === 'proxied';
    cli.stdout.write(
      format === 'json' ? passageJson(url, passage, model) : passageText(url, passage, model, { colour, width }),
    );
  }
  return reached ? 0 : 1;
}

function mend(
  request: RootRequest,
  run: LintRun,
  { nginx, cli }: { nginx: InstalledNginx | null; cli: Cli },
): FixSummary {
  const result = fixRoot(request, run.fix!);
  if (run.diff)
    for (const [file, after] of result.changed) {
      const before = readFileSync(file, 'latin1');
      cli.stdout.write(decoded(unifiedDiff(file, before, after)));
    }
  if (!run.write) return { applied: [], takenBack: [], written: [], putBack: [], nginx: '' };
  const isWhole = examineRoot(request).examination.effective.configuration.context.length === 0;
  return writeFixes(result, { testable: isWhole ? request.file : null, nginx });
}

function joined(summaries: readonly FixSummary[]): FixSummary {
  return {
    applied: summaries.flatMap(({ applied }) => applied),
    takenBack: summaries.flatMap(({ takenBack }) => takenBack),
    written: summaries.flatMap(({ written }) => written),
    putBack: summaries.flatMap(({ putBack }) => putBack),
    nginx: [...new Set(summaries.map(({ nginx }) => nginx))].filter((said) => said !== '').join('; '),
  };
}

interface Told {
  readonly run: LintRun;
  readonly nginx: InstalledNginx | null;
  readonly target: NonNullable<LintOptions['target']>;
  readonly fixes: FixSummary | null;
}

function outputOf(
  examined: readonly (ExaminedRoot & { readonly request: RootRequest })[],
  { run, nginx, target, fixes }: Told,
): LintOutput {
  const files = new Map<string, ConfigFile>();
  const diagnostics = new Map<string, LintDiagnostic>();
  const suppressed = new Map<string, SuppressedFinding>();
  const roots: LintedRoot[] = [];
  for (const { examination, request, contextFrom } of examined) {
    const { configuration } = examination.effective;
    for (const [path, file] of configuration.files) files.set(path, file);
    // Two roots may include the same file, and what is found there is one finding.
    for (const one of examination.diagnostics) diagnostics.set(keyOf(one), one);
    for (const one of examination.suppressed) suppressed.set(keyOf(one.diagnostic), one);
    roots.push({
      file: request.file,
      context: configuration.context,
      contextFrom,
      files: configuration.files.size,
      webSocketLocations: examination.webSocketLocations,
      unjudged: examination.unjudged,
    });
  }
  const places = placesIn(files.values());
  return {
    version: packageVersion(),
    directory: process.cwd(),
    target: {
      version: formatVersion(target),
      from: run.options.target !== undefined ? 'option' : nginx !== null ? 'installed' : 'newest',
    },
    roots,
    sources: places.sources,
    diagnostics: [...diagnostics.values()].map(places.diagnostic),
    suppressed: [...suppressed.values()].map(places.suppressed),
    knownBefore: 0,
    fixes,
  };
}

function keyOf({ code, where, message }: LintDiagnostic): string {
  return `${code} ${where?.file} ${where?.range?.start.offset} ${message}`;
}
