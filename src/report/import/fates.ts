/** What became of each line of an imported configuration, for people. */
import { printable } from '../../base/printable.ts';
import type { Fate, FateKind } from '../../nginx/import/model.ts';
import { type Ink, paint, type TextPage } from '../paint.ts';
import { wrap } from '../wrap.ts';

const words: Readonly<Record<FateKind, readonly [text: string, ink: Ink]>> = {
  kept: ['kept', 'good'],
  'not-needed': ['not needed', 'faint'],
  lost: ['cannot be kept', 'warn'],
};

/** File by file, line by line, and the counts at the end. Empty without fates. */
export function fatesText(fates: readonly Fate[], page: TextPage): string {
  const lines: string[] = [];
  let file: string | undefined;
  for (const fate of fates) {
    if (fate.where.file !== file) {
      file = fate.where.file;
      lines.push(paint(page, 'bold', printable(file ?? '')));
    }
    const [word, ink] = words[fate.outcome];
    const number = String(fate.where.range?.start.line ?? '').padStart(5);
    lines.push(`${number}  ${printable(fate.line)}`);
    const [first = '', ...more] = wrap(printable(`${word}: ${fate.text}`), Math.max(40, page.width - 9));
    lines.push(`         ${paint(page, ink, first.slice(0, word.length))}${first.slice(word.length)}`);
    lines.push(...more.map((line) => `         ${line}`));
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n${countsText(fates)}\n`;
}

/** `31 lines kept, 12 not needed, 3 cannot be kept`. */
export function countsText(fates: readonly Fate[]): string {
  const count = (outcome: FateKind) => fates.filter((fate) => fate.outcome === outcome).length;
  const lost = count('lost');
  const end = lost === 0 ? 'nothing is lost' : `${lost} cannot be kept`;
  return `${count('kept')} lines kept, ${count('not-needed')} not needed, ${end}`;
}
