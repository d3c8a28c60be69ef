import type { Output } from '../context.ts';

/** Lines that stay and, on a terminal, one below them that is written over. */
export interface Terminal {
  print(line: string): void;
  /** Replaces the live line; without a terminal there is none and this does nothing. */
  status(line: string): void;
  /** Leaves the live line as it is and goes below it. */
  end(): void;
  /** Takes the live line away. */
  wipe(): void;
  readonly live: boolean;
}

export function openTerminal(output: Output): Terminal {
  const live = output.isTTY === true;
  let shown = '';
  const clear = () => (shown === '' ? '' : '\r\u001b[K');
  return {
    live,
    print(line) {
      output.write(`${clear()}${line}\n${shown}`);
    },
    status(line) {
      if (!live) return;
      // A line that wraps could not be written over.
      const fitting = line.slice(0, Math.max(10, (output.columns ?? 80) - 1));
      if (fitting !== shown) output.write(`${clear()}${fitting}`);
      shown = fitting;
    },
    wipe() {
      if (shown !== '') output.write(clear());
      shown = '';
    },
    end() {
      if (shown !== '') output.write('\n');
      shown = '';
    },
  };
}
