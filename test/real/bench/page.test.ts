/** The page of a report in Chromium, opened from disk as its reader opens it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printable } from '../../../src/base/printable.ts';
import { writeBenchPage } from '../../../src/bench/page/page.ts';
import type { BenchReport } from '../../../src/bench/run/report.ts';
import { hostileReport, madeReport } from '../../bench/run/made-report.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';

let browser: TestBrowser;
let directory: string;
beforeAll(async () => {
  browser = await startBrowser();
  directory = await mkdtemp(path.join(tmpdir(), 'holdline-page-'));
});
afterAll(async () => {
  await browser?.close();
  await rm(directory, { recursive: true, force: true });
});

interface OpenPage {
  readonly page: Page;
  readonly console: readonly string[];
  /** Everything that was fetched, the page itself included. */
  readonly requests: readonly string[];
  readonly url: string;
}

async function open(report: BenchReport, size = { width: 1200, height: 900 }): Promise<OpenPage> {
  const file = path.join(directory, 'report.html');
  await writeFile(file, writeBenchPage(report));
  const { page, console } = await browser.page();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.setViewportSize(size);
  const url = pathToFileURL(file).href;
  await page.goto(url);
  await page.waitForFunction('document.documentElement.dataset.drawn !== undefined');
  return { page, console, requests, url };
}

/** How many pixels of the chart are of the colour that the style sheet gives the line. */
async function pixels(page: Page, id: string, colour: string): Promise<number> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('#${id} canvas');
    const paint = document.createElement('canvas').getContext('2d');
    paint.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--${colour}').trim();
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b] = paint.getImageData(0, 0, 1, 1).data;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4)
      if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 24 && data[i + 3] > 200) count++;
    return count;
  })()`);
}

const values = (page: Page, id: string) =>
  page.locator(`#${id} .u-legend .u-value`).evaluateAll((cells) => cells.map((cell) => cell.textContent));

describe('from disk', () => {
  test('draws every chart, fetches nothing, and has nothing to complain of', async () => {
    const { page, console, requests, url } = await open(madeReport(60));
    const drawn = {
      latency: 'orange',
      percentiles: 'blue',
      open: 'blue',
      attempts: 'blue',
      rates: 'blue',
      'storm-1-open': 'blue',
      'storm-1-attempts': 'red',
    };
    for (const [id, colour] of Object.entries(drawn)) expect(await pixels(page, id, colour), id).toBeGreaterThan(50);
    expect([console, requests]).toEqual([[], [url]]);
    await page.close();
  });

  test('what peers wrote stays text', async () => {
    const hostile = '</script><!--<script>alert(1)</script>\'"><img src=x onerror=alert(1)>\u2028\u0000\u202e';
    const report = hostileReport(hostile);
    const { page, console, requests, url } = await open(report);
    expect(await page.evaluate('JSON.parse(document.getElementById("report").textContent)')).toEqual(report);
    expect(await page.locator('h1').textContent()).toBe(printable(hostile));
    expect(await page.locator('img').count()).toBe(0);
    expect([console, requests]).toEqual([[], [url]]);
    await page.close();
  });

  test.each([
    ['one second', madeReport(1)],
    ['no second at all', { ...madeReport(1), series: [], phases: [], storms: [] }],
    ['nothing sent', { ...madeReport(9), messages: null }],
  ] as const)('a run of %s', async (_, report) => {
    const { page, console } = await open(report);
    expect(await page.locator('figure canvas').count()).toBe(await page.locator('figure').count());
    expect(console).toEqual([]);
    await page.close();
  });

  test.each([400, 800, 1400])('fits into %d pixels', async (width) => {
    const { page } = await open(madeReport(60), { width, height: 800 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await page.close();
  });
});

describe('by hand', () => {
  test('arrows move the cursor in all charts over time, + zooms all of them, 0 shows everything', async () => {
    const { page } = await open(madeReport(60));
    const before = await pixels(page, 'open', 'blue');
    await page.locator('#latency .plot').focus();
    await page.keyboard.press('End');
    expect((await values(page, 'latency'))[0]).toBe('at 1:00');
    await page.keyboard.press('ArrowLeft');
    expect(await values(page, 'latency')).toEqual(['at 59 s', ...(await values(page, 'latency')).slice(1)]);
    expect((await values(page, 'rates'))[0]).toBe('at 59 s');
    for (let i = 0; i < 5; i++) await page.keyboard.press('+');
    expect(await pixels(page, 'open', 'blue')).not.toBe(before);
    await page.keyboard.press('0');
    expect(await pixels(page, 'open', 'blue')).toBe(before);
    await page.close();
  });

  test('a name in the legend hides its line, by key; the scale changes, by key', async () => {
    const { page } = await open(madeReport(60));
    const toggle = page.locator('#latency .u-legend th', { hasText: 'p99' });
    expect(await toggle.getAttribute('aria-pressed')).toBe('true');
    await toggle.focus();
    await page.keyboard.press('Enter');
    expect(await toggle.getAttribute('aria-pressed')).toBe('false');
    expect(await pixels(page, 'latency', 'orange')).toBe(0);
    const scale = page.locator('#latency input[name=log]');
    const blue = await pixels(page, 'latency', 'blue');
    await scale.focus();
    await page.keyboard.press('Space');
    expect(await scale.isChecked()).toBe(false);
    expect(await pixels(page, 'latency', 'blue')).not.toBe(blue);
    await page.close();
  });

  test('the colours follow the machine from light to dark', async () => {
    const { page } = await open(madeReport(60));
    const light = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).not.toBe(light);
    expect(await pixels(page, 'latency', 'orange')).toBeGreaterThan(50);
    await page.close();
  });
});

test('10,000 seconds are drawn; how long that and each move takes is printed', async () => {
  const { page, console: said } = await open(madeReport(10_000), { width: 1400, height: 1000 });
  for (const id of ['latency', 'open', 'rates']) expect(await pixels(page, id, 'blue'), id).toBeGreaterThan(300);
  const drawnMs = Number(await page.evaluate('document.documentElement.dataset.drawn'));
  const framesOf = (act: string) =>
    page.evaluate(`(async () => {
      const over = document.querySelector('#latency .u-over');
      const place = document.querySelector('#latency .plot');
      const { left, top, width, height } = over.getBoundingClientRect();
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const took = [];
      for (let i = 0; i < 60; i++) {
        await frame();
        const start = performance.now();
        ${act}
        await Promise.resolve();
        took.push(performance.now() - start);
      }
      took.sort((one, other) => one - other);
      return { p50: took[30], max: took[59] };
    })()`) as Promise<{ p50: number; max: number }>;
  const key = (name: string) => `place.dispatchEvent(new KeyboardEvent('keydown', { key: '${name}' }));`;
  const move = await framesOf(
    `over.dispatchEvent(new MouseEvent('mousemove', { bubbles: true, clientX: left + (width * i) / 60, clientY: top + height / 2 }));`,
  );
  const zoom = await framesOf(`if (i % 2 === 0) {${key('+')}} else {${key('0')}}`);
  const text = ({ p50, max }: { p50: number; max: number }) => `${p50.toFixed(1)} ms (at most ${max.toFixed(1)})`;
  console.log(
    `10,000 points: drawn ${drawnMs} ms after opening; cursor ${text(move)}, zoom of four charts ${text(zoom)} a frame`,
  );
  expect(said).toEqual([]);
  expect(await page.locator('#latency .u-legend .u-value').first().textContent()).toMatch(/^at \d/);
  await page.close();
});
