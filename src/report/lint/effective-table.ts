import { wrap } from '../wrap.ts';

/** Three columns: what, its value, where from. */
export interface Row {
  readonly name: string;
  readonly value: string;
  readonly from: string;
  /** Defaults are said quietly. */
  readonly quiet?: boolean;
}

/** Sets rows in columns; what does not fit beside its name or value goes to a line of its own. */
export function columns(rows: readonly Row[], width: number): { text: string; quiet: boolean }[] {
  const nameWidth = Math.min(24, Math.max(0, ...rows.map(({ name }) => name.length)));
  const fromWidth = Math.min(Math.floor(width / 2), Math.max(0, ...rows.map(({ from }) => from.length)));
  const valueWidth = Math.max(12, width - nameWidth - fromWidth - 4);
  return rows.flatMap(({ name, value, from, quiet = false }) => {
    const parts = broken(value, valueWidth);
    const pieces = parts.map((part, index) => {
      const head = (index === 0 ? name : '').padEnd(nameWidth);
      return index === 0 ? `${head}  ${part.padEnd(valueWidth)}  ${from}` : `${head}  ${part}`;
    });
    return pieces.map((text) => ({ text: text.trimEnd(), quiet }));
  });
}

/** At spaces where there are some, else hard, so that no value makes a line longer than the terminal. */
function broken(value: string, width: number): string[] {
  const lines = wrap(value, width).flatMap((line) => line.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []);
  return lines.length === 0 ? [''] : lines;
}
