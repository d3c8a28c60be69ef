/** Longest line of a server's output that goes into the log; a longer one is cut and goes on as the next line. */
export const outputLineMax = 4096;

/** Cuts a stream of text into lines, holding back the unfinished one, never more than `outputLineMax` of it. */
export function lineSplitter(onLine: (line: string) => void): { write(text: string): void; end(): void } {
  let rest = '';
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) emit(line.endsWith('\r') ? line.slice(0, -1) : line);
      while (rest.length > outputLineMax) {
        onLine(rest.slice(0, outputLineMax));
        rest = rest.slice(outputLineMax);
      }
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };

  function emit(line: string): void {
    for (let start = 0; start === 0 || start < line.length; start += outputLineMax) {
      onLine(line.slice(start, start + outputLineMax));
    }
  }
}
