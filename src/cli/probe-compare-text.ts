/** Two probes side by side: what differs first, and the rest by name. */
import type { Comparison, ComparisonRow } from '../probe/compare.ts';
import { printable } from './printable.ts';
import { broken, heading, labelled, type Page, paint } from './probe-paint.ts';

export function comparisonLines(page: Page, { one, other, rows }: Comparison): string[] {
  const differing = rows.filter((each) => each.differs);
  const same = rows.filter((each) => !each.differs);
  const lines = [...labelled(page, 'one', one.url, 0), ...labelled(page, 'other', other.url, 0)];
  lines.push(heading(page, differing.length === 0 ? 'Nothing differs' : 'What differs'));
  for (const each of differing) lines.push(...rowLines(page, each));
  if (same.length > 0) {
    lines.push(heading(page, 'The same'));
    for (const each of same) lines.push(...rowLines(page, each));
  }
  return lines;
}

/** Two columns; on a narrow terminal, two paragraphs. */
function rowLines(page: Page, { what, one, other, differs }: ComparisonRow): string[] {
  const name = differs ? paint(page, 'warn', what) : what;
  if (!differs && one === other) return labelledRow(page, what, one);
  if (page.width < 60) return [name, ...labelled(page, 'one', one), ...labelled(page, 'other', other)];
  const width = Math.floor((page.width - nameWidth - 4) / 2);
  const [left, right] = [broken(printable(one), width), broken(printable(other), width)];
  return Array.from({ length: Math.max(left.length, right.length, 1) }, (_, i) => {
    const start = i === 0 ? `${name}${' '.repeat(Math.max(0, nameWidth - what.length))}` : ' '.repeat(nameWidth);
    return `${start}  ${(left[i] ?? '').padEnd(width)}  ${right[i] ?? ''}`.trimEnd();
  });
}

const nameWidth = 23;

function labelledRow(page: Page, what: string, text: string): string[] {
  const lines = broken(printable(text), page.width - nameWidth - 2);
  return lines.map((line, i) => `${(i === 0 ? what : '').padEnd(nameWidth)}  ${line}`);
}
