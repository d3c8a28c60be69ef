/** Two probes side by side: what differs first, then the rest by name, then why one of them failed. */

import { printable } from '../../base/printable.ts';
import type { Comparison, ComparisonRow } from '../../probe/over-time/compare.ts';
import { broken, heading, labelled, paint, type TextPage } from '../paint.ts';
import { failureLines } from './text.ts';

export function comparisonLines(page: TextPage, { one, other, rows }: Comparison): string[] {
  const differing = rows.filter((each) => each.differs);
  const same = rows.filter((each) => !each.differs);
  const lines = [...labelled(page, 'one', one.url, 0), ...labelled(page, 'other', other.url, 0)];
  lines.push(heading(page, differing.length === 0 ? 'Nothing differs' : 'What differs'));
  if (differing.length > 0 && !isNarrow(page)) lines.push(columns(page, '', 'one', 'other')[0]!);
  for (const each of differing) lines.push(...rowLines(page, each));
  if (same.length > 0) {
    lines.push(heading(page, 'The same'));
    for (const each of same) lines.push(...rowLines(page, each));
  }
  for (const { url, failure } of [one, other])
    if (failure !== null)
      lines.push(heading(page, `Why ${printable(url)} fails`), ...failureLines(page, failure).slice(1));
  return lines;
}

/** Two columns; on a narrow terminal, two paragraphs. */
function rowLines(page: TextPage, { what, one, other, differs }: ComparisonRow): string[] {
  if (one === other && isNarrow(page))
    return [what, ...broken(printable(one), page.width - 2).map((line) => `  ${line}`)];
  if (one === other) return labelledRow(page, what, one);
  if (isNarrow(page)) {
    const name = differs ? paint(page, 'warn', what) : what;
    return [name, ...labelled(page, 'one', one), ...labelled(page, 'other', other)];
  }
  return columns(page, what, one, other, differs);
}

const nameWidth = 23;

/** Two columns below this are too narrow to read. */
function isNarrow(page: TextPage): boolean {
  return page.width < 60;
}

function columns(page: TextPage, what: string, one: string, other: string, differs = false): string[] {
  const name = differs ? paint(page, 'warn', what) : what;
  const width = Math.floor((page.width - nameWidth - 4) / 2);
  const [left, right] = [broken(printable(one), width), broken(printable(other), width)];
  return Array.from({ length: Math.max(left.length, right.length, 1) }, (_, i) => {
    const start = i === 0 ? `${name}${' '.repeat(Math.max(0, nameWidth - what.length))}` : ' '.repeat(nameWidth);
    return `${start}  ${(left[i] ?? '').padEnd(width)}  ${right[i] ?? ''}`.trimEnd();
  });
}

function labelledRow(page: TextPage, what: string, text: string): string[] {
  const lines = broken(printable(text), page.width - nameWidth - 2);
  return lines.map((line, i) => `${(i === 0 ? what : '').padEnd(nameWidth)}  ${line}`);
}
