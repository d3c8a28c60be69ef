/** What a load tells while it runs: at every width, with and without colours, on a terminal and on a pipe. */
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BenchProgress } from '../../../src/bench/bench.ts';
import { readScenario } from '../../../src/bench/scenario/scenario.ts';
import { createTimeLeft, liveBench } from '../../../src/cli/terminal/bench-live.ts';
import { screenLines } from '../../../src/cli/terminal/bench-screen.ts';
import { openRedrawn } from '../../../src/cli/terminal/redrawn.ts';
import { largestValue, sparkline } from '../../../src/report/sparkline.ts';
import { madeReport } from '../../bench/run/made-report.ts';

const { series } = madeReport(60);
const scenario = readScenario({ url: 'ws://127.0.0.1:8080/echo', connections: 5000 }).value!;

function progress(change: Partial<BenchProgress> = {}): BenchProgress {
  return { phase: 'loading', part: null, row: series[50]!, opened: 5000, failed: 0, dropped: 0, ...change };
}

const state = { scenario, progress: progress(), rows: series.slice(0, 51), leftMs: 9000, stopping: false };

describe('the screen', () => {
  test('in 80 columns', () => {
    const row = { ...series[50]!, open: 5000, sent: 10_000, received: 9998, p50: 412, p99: 1400, max: 7800 };
    const rows = [1, 2, 4, 8].map((factor) => ({ ...row, p99: 1025 * factor, open: 5000 }));
    const shown = screenLines(
      { width: 79, colour: false },
      { ...state, rows, progress: progress({ row, dropped: 3 }) },
    );
    expect(shown).toEqual([
      'ws://127.0.0.1:8080/echo  echo, 5,000 connections',
      'loading  51 s, 9 s left',
      'open 5,000              failed 0                dropped 3',
      'sent 10,000/s           received 9,998/s',
      'p50 412 µs              p99 1.40 ms             max 7.80 ms',
      'p99 to 8.20 ms    ▁▂▄█',
      'open to 5,000     ████',
    ]);
  });

  test('of a run that sends nothing', () => {
    const shown = screenLines({ width: 79, colour: false }, { ...state, scenario: { ...scenario, mode: 'hold' } });
    expect(shown).toHaveLength(4);
    expect(shown.join()).not.toMatch(/p99|sent/);
  });

  test('keeps to every width, and says the same with colours as without', () => {
    const number = fc.integer({ min: 0, max: 2 ** 31 });
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 200 }),
        fc.record({
          open: number,
          sent: number,
          received: number,
          p50: fc.option(number),
          p99: fc.option(number),
          max: fc.option(number),
        }),
        fc.record({ failed: number, dropped: number }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.boolean(),
        (width, changes, counts, url, stopping) => {
          const row = { ...series[50]!, ...changes };
          const shown = {
            ...state,
            scenario: { ...scenario, url },
            progress: progress({ row, ...counts }),
            rows: [...series, row],
            stopping,
          };
          const plain = screenLines({ width, colour: false }, shown);
          for (const line of plain) expect(line.length).toBeLessThanOrEqual(width);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
          expect(plain.join('')).not.toMatch(/[\u0000-\u001f]/);
          expect(screenLines({ width, colour: true }, shown).map(stripVTControlCharacters)).toEqual(plain);
        },
      ),
    );
  });
});

describe('sparklines', () => {
  test.each([
    [[], 5, ''],
    [[0, 0], 5, '▁▁'],
    [[0, 1, 2, 4, 8], 5, '▁▁▂▄█'],
    [[1, null, 1], 5, '█ █'],
    [[9, 1, 2], 2, '▄█'],
    [[null, null], 2, '  '],
  ] as const)('%j in %d columns', (values, width, expected) => expect(sparkline(values, width)).toBe(expected));

  test('the largest of nothing is 0', () => expect(largestValue([null])).toBe(0));
});

/** A terminal that understands what is sent to it: its lines, and whether its cursor is seen. */
function terminal(columns = 80) {
  const lines = [''];
  let [y, x, cursor] = [0, 0, true];
  const put = (text: string) => {
    lines[y] = (lines[y] ?? '').slice(0, x).padEnd(x) + text + (lines[y] ?? '').slice(x + text.length);
    x += text.length;
  };
  const write = (text: string) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this reads.
    for (const [part] of text.matchAll(/\u001b\[\??\d*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) {
      if (part === '\r') x = 0;
      else if (part === '\n') [y, x] = [y + 1, 0];
      else if (part.endsWith('A') && part.startsWith('\u001b')) y = Math.max(0, y - Number(part.slice(2, -1)));
      else if (part === '\u001b[K') lines[y] = (lines[y] ?? '').slice(0, x);
      else if (part === '\u001b[2K') lines[y] = '';
      else if (part === '\u001b[J') lines.splice(y, lines.length, (lines[y] ?? '').slice(0, x));
      else if (part.startsWith('\u001b[?25')) cursor = part.endsWith('h');
      else if (!part.startsWith('\u001b')) put(part);
      lines[y] ??= '';
    }
  };
  return { output: { write, isTTY: true, columns }, text: () => lines.join('\n').trimEnd(), cursor: () => cursor };
}

describe('on a terminal', () => {
  test('lines are drawn over themselves, and taken away with nothing left', () => {
    const { output, text, cursor } = terminal();
    output.write('$ before\n');
    const redrawn = openRedrawn(output);
    redrawn.draw(['one', 'two and more', 'three']);
    expect([text(), cursor()]).toEqual(['$ before\none\ntwo and more\nthree', false]);
    redrawn.draw(['1', '2']);
    expect(text()).toBe('$ before\n1\n2');
    redrawn.close();
    redrawn.close();
    output.write('after');
    expect([text(), cursor()]).toEqual(['$ before\nafter', true]);
  });

  test('a run, from its first second to its end, and told to stop', () => {
    const { output, text, cursor } = terminal(40);
    const live = liveBench({ stderr: output, env: { TERM: 'xterm', NO_COLOR: '1' } }, scenario, { quiet: false });
    for (const row of series) live.onProgress(progress({ row }));
    expect(text()).toContain('loading  1:00, ');
    live.notice('the command failed:\n\u001b[2J');
    expect(text()).toMatch(/^the command failed:\n\\u001b\[2J\nws:/);
    live.stopping();
    expect(text()).toMatch(/loading {2}1:00\n[\s\S]*stopping; Ctrl-C again ends it at once$/);
    live.end();
    live.end();
    expect([text(), cursor()]).toEqual(['the command failed:\n\\u001b[2J', true]);
  });

  test.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ])('with %j in the environment, there are colours: %s', (env, colours) => {
    let written = '';
    const output = { write: (text: string) => (written += text), isTTY: true, columns: 80 };
    const live = liveBench({ stderr: output, env }, scenario, { quiet: false });
    live.onProgress(progress());
    live.end();
    expect(written.includes('\u001b[2m')).toBe(colours);
  });
});

describe('elsewhere', () => {
  test.each([
    [{ isTTY: false }, {}, false, 6],
    [{ isTTY: true }, { TERM: 'dumb' }, false, 6],
    [{ isTTY: false }, {}, true, 0],
    [{ isTTY: true }, {}, true, 0],
  ])('%j %j, quiet: %s: %d lines a minute', (output, env, quiet, expected) => {
    let written = '';
    const live = liveBench({ stderr: { ...output, write: (text) => (written += text) }, env }, scenario, { quiet });
    for (const row of series) live.onProgress(progress({ row }));
    live.stopping();
    live.end();
    const lines = written.split('\n').slice(0, -1);
    expect(lines).toHaveLength(expected);
    for (const line of lines) expect(line).toMatch(/^\d+s|1m {2}loading {2}[\d,]+ open/);
  });
});

test('the time left', () => {
  const plan = { connections: 1000, connectsPerSecond: 100, durationMs: 20_000 };
  const at = (atMs: number, open = 1000) => ({ ...series[0]!, atMs, open });
  const left = createTimeLeft([plan]);
  expect(left(progress({ phase: 'connecting', row: at(4000, 400) }))).toBe(26_000);
  expect(left(progress({ row: at(11_000) }))).toBe(19_500);
  expect(left(progress({ row: at(21_000) }))).toBe(9500);
  expect(left(progress({ row: at(40_000) }))).toBe(0);
  expect(left(progress({ phase: 'waiting' }))).toBeNull();

  const second = (change: Partial<BenchProgress>) => progress({ part: { name: 'more', index: 1 }, ...change });
  const ofTwo = createTimeLeft([plan, { connections: 1500, connectsPerSecond: 100, durationMs: 7000 }]);
  expect(ofTwo(progress({ part: { name: 'first', index: 0 }, row: at(11_000) }))).toBe(31_500);
  expect(ofTwo(second({ phase: 'connecting', row: at(40_000, 1300) }))).toBe(9000);
  expect(ofTwo(second({ row: at(50_000, 1500) }))).toBe(6500);
  expect(ofTwo(second({ phase: 'closing' }))).toBeNull();
});
