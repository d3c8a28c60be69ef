/** What the rounds of `npm run bench:edge` say, and how the page tells it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chart } from '../../benchmarks/edge/chart.mjs';
import { readFlags } from '../../benchmarks/edge/flags.mjs';
import { message } from '../../benchmarks/edge/frames.mjs';
import { LatencyTable } from '../../benchmarks/edge/latency.mjs';
import { linesOf, measuredPart, withMeasured } from '../../benchmarks/edge/page.mjs';
import { median, ratio, summarize } from '../../benchmarks/edge/statistics.mjs';
import { figure, table } from '../../benchmarks/edge/table.mjs';

const rounds = (...values: number[]) => values.map((value, index) => ({ round: index + 1, value }));

/** Three rounds on a machine that was twice as busy in the second: the ratios do not show it. */
const results = {
  '64x1': { nginx: rounds(10, 20, 10), httpxy: rounds(20, 40, 22), holdline: rounds(12, 26, 11) },
  idle: { nginx: rounds(18, 18, 18), holdline: rounds(9, 9, 9) },
  slow: { nginx: rounds(0, 0, 0.01), holdline: rounds(5, 5, 5) },
};
const report = {
  startedAt: '2026-01-02T03:04:05.000Z',
  seconds: 540,
  rounds: 3,
  measureMs: 700,
  machine: {
    processor: 'A processor',
    cores: 2,
    memoryBytes: 8 * 2 ** 30,
    system: 'Debian',
    kernel: '6.1',
    node: '20.19.0',
    loadBefore: 0.1,
    loadAfter: 2,
  },
  versions: { nginx: '1.22.1', httpxy: '0.5.6', holdline: '0.1.0' },
  results,
};

describe('the figures', () => {
  test.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])('the median of %j is %d', (values, expected) => expect(median(values)).toBe(expected));

  test('a ratio is taken within each round, whatever the machine did in it', () => {
    expect(ratio(results['64x1'].holdline, results['64x1'].nginx)).toEqual({
      median: 1.2,
      min: 1.1,
      max: 1.3,
      ratios: [1.2, 1.3, 1.1],
    });
  });

  test('a round that has only one of the two does not count, and no such round is no ratio', () => {
    expect(ratio([{ round: 2, value: 6 }, ...rounds(1)], [{ round: 2, value: 3 }])).toEqual({
      median: 2,
      min: 2,
      max: 2,
      ratios: [2],
    });
    expect(ratio(rounds(1), [])).toBeNull();
    expect(ratio(rounds(1), rounds(0))).toBeNull();
  });

  test('the spread holds the median, in any rounds', () => {
    const values = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(values, values, (one, other) => {
        const found = ratio(rounds(...one), rounds(...other));
        expect(found?.min).toBeLessThanOrEqual(found?.median ?? Number.NaN);
        expect(found?.max).toBeGreaterThanOrEqual(found?.median ?? Number.NaN);
      }),
    );
  });

  test('a target is met at its mark and missed above it; who is closest on Node is named', () => {
    const [first, idle, slow] = linesOf(report);
    expect(first?.entries.map(({ met }) => met)).toEqual([null, null, true]);
    expect(first?.nodePeers.map(({ peer, ratio }) => [peer.id, ratio?.median])).toEqual([['httpxy', 0.6]]);
    expect(idle?.entries.at(-1)).toMatchObject({ target: 0.12, met: false, ratio: { median: 0.5 } });
    expect(slow?.entries.map(({ ratio }) => ratio)).toEqual([null, null]);
  });

  test('at depth 1 a proxy that waited for its clients is named beside its figure', () => {
    const busy = (share: number) => rounds(10, 10, 10).map((each) => ({ ...each, proxyBusy: share }));
    const waits = { ...report, results: { '64x1': { nginx: busy(0.84), httpxy: busy(0.5), holdline: busy(0.97) } } };
    expect(linesOf(waits)[0]?.waited.map(({ peer, busyShare }) => [peer.id, busyShare])).toEqual([['nginx', 0.84]]);
    expect(table(linesOf(waits))).toContain('This counts for little: nginx had a core busy for 84 % only');
    expect(measuredPart(waits)).toContain('| met, nginx 84 % busy |');
  });

  test('latencies come back within a hundredth', () => {
    const latencies = new LatencyTable();
    for (let ms = 1; ms <= 1000; ms++) latencies.add(ms);
    expect(Math.abs(latencies.quantile(0.5) / 500 - 1)).toBeLessThan(0.01);
    expect(Math.abs(latencies.quantile(0.99) / 990 - 1)).toBeLessThan(0.01);
    latencies.clear();
    expect(latencies.quantile(0.5)).toBeNaN();
  });
});

describe('the messages', () => {
  test.each([0, 125, 126, 65_535, 65_536])('%d bytes are one whole frame in either direction', (bytes) => {
    const [server, client] = [message(bytes, { masked: false }), message(bytes, { masked: true })];
    expect(client.length).toBe(server.length + 4);
    expect(server.length - bytes).toBe(bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10);
    expect([server[0], client[0]]).toEqual([0x82, 0x82]);
    expect([server[1], client[1]].map((byte) => (byte ?? 0) >> 7)).toEqual([0, 1]);
    const mask = client.subarray(client.length - bytes - 4, client.length - bytes);
    const payload = client.subarray(client.length - bytes).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    expect(server.subarray(server.length - bytes).equals(payload)).toBe(true);
  });
});

describe('what is told', () => {
  test('the terminal', () => {
    const text = table(linesOf(report));
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(text).toContain('  Holdline        12.0      1.20   1.10 to 1.30');
    expect(text).toContain("Holdline's target, at most 1.30 of nginx: met (in 3 of 3 rounds)");
    expect(text).toContain("Holdline's target, at most 0.12 of nginx: missed (in 0 of 3 rounds)");
    expect(text).toContain('httpxy is closest: Holdline takes 0.60 of it');
  });

  test.each([
    [0, '0.00'],
    [0.001, '0.00'],
    [1.234, '1.23'],
    [12.34, '12.3'],
    [3702.8, '3703'],
  ])('%d is told as %s', (value, expected) => expect(figure(value)).toBe(expected));

  test('the page: every table has the cells of its head, and its targets', () => {
    const text = measuredPart(report);
    for (const grid of text.split('\n\n').filter((part) => part.startsWith('|'))) {
      const cells = grid
        .trim()
        .split('\n')
        .map((line: string) => line.split('|').length);
      expect(new Set(cells).size).toBe(1);
    }
    expect(text).toContain('| 64 B, depth 1 | 1.30 | 1.20 | met | 3 of 3 | httpxy | 0.60 |');
    expect(text).toContain('| idle connection | 0.12 | 0.50 | **missed** | 0 of 3 |');
    expect(text).not.toMatch(/NaN|undefined|null/);
  });

  test('what people wrote on the page stays, however often the rest is exchanged', () => {
    const page =
      'Before.\n<!-- bench:edge begin: written by `npm run bench:edge`, changes in here are lost -->\nold\n<!-- bench:edge end -->\nAfter.\n';
    const once = withMeasured(page, 'new\n') ?? '';
    expect(once).toMatch(/^Before\.\n<!-- .* -->\n\nnew\n\n<!-- bench:edge end -->\nAfter\.\n$/);
    expect(withMeasured(once, 'new\n')).toBe(once);
    expect(withMeasured('no markers', 'new')).toBeNull();
  });

  test('a chart is well formed, with a bar for each proxy of each row', () => {
    const svg = chart(linesOf(report), 'Bars & <more>');
    expect(svg).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(svg).toContain('Bars &amp; &lt;more&gt;');
    expect(svg.match(/rx="2"/g)).toHaveLength(7);
    for (const name of ['svg', 'g', 'text', 'title', 'tspan'])
      expect(svg.match(new RegExp(`<${name}[ >]`, 'g'))?.length).toBe(svg.match(new RegExp(`</${name}>`, 'g'))?.length);
  });

  test('a run of one proxy alone has figures and no ratios', () => {
    const [line] = summarize(
      { '64x1': { holdline: rounds(5) } },
      [...linesOf(report)].map(({ row }) => row),
      [{ id: 'holdline', name: 'Holdline' }],
    );
    expect(line?.entries[0]).toMatchObject({ ratio: null, met: null, medians: { value: 5 } });
    expect(table([line])).not.toMatch(/NaN|undefined/);
  });
});

describe('the command line', () => {
  test.each([
    [['--only', '64x1,nonsense'], /--only nonsense: there is 64x1,/],
    [['--peers', 'apache'], /--peers apache: there is nginx,/],
    [['--rounds', '0'], /--rounds 0: a whole number from 1 to 100/],
    [['--rounds', 'many'], /--rounds many/],
    [['--fresh-rounds', '0'], /--fresh-rounds 0: a whole number from 1 to 100/],
    [['--nonsense'], /--nonsense/],
  ])('%j is refused', (args, expected) => expect(readFlags(args).problem).toMatch(expected));

  test('only a run of everything writes to the repository', () => {
    const of = (...args: string[]) => readFlags(args).flags?.everything;
    expect([of(), of('--rounds', '7'), of('--quick'), of('--only', '64x1'), of('--peers', 'nginx')]).toEqual([
      ...[true, true, false, false, false],
    ]);
  });
});
