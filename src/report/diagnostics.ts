import type { Diagnostic, Range, Severity, Where } from '../base/diagnostic.ts';
import { printable } from '../base/printable.ts';
import { excerpt } from './excerpt.ts';

export interface RenderOptions {
  readonly colour: boolean;
  /** The texts that diagnostics point into, by file name; without one only the place is printed. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Diagnostics for people: place, message, the source line with a caret, the reason, what to do. */
export function renderText(diagnostics: readonly Diagnostic[], options: RenderOptions): string {
  return diagnostics.map((diagnostic) => renderOne(diagnostic, options)).join('\n');
}

/** Diagnostics for programs. `version` changes when a field changes its meaning or goes away. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ version: 1, ...count(diagnostics), diagnostics }, null, 2)}\n`;
}

/** `2 errors, 1 warning`; empty when there is nothing to count. */
export function summary(diagnostics: readonly Diagnostic[]): string {
  const { errors, warnings, infos } = count(diagnostics);
  const parts = [
    [errors, 'error'],
    [warnings, 'warning'],
    [infos, 'note'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}${number === 1 ? '' : 's'}`)
    .join(', ');
}

const severityWords: Readonly<Record<Severity, { word: string; colour: string }>> = {
  error: { word: 'error', colour: '31' },
  warning: { word: 'warning', colour: '33' },
  info: { word: 'note', colour: '36' },
};

function renderOne(diagnostic: Diagnostic, options: RenderOptions): string {
  const paint = (codes: string, text: string): string => (options.colour ? `\u001b[${codes}m${text}\u001b[0m` : text);
  const { word, colour } = severityWords[diagnostic.severity];
  const place = formatWhere(diagnostic.where);
  const lines = [
    `${place === '' ? '' : `${paint('1', place)}: `}${paint(`1;${colour}`, word)}: ${printable(diagnostic.message)} ${paint('2', `[${diagnostic.code}]`)}`,
    ...sourceLines(diagnostic.where, options, (marks) => paint(colour, marks)),
    ...(diagnostic.output ?? []).map((line) => `  | ${printable(line)}`),
  ];
  if (diagnostic.why !== undefined) lines.push(`  ${paint('1', 'why:')} ${printable(diagnostic.why)}`);
  if (diagnostic.help !== undefined) lines.push(`  ${paint('1', 'help:')} ${printable(diagnostic.help)}`);
  if (diagnostic.fix !== undefined) lines.push(`  ${paint('1', 'fix:')} ${printable(diagnostic.fix.title)}`);
  for (const related of diagnostic.related ?? []) {
    lines.push(`  ${paint('1', formatWhere(related.where))}: ${printable(related.message)}`);
    lines.push(...sourceLines(related.where, options, (marks) => paint('2', marks)));
  }
  return `${lines.join('\n')}\n`;
}

function sourceLines(where: Where | undefined, options: RenderOptions, mark: (marks: string) => string): string[] {
  const source = where?.file === undefined ? undefined : options.sources.get(where.file);
  return source === undefined || where?.range === undefined ? [] : excerpt(source, where.range as Range, mark);
}

/** `holdline.yaml:4:15`, or the path in a structured value when there is no file. */
function formatWhere(where: Where | undefined): string {
  if (where === undefined) return '';
  if (where.file === undefined) return printable(where.path ?? '');
  const start = where.range?.start;
  return printable(start === undefined ? where.file : `${where.file}:${start.line}:${start.column}`);
}

function count(diagnostics: readonly Diagnostic[]): { errors: number; warnings: number; infos: number } {
  const of = (severity: Severity) => diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  return { errors: of('error'), warnings: of('warning'), infos: of('info') };
}
