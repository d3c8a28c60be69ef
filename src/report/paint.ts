/** Colours, marks and wrapped columns: what the texts of a probe are made of. */

import { printable } from '../base/printable.ts';
import type { ProbeVerdict } from '../probe/report.ts';
import { wrap } from './wrap.ts';

export interface TextPage {
  /** Columns that may be used. */
  readonly width: number;
  readonly colour: boolean;
}

export type Ink = 'good' | 'warn' | 'bad' | 'faint' | 'bold';

const inks: Readonly<Record<Ink, string>> = { good: '32', warn: '33', bad: '31', faint: '2', bold: '1' };

export function paint(page: TextPage, ink: Ink, text: string): string {
  return page.colour && text !== '' ? `\u001b[${inks[ink]}m${text}\u001b[0m` : text;
}

/** Words and no signs: they are read aloud, searched for, and shown by every terminal. */
const marks: Readonly<Record<ProbeVerdict, readonly [string, Ink]>> = {
  pass: ['ok', 'good'],
  warn: ['warn', 'warn'],
  fail: ['FAIL', 'bad'],
  skip: ['skip', 'faint'],
};

export function mark(page: TextPage, verdict: ProbeVerdict): string {
  const [word, ink] = marks[verdict];
  return paint(page, ink, word.padEnd(4));
}

/** Below this, a label gets a line of its own and the text stands under it. */
const narrowWidth = 60;

/**
 * `ok    label        text that is wrapped within its column           0.4 ms`; on a narrow terminal, the text below.
 * What a peer said in `text` cannot act on the terminal.
 */
export function row(
  page: TextPage,
  cells: { readonly verdict: ProbeVerdict; readonly label: string; readonly text: string; readonly time?: string },
  labelWidth: number,
): string[] {
  const { verdict, label, time = '' } = cells;
  const text = printable(cells.text);
  if (page.width < narrowWidth) {
    const head = `${mark(page, verdict)}  ${label}${time === '' ? '' : `  ${paint(page, 'faint', time)}`}`;
    return [head, ...broken(text, page.width - 6).map((line) => `      ${line}`)];
  }
  const textAt = 6 + labelWidth + 2;
  const timeWidth = time === '' ? 0 : 11;
  const lines = broken(text, page.width - textAt - timeWidth);
  return (lines.length === 0 ? [''] : lines).map((line, i) => {
    if (i > 0) return `${' '.repeat(textAt)}${line}`;
    const start = `${mark(page, verdict)}  ${label.padEnd(labelWidth)}  `;
    if (time === '') return `${start}${line}`.trimEnd();
    return `${start}${line.padEnd(page.width - textAt - timeWidth)}${paint(page, 'faint', time.padStart(timeWidth))}`;
  });
}

/** `do      a sentence, wrapped`, with the label in a column of its own. */
export function labelled(page: TextPage, label: string, text: string, indent = 2): string[] {
  const width = 9;
  const lines = broken(printable(text), page.width - indent - width);
  return lines.map(
    (line, i) =>
      `${' '.repeat(indent)}${i === 0 ? paint(page, 'bold', label.padEnd(width)) : ' '.repeat(width)}${line}`,
  );
}

/** Wrapped at spaces; a word that is longer than the line is cut, so that nothing runs over the edge. */
export function broken(text: string, width: number): string[] {
  const columns = Math.max(10, width);
  return wrap(text, columns).flatMap((line) => {
    const parts: string[] = [];
    for (let rest = line; rest !== ''; rest = rest.slice(columns)) parts.push(rest.slice(0, columns));
    return parts;
  });
}

export function heading(page: TextPage, text: string): string {
  return `\n${paint(page, 'bold', text)}`;
}

export function timeText(ms: number | null): string {
  if (ms === null) return '';
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
