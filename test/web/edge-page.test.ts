/** What the page is made of: little script, and no way from a text to markup. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const built = path.resolve(import.meta.dirname, '../../dist/edge-page');
const sources = path.resolve(import.meta.dirname, '../../src/web/edge');

function files(directory: string, end: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => path.join(directory, name));
}

test('under 100 KB of script besides uPlot', () => {
  const scripts = files(built, '.js');
  expect(scripts.length).toBeGreaterThan(10);
  expect(scripts.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(100_000);
});

test('no script writes markup, and none runs text', () => {
  for (const file of files(sources, '.ts')) {
    expect(readFileSync(file, 'utf8'), file).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:/,
    );
  }
});

test('the page has no inline script or style, and fetches from nowhere else', () => {
  const html = readFileSync(path.join(sources, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]*src="\/assets\/)[^>]*>|<style|style=|https?:|\son\w+=/);
});
