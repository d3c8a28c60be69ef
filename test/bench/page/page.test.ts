/** The page of a report: what others wrote stays text, and the report in it is the report. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { embeddedJson, escapeHtml } from '../../../src/bench/page/markup.ts';
import { writeBenchPage } from '../../../src/bench/page/page.ts';
import type { BenchReport } from '../../../src/bench/run/report.ts';
import type { PageReport } from '../../../src/web/bench/page-data.ts';
import { hostileReport, madeReport, madeSearch } from '../run/made-report.ts';

/** What could end an element, begin one, or be read in another way by what reads the page. */
const nastyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('</script>', '<!--', '-->', '<script>', ']]>', '&lt;', '"', "'", '`', '\\', '\u2028', '\u2029'),
      fc.constantFrom(
        '\u0000',
        '\r\n',
        '\u001b[2J',
        '\u202e',
        '\ud800',
        '\udc00',
        '\ufffe',
        '$&$1',
        '<img src=x onerror=y>',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** As an HTML reader finds it: the data of the element ends at the first thing that looks like its end. */
function dataIn(page: string, id: string): unknown {
  const opening = `<script type="application/json" id="${id}">`;
  const start = page.indexOf(opening);
  expect(page.indexOf(opening, start + 1)).toBe(-1);
  const text = page.slice(start + opening.length).split(/<\/script|<!--/i)[0]!;
  return JSON.parse(text);
}

describe('what others wrote', () => {
  test('escaped text has nothing that HTML reads as anything but text', () => {
    fc.assert(
      fc.property(nastyText, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
        expect(escaped).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2028]|\p{Cs}/u);
      }),
    );
  });

  test('data in a script element comes back equal, and never ends the element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), nastyText, (value, text) => {
        const embedded = embeddedJson({ value, [text]: text });
        expect(embedded).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(embedded)).toEqual(JSON.parse(JSON.stringify({ value, [text]: text })));
      }),
    );
  });

  test('a page full of it has the elements of any other page, and the same report', () => {
    const elements = (page: string) =>
      page
        .replace(/<script[\s\S]*?<\/script>/g, '<script>')
        .match(/<[^>]*>?/g)!
        .map((tag) => tag.split(' ')[0]);
    const plain = elements(writeBenchPage(hostileReport('plain')));
    fc.assert(
      fc.property(nastyText, (text) => {
        const report = hostileReport(text);
        const page = writeBenchPage(report);
        expect(dataIn(page, 'report')).toEqual(JSON.parse(JSON.stringify(report)));
        expect(elements(page)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the page', () => {
  const report = madeReport(30);
  const page = writeBenchPage(report);

  test('names no other place, and lets nothing run but its own script', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    const hashes = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
      ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
    );
    expect(hashes).toHaveLength(2);
    expect(policy).toContain("default-src 'none'; ");
    expect(policy).toContain(`script-src ${hashes.join(' ')};`);
    expect(policy).not.toContain('unsafe');
    expect(page).not.toMatch(/<(?:link|img|iframe|base|form|object)\b|\s(?:src|href|srcset|on\w+)=|@import|url\(/);
  });

  test('marks the thresholds that say how long something may take', () => {
    const texts = ['p99 < 50ms', 'lost = 0', 'p50 > 1ms', 'max <= 1s', 'connect-p99 < 1s', 'nonsense'];
    const thresholds = texts.map((text) => ({ text, held: true, measured: 1 }));
    expect(dataIn(writeBenchPage({ ...report, thresholds }), 'marks')).toEqual([
      { text: 'p99 < 50ms', metric: 'p99', us: 50_000, held: true },
      { text: 'max <= 1s', metric: 'max', us: 1_000_000, held: true },
    ]);
  });

  test.each<[string, BenchReport, readonly string[], readonly string[]]>([
    ['phases and a storm', report, ['Latency', 'Storm 1, in phase storm', 'Phases', 'Measured processes'], ['Search']],
    ['a search', madeSearch(9), ['Search'], ['Storm 1']],
    ['hold', { ...report, messages: null }, ['Handshakes', 'Connections'], ['Latency', 'Messages']],
    ['little', { ...report, phases: [], storms: [], processes: [], series: [] }, ['Latency'], ['Phases', 'Measured']],
  ])('of %s has its sections', (_, told, there, absent) => {
    const titles = [...writeBenchPage(told).matchAll(/<h2>([^<]*)/g)].map(([, title]) => title!);
    for (const title of there) expect(titles).toContain(title);
    for (const title of absent) expect(titles.join()).not.toContain(title);
  });

  test('draws from a part of the report', () => {
    const drawn: PageReport = report;
    expect(drawn.series).toHaveLength(30);
  });
});
