import { countOf, type LintOutput } from './output.ts';

/**
 * For programs; schema/lint-report.schema.json describes it. `version` changes when a field changes its meaning or goes
 * away.
 */
export function lintJson(output: LintOutput): string {
  const { target, roots, diagnostics, suppressed, fixes } = output;
  const report = {
    $schema: 'https://unpkg.com/holdline/schema/lint-report.schema.json',
    version: 1,
    tool: { name: 'holdline', version: output.version },
    target,
    roots,
    ...countOf(diagnostics),
    diagnostics,
    suppressed,
    knownBefore: output.knownBefore,
    fixes,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
