/** Unified differences between two texts, as patch(1) and people read them. */

/** Lines around a change. */
const contextLines = 3;
/**
 * Changed lines up to which the shortest difference is looked for; beyond, everything between first and last change is
 * one.
 */
const changesMax = 500;

/** Empty when the texts are the same. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const steps = stepsBetween(linesOf(before), linesOf(after));
  const hunks = hunksOf(steps);
  return [`--- ${file}`, `+++ ${file}`, ...hunks.flatMap(hunkLines)].map((line) => `${line}\n`).join('');
}

interface Step {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
  /** Lines before this one, in the old and in the new text. */
  readonly oldIndex: number;
  readonly newIndex: number;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') return lines.slice(0, -1);
  return [...lines.slice(0, -1), `${lines.at(-1)}\n\\ No newline at end of file`];
}

/** Myers' greedy algorithm on what is between the common start and the common end. */
function stepsBetween(a: readonly string[], b: readonly string[]): Step[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middle = shortest(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const marks = [...' '.repeat(start), ...middle, ...' '.repeat(end)] as Step['mark'][];
  let oldIndex = 0;
  let newIndex = 0;
  return marks.map((mark) => {
    const step = { mark, text: mark === '+' ? b[newIndex]! : a[oldIndex]!, oldIndex, newIndex };
    if (mark !== '+') oldIndex++;
    if (mark !== '-') newIndex++;
    return step;
  });
}

function shortest(a: readonly string[], b: readonly string[]): Step['mark'][] {
  const reach = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let changes = 0; changes <= Math.min(a.length + b.length, changesMax); changes++) {
    trace.push(new Map(reach));
    for (let k = -changes; k <= changes; k += 2) {
      const down = k === -changes || (k !== changes && reach.get(k - 1)! < reach.get(k + 1)!);
      let x = down ? reach.get(k + 1)! : reach.get(k - 1)! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return marksBack(trace, a.length, b.length);
    }
  }
  return [...a.map(() => '-' as const), ...b.map(() => '+' as const)];
}

function marksBack(trace: readonly Map<number, number>[], aLength: number, bLength: number): Step['mark'][] {
  const marks: Step['mark'][] = [];
  let x = aLength;
  let y = bLength;
  for (let changes = trace.length - 1; changes > 0; changes--) {
    const reach = trace[changes]!;
    const k = x - y;
    const down = k === -changes || (k !== changes && reach.get(k - 1)! < reach.get(k + 1)!);
    const before = down ? k + 1 : k - 1;
    const beforeX = reach.get(before)!;
    const startX = down ? beforeX : beforeX + 1;
    for (; x > startX; x--, y--) marks.push(' ');
    marks.push(down ? '+' : '-');
    x = beforeX;
    y = beforeX - before;
  }
  for (; x > 0; x--) marks.push(' ');
  return marks.reverse();
}

/** Changes whose surroundings touch share a hunk. */
function hunksOf(steps: readonly Step[]): Step[][] {
  const ranges: { start: number; end: number }[] = [];
  steps.forEach(({ mark }, index) => {
    if (mark === ' ') return;
    const start = Math.max(0, index - contextLines);
    const end = Math.min(steps.length, index + 1 + contextLines);
    const last = ranges.at(-1);
    if (last !== undefined && start <= last.end) last.end = end;
    else ranges.push({ start, end });
  });
  return ranges.map(({ start, end }) => steps.slice(start, end));
}

function hunkLines(hunk: readonly Step[]): string[] {
  const { oldIndex, newIndex } = hunk[0]!;
  const oldCount = hunk.filter(({ mark }) => mark !== '+').length;
  const newCount = hunk.filter(({ mark }) => mark !== '-').length;
  const range = (index: number, count: number) => (count === 0 ? `${index},0` : `${index + 1},${count}`);
  const head = `@@ -${range(oldIndex, oldCount)} +${range(newIndex, newCount)} @@`;
  return [head, ...hunk.map(({ mark, text }) => `${mark}${text}`)];
}
