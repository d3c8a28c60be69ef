import { printable } from '../base/printable.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Shrinks, down to its title, when the table is too wide; the others are always shown whole. */
  readonly shrinks: boolean;
  readonly cell: (row: Row) => string;
}

const gap = '  ';

/** Rows under their titles, at most `width` columns wide as long as the titles and whole cells fit. */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): string[] {
  // A row may come from an edge of an older version, which knew less.
  const cells = rows.map((row) => columns.map((column) => printable((column.cell(row) as string | undefined) ?? '')));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => line[index]!.length)),
  );
  shrink(widths, columns, width);
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => sized(text, widths[index]!, columns[index]!.align))
      .join(gap)
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...cells.map(line)];
}

/** Takes from the widest column that may give, one character at a time. */
function shrink(widths: number[], columns: readonly Column<never>[], width: number): void {
  const total = () => widths.reduce((sum, each) => sum + each, gap.length * (widths.length - 1));
  while (total() > width) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const gives = column.shrinks && widths[index]! > column.title.length;
      if (gives && (widest === -1 || widths[index]! > widths[widest]!)) widest = index;
    }
    if (widest === -1) return;
    widths[widest]! -= 1;
  }
}

function sized(text: string, width: number, align: 'left' | 'right'): string {
  const shown = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return align === 'left' ? shown.padEnd(width) : shown.padStart(width);
}
