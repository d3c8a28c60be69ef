/** A terminal taken over as a whole and given back as it was: the alternate screen, without a cursor. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  draw(lines: readonly string[]): void;
  /** Idempotent. */
  close(): void;
}

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';

export interface ScreenOptions {
  readonly output: NodeJS.WriteStream;
  readonly input: NodeJS.ReadStream;
  /** What the terminal sent at once: one key or several. */
  readonly onKeys: (chunk: string) => void;
  readonly onResize: () => void;
}

export function openScreen({ output, input, onKeys, onResize }: ScreenOptions): Screen {
  let open = true;
  let shown: readonly string[] = [];
  const onData = (chunk: Buffer | string) => onKeys(String(chunk));
  const resized = () => {
    shown = [];
    onResize();
  };
  // However the program ends, the terminal is left as it was.
  const close = () => {
    if (!open) return;
    open = false;
    input.setRawMode(false);
    input.pause();
    input.off('data', onData);
    output.off('resize', resized);
    output.write(leave);
    process.off('exit', close);
  };
  output.write(enter);
  input.setRawMode(true);
  input.resume();
  input.on('data', onData);
  output.on('resize', resized);
  process.once('exit', close);
  return {
    get width() {
      return output.columns ?? 80;
    },
    get height() {
      return output.rows ?? 24;
    },
    draw(lines) {
      if (!open) return;
      // Only the lines that changed, each written over as a whole: nothing flickers, and a slow line carries little.
      const changed = lines.flatMap((line, at) =>
        line === shown[at] ? [] : `\u001b[${at + 1};1H${line}\u001b[0m\u001b[K`,
      );
      if (changed.length > 0) output.write(changed.join(''));
      shown = lines;
    },
    close,
  };
}
