/** The lines that the summary of a load is made of, at 80 columns. */

import { printable } from '../../base/printable.ts';
import { countText } from '../../base/quantity.ts';
import { measuredText } from '../../bench/page/verdict-text.ts';
import type { ThresholdVerdict } from '../../bench/scenario/thresholds.ts';

export const summaryColumns = 80;
const titleWidth = 13;

/** `messages     1,147 due  1,147 sent`; without a title it goes on with the line above. */
export function field(title: string, parts: readonly string[]): string {
  return cut(`${title.padEnd(titleWidth)}${parts.join('  ')}`);
}

/** One line for each reason, the commonest first. */
export function reasons(title: string, counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .sort((one, other) => other[1] - one[1])
    .map(([reason, number]) => field('', [`${title}: ${countText(number)} × ${printable(reason)}`]));
}

/** `missed  p99 < 50ms  (106 ms)`. */
export function verdictLine(verdict: ThresholdVerdict): string {
  return cut(`${verdict.held ? 'held  ' : 'missed'}  ${verdictText(verdict)}`);
}

export function verdictText(verdict: ThresholdVerdict): string {
  return `${printable(verdict.text)}  (${measuredText(verdict)})`;
}

function cut(line: string): string {
  return line.length > summaryColumns ? `${line.slice(0, summaryColumns - 1)}…` : line;
}
