/** Workflow commands: GitHub shows them at the line of a pull request, and in the log of the job. */

import type { Severity } from '../../base/diagnostic.ts';
import type { LintDiagnostic } from '../../nginx/lint/lint.ts';
import type { LintOutput } from './output.ts';
import { relativePath } from './paths.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

export function lintGithub({ diagnostics, directory }: LintOutput): string {
  return diagnostics.map((diagnostic) => `${annotation(diagnostic, directory)}\n`).join('');
}

function annotation({ code, severity, message, where, why, help }: LintDiagnostic, directory: string): string {
  const range = where?.range;
  const properties = {
    ...(where?.file !== undefined && { file: relativePath(where.file, directory) }),
    ...(range !== undefined && { line: range.start.line, endLine: range.end.line }),
    // GitHub takes columns only within one line.
    ...(range !== undefined &&
      range.start.line === range.end.line && { col: range.start.column, endColumn: range.end.column }),
    title: code,
  };
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const text = [message, ...(why === undefined ? [] : [why]), ...(help === undefined ? [] : [`Help: ${help}`])];
  return `::${commands[severity]} ${shown.join(',')}::${escapeText(text.join('\n'))}`;
}

/**
 * As the runner's toolkit does it (actions/toolkit, command.ts): what would end the command is written in hexadecimal.
 */
function escapeText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
