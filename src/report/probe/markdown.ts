/** A probe as Markdown, for a ticket. */

import { printable } from '../../base/printable.ts';
import type { Comparison } from '../../probe/over-time/compare.ts';
import type { Failure, ProbeReport, ProbeVerdict } from '../../probe/report.ts';
import { timeText } from '../paint.ts';

const words: Readonly<Record<ProbeVerdict, string>> = { pass: 'ok', warn: '**warn**', fail: '**FAIL**', skip: 'skip' };

export function probeMarkdown(report: ProbeReport): string {
  const { failure, conformance, idle } = report;
  const parts = [
    `# Probe of ${cell(report.url)}`,
    `${report.startedAt}: **${report.outcome}**, in ${timeText(report.tookMs)}.`,
  ];
  if (failure !== null) parts.push('## Cause', ...failureParts(failure));
  parts.push(
    `## Walk\n\n${table(
      ['step', '', 'what', 'time'],
      report.walk.map((step) => [step.id, words[step.verdict], step.detail, timeText(step.tookMs)]),
    )}`,
  );
  if (report.checks.length > 0)
    parts.push(
      `## Checks\n\n${table(
        ['check', '', 'found', 'do'],
        report.checks.map((check) => [`\`${check.id}\``, words[check.verdict], check.finding, check.remedy ?? '']),
      )}`,
    );
  if (conformance !== null) {
    parts.push(
      conformance.skipped ??
        `## Conformance\n\n${table(
          ['section', 'cases', 'pass', 'not strict', 'fail'],
          conformance.sections.map((each) =>
            [each.title, each.cases, each.pass, each.nonStrict, each.fail].map(String),
          ),
        )}`,
    );
    parts.push(...conformance.notes.map((note) => `${sentence(cell(note))}.`));
    const wrong = conformance.cases.filter((each) => each.verdict !== 'pass');
    if (wrong.length > 0)
      parts.push(
        table(
          ['case', '', 'expected', 'got', 'RFC'],
          wrong.map((each) => [
            `${each.id} ${each.name}`,
            each.verdict === 'fail' ? words.fail : 'not strict',
            each.expected,
            each.got,
            each.rfc,
          ]),
        ),
      );
  }
  if (idle !== null) {
    const guess = idle.guess === null ? '' : ` Probably ${cell(idle.guess.hop)}: ${cell(idle.guess.reason)}.`;
    parts.push(
      `## Idle timeout\n\n${sentence(cell(idle.finding))}.${guess}${idle.remedy === null ? '' : ` **Do:** ${cell(idle.remedy)}.`}`,
    );
  }
  return `${parts.join('\n\n')}\n`;
}

export function comparisonMarkdown({ one, other, rows }: Comparison): string {
  const lines = rows.map((each) => [each.differs ? `**${each.what}**` : each.what, each.one, each.other]);
  const parts = [
    `# ${cell(one.url)} and ${cell(other.url)}`,
    'What differs comes first, in bold.',
    table(['', one.url, other.url], lines),
  ];
  for (const { url, failure } of [one, other])
    if (failure !== null) parts.push(`## Why ${cell(url)} fails`, ...failureParts(failure));
  return `${parts.join('\n\n')}\n`;
}

function failureParts({ what, cause, certainty, code, evidence, remedy, recipes }: Failure): string[] {
  return [
    `${sentence(cell(what))}. ${sentence(cell(cause))} (${certainty}; \`${code}\`)`,
    ...(evidence.length === 0 ? [] : [evidence.map((each) => `- ${cell(each)}`).join('\n')]),
    `**Do:** ${cell(remedy)}`,
    ...recipes.map(({ software, lines }) => `${software}:\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``),
  ];
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

/** One line, without what would end the cell or begin HTML. */
function cell(text: string): string {
  return printable(text).replace(/\|/g, '\\|').replace(/</g, '&lt;');
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
