/** A few lines of a terminal that are drawn over themselves, with the cursor hidden meanwhile. */
import type { Output } from '../context.ts';

export interface Redrawn {
  /** Lines may hold colours, and must be narrower than the terminal. */
  draw(lines: readonly string[]): void;
  /** Writes lines that stay, above. */
  print(lines: readonly string[]): void;
  /** Takes the lines away and shows the cursor again. Idempotent. */
  close(): void;
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const eraseToEndOfLine = '\u001b[K';
const eraseLine = '\u001b[2K';
const eraseBelow = '\u001b[J';

/**
 * A terminal that becomes narrower may break lines that are there already, and then the first of them stay behind.
 * Going up further would take away what stood above on terminals that do not.
 */
export function openRedrawn(output: Output): Redrawn {
  let shown: readonly string[] = [];
  let open = false;
  // However the program ends, it must not leave a terminal without a cursor.
  const onExit = () => output.write(showCursor);
  // One write, and nothing is erased that is not written over at once: so nothing flickers.
  const write = (first: string, lines: readonly string[]) =>
    output.write(
      `${first}${up(shown.length)}${lines.map((line) => `${line}${eraseToEndOfLine}\n`).join('')}${eraseBelow}`,
    );
  return {
    draw(lines) {
      if (!open) process.once('exit', onExit);
      write(open ? '' : hideCursor, lines);
      open = true;
      shown = lines;
    },
    print(lines) {
      write('', [...lines, ...shown]);
    },
    close() {
      if (!open) return;
      // Line by line: some terminals keep what is erased in one go from their top, as if it had been scrolled away.
      const rows = shown.length;
      output.write(`${up(rows)}${`${eraseLine}\n`.repeat(rows)}${up(rows)}${showCursor}`);
      process.off('exit', onExit);
      open = false;
      shown = [];
    },
  };
}

function up(rows: number): string {
  return rows === 0 ? '\r' : `\r\u001b[${rows}A`;
}
