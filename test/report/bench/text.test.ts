/** The summary of a load: what it says, and that 80 columns are enough whatever peers, scenarios and users write. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { phaseLines, searchLines, stormLines } from '../../../src/report/bench/parts.ts';
import { renderBench } from '../../../src/report/bench/text.ts';
import { hostileReport, madeReport, madeSearch } from '../../bench/run/made-report.ts';

const report = madeReport(600);
const [storm] = report.storms;

describe('the parts of a run', () => {
  test('phases, and the thresholds of each', () => {
    expect(phaseLines(report.phases)).toEqual([
      'phase          until   open   received  lost     p50      p99      max',
      'connect         1:00  5,000          0     0       –        –        –',
      'steady          6:00  5,000  5,000,000     0  402 µs  1.37 ms  76.4 ms',
      'storm           7:30  5,000    900,000     0  900 µs  3.06 ms   171 ms',
      'calm after it  10:00  5,000  2,000,000     0  405 µs  1.38 ms  77.0 ms',
      '',
      'in steady',
      'held    p99 < 50ms  (3.12 ms)',
      '',
      'in storm',
      'missed  lost = 0  (12,345)',
    ]);
    expect(phaseLines([])).toEqual([]);
  });

  test('a storm', () => {
    const curve = [1, 2, 3, 4].map((step) => ({
      atMs: step * 250,
      open: step * 2,
      attempts: 2,
      returned: 2,
      refused: 0,
    }));
    const small = {
      ...storm!,
      atMs: 6000,
      openBefore: 8,
      dropped: 8,
      returned: 8,
      attempts: 9,
      recoveredMs: 1000,
      curve,
    };
    const away = { ...storm!.away, p50: 480_000, p99: 970_000, max: 1_000_000 };
    expect(stormLines({ ...small, refused: { 'upgrade: status 503': 1 }, away }, 'storm')).toEqual([
      'storm        at 6 s, in storm: nginx -s reload (exit code 0)',
      '             clients come back after 100ms, doubled up to 5s, jitter 0.5',
      '             8 of 8 dropped  9 attempts  1 refused  8 back',
      '             refused: 1 × upgrade: status 503',
      '             recovered after 1.00 s',
      '             clients were away  p50 480 ms  p99 970 ms  max 1.00 s',
      `open         ${'▂'.repeat(29)}${'▄'.repeat(15)}${'▆'.repeat(15)}█`,
      `             0 s${'1.00 s'.padStart(57)}`,
    ]);
  });

  test('a storm of which nobody came back', () => {
    const none = { count: 0, min: null, mean: null, p50: null, p90: null, p99: null, p999: null, max: null };
    const backoff = { firstMs: 0, maxMs: 0, jitter: 0 };
    const lines = stormLines(
      { ...storm!, phase: null, command: null, backoff, recoveredMs: null, away: none, curve: [], refused: {} },
      'storm 2',
    );
    expect(lines).toEqual([
      'storm 2      at 6:00: all connections cut',
      '             clients come back at once',
      '             5,000 of 5,000 dropped  5,431 attempts  0 refused  5,000 back',
      '             not recovered when the load ended',
    ]);
  });

  test('a search', () => {
    expect(searchLines(madeSearch(9).search!)).toEqual([
      'search       3,000 connections are the most that held every threshold. The',
      '             generator ended the search: the target may carry more.',
      '',
      'connections          measured               generator',
      '      1,000  held    p99 < 50ms  (812 µs)',
      '      2,000  held    p99 < 50ms  (1.43 ms)',
      '      4,000  missed  p99 < 50ms  (71.2 ms)  a process of the load took 97 % of …',
      '      3,000  held    p99 < 50ms  (31.0 ms)',
    ]);
    expect(searchLines({ of: 'rate', best: null, limitedByGenerator: false, steps: [] })[0]).toBe(
      'search       Not even the least number of messages per second held every',
    );
  });
});

test('every line keeps to 80 columns and to itself, whatever others write', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const hostile = hostileReport(text);
      const lines = [
        ...phaseLines(hostile.phases),
        ...hostile.storms.flatMap((each) => stormLines(each, 'storm')),
        ...searchLines(hostile.search!),
        ...renderBench(hostile).split('\n'),
      ];
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(80);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
        expect(line).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
      }
    }),
  );
});
