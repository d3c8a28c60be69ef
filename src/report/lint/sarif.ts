/** SARIF 2.1.0 (OASIS): what code scanning services and editors read. Fixes and suppressions are in it. */

import type { Edit, Range, Severity } from '../../base/diagnostic.ts';
import type { LintDiagnostic } from '../../nginx/lint/lint.ts';
import { rules } from '../../nginx/lint/rules.ts';
import type { LintOutput } from './output.ts';
import { relativePath } from './paths.ts';

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/**
 * Rules whose fault lets strangers in; services show them as security findings. The number is GitHub's scale of 0 to
 * 10.
 */
const securityRules: Readonly<Record<string, string>> = {
  'ws017-connection-passthrough': '4.0',
  'ws022-origin-rewritten': '7.0',
  'ws023-no-origin-check': '5.0',
  'ws037-upgrade-any-protocol': '6.5',
  'ws043-origin-regex-loose': '7.5',
};

export function lintSarif(output: LintOutput): string {
  const { diagnostics, suppressed, sources } = output;
  const codes = [...new Set([...diagnostics, ...suppressed.map((one) => one.diagnostic)].map(({ code }) => code))];
  const places: Places = {
    directory: output.directory,
    lineStarts: new Map([...sources].map(([file, text]) => [file, lineStartsOf(text)])),
  };
  const result = (diagnostic: LintDiagnostic) => resultOf(diagnostic, codes.indexOf(diagnostic.code), places);
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Holdline',
            semanticVersion: output.version,
            informationUri: 'https://www.npmjs.com/package/holdline',
            rules: codes.map(ruleOf),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: true }],
        results: [
          ...diagnostics.map(result),
          ...suppressed.map(({ diagnostic, reason }) => ({
            ...result(diagnostic),
            suppressions: [{ kind: 'inSource', justification: reason }],
          })),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** What says where a file's lines begin, and how the file is named. */
interface Places {
  readonly directory: string;
  readonly lineStarts: ReadonlyMap<string, readonly number[]>;
}

function ruleOf(code: string): object {
  const rule = rules.find(({ id }) => id === code);
  if (rule === undefined) return { id: code };
  const security = securityRules[code];
  return {
    id: code,
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.why },
    help: { text: `${rule.help}\n\nEvidence: ${rule.evidence}` },
    defaultConfiguration: { level: levels[rule.severity] },
    ...(security !== undefined && { properties: { tags: ['security'], 'security-severity': security } }),
  };
}

function resultOf(diagnostic: LintDiagnostic, ruleIndex: number, places: Places): object {
  const { code, severity, message, where, help, fix, related } = diagnostic;
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: help === undefined ? message : `${message}. ${sentence(help)}` },
    ...(where?.file !== undefined && { locations: [location(where.file, where.range, places)] }),
    ...(related !== undefined && {
      relatedLocations: related
        .filter(({ where: at }) => at.file !== undefined)
        .map(({ where: at, message: text }) => ({ ...location(at.file!, at.range, places), message: { text } })),
    }),
    ...(fix !== undefined && {
      fixes: [{ description: { text: fix.title }, artifactChanges: changes(fix.edits, places) }],
    }),
  };
}

function location(file: string, range: Range | undefined, places: Places): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file, places.directory) },
      ...(range !== undefined && {
        region: {
          startLine: range.start.line,
          startColumn: range.start.column,
          endLine: range.end.line,
          endColumn: range.end.column,
        },
      }),
    },
  };
}

function changes(edits: readonly Edit[], places: Places): object[] {
  const files = [...new Set(edits.map(({ file }) => file))];
  return files.map((file) => ({
    artifactLocation: { uri: uriOf(file, places.directory) },
    replacements: edits
      .filter((edit) => edit.file === file)
      .map(({ start, end, text }) => {
        const from = place(places.lineStarts.get(file), start);
        const to = place(places.lineStarts.get(file), end);
        return {
          deletedRegion: { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column },
          insertedContent: { text },
        };
      }),
  }));
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function place(starts: readonly number[] = [0], offset: number): { line: number; column: number } {
  const line = starts.findLastIndex((start) => start <= offset);
  return { line: line + 1, column: offset - starts[line]! + 1 };
}

/** Relative for what is below the working directory, so that services find it in the checkout; otherwise absolute. */
function uriOf(file: string, directory: string): string {
  const relative = relativePath(file, directory);
  const encoded = relative.split('/').map(encodeURIComponent).join('/');
  return relative.startsWith('/') ? `file://${encoded}` : encoded;
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
