/** A report for a pull request's summary or a ticket. */

import type { LintDiagnostic } from '../../nginx/lint/lint.ts';
import { countOf, type LintOutput } from './output.ts';
import { relativePath } from './paths.ts';

const words = { error: 'Error', warning: 'Warning', info: 'Note' } as const;

export function lintMarkdown(output: LintOutput): string {
  const { diagnostics, suppressed, target } = output;
  const { errors, warnings, infos } = countOf(diagnostics);
  const lines = [
    '# WebSockets in this nginx configuration',
    '',
    `${errors} errors, ${warnings} warnings, ${infos} notes, for nginx ${target.version}.`,
    '',
    ...diagnostics.flatMap((diagnostic) => [...section(diagnostic, output), '']),
  ];
  if (suppressed.length > 0) {
    lines.push('## Kept quiet by comments', '', '| where | rule | reason |', '|---|---|---|');
    for (const { diagnostic, reason } of suppressed)
      lines.push(`| ${code(placeOf(diagnostic, output.directory))} | ${code(diagnostic.code)} | ${cell(reason)} |`);
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function section(diagnostic: LintDiagnostic, { sources, directory }: LintOutput): string[] {
  const { code: rule, severity, message, where, why, help, fix } = diagnostic;
  const line =
    where?.range === undefined ? undefined : sources.get(where.file ?? '')?.split('\n')[where.range.start.line - 1];
  return [
    `## ${words[severity]}: ${escaped(message)}`,
    '',
    `${code(placeOf(diagnostic, directory))}, rule ${code(rule)}`,
    ...(line === undefined ? [] : ['', '```nginx', line.trim().replaceAll('`', "'"), '```']),
    ...(why === undefined ? [] : ['', escaped(why)]),
    ...(help === undefined ? [] : ['', `**What to do:** ${escaped(help)}`]),
    ...(fix === undefined ? [] : ['', `**Fix:** ${escaped(fix.title)} (${fix.safe ? '`--fix`' : '`--fix-all`'})`]),
  ];
}

function placeOf({ where }: LintDiagnostic, directory: string): string {
  const file = where?.file === undefined ? '' : relativePath(where.file, directory);
  return where?.range === undefined ? file : `${file}:${where.range.start.line}`;
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('\n', ' ')}\``;
}

function cell(text: string): string {
  return escaped(text).replaceAll('|', '\\|');
}

/** What Markdown or HTML would act on comes out as it is. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, (letter) => `\\${letter}`).replaceAll('\n', ' ');
}
