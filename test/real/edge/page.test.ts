/** The page in Chromium: what clients send is text on it, a filter finds them, and what is closed are those that were counted. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type ControlServer, startControlServer } from '../../../src/control/api/server.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestEdge, type TestEdge, until } from './edge.ts';

let browser: TestBrowser;
let edge: TestEdge;
let api: ControlServer;
beforeAll(async () => {
  [browser, edge] = await Promise.all([startBrowser(), startTestEdge()]);
  const reload = async () => ({ changed: [], lastChange: null, diagnostics: [] });
  api = await startControlServer({
    target: { ...edge.supervisor, version: 'test', reload, save: async () => undefined },
    address: { host: '127.0.0.1', port: 0 },
    tokens: { steer: null, read: null },
  });
});
afterAll(async () => {
  await browser?.close();
  await api?.close();
  await edge?.close();
});

const markup = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';

async function join(path: string, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${edge.url}${path}`, { headers });
  await once(socket, 'open');
  return socket;
}

test('markup in a path, a user agent and a close reason stays text', async () => {
  const hostile = await join(`/${encodeURI(markup)}`, { 'user-agent': markup });
  const gone = await join('/gone', { 'user-agent': markup });
  gone.close(4000, markup.slice(0, 120));
  await once(gone, 'close');
  const { page, console } = await browser.page();
  await page.goto(`${api.url}/#connections`);
  await page.click('summary');
  await page.getByLabel('User agent').check();
  await page.waitForSelector('.grid-row');
  await until(async () => (await page.textContent('.grid-space'))?.includes(markup) ?? false);
  await page.click('.grid-row');
  await page.waitForSelector('dialog');
  expect(await page.textContent('dialog')).toContain(markup);
  await page.keyboard.press('Escape');
  await page.click('nav a[href="#history"]');
  await until(async () => (await page.textContent('.history'))?.includes(markup.slice(0, 60)) ?? false);
  expect(await page.evaluate('window.harmed')).toBeUndefined();
  expect(await page.$$('main img, main script')).toEqual([]);
  expect(console.filter((line) => line.includes('thrown'))).toEqual([]);
  await page.close();
  hostile.terminate();
});

test('closing by a filter closes those that were counted, and nobody who came meanwhile', async () => {
  const [kicked, other] = [await Promise.all([1, 2, 3].map(() => join('/kick'))), await join('/stay')];
  const closes = kicked.map((socket) => once(socket, 'close'));
  const { page } = await browser.page();
  await page.goto(`${api.url}/#connections?q=path:/kick`);
  await until(async () => (await page.textContent('.matched')) === '3 connections');
  await page.click('.bar .act');
  await page.waitForSelector('dialog form');
  expect(await page.textContent('dialog form p')).toContain('3 connections match path:/kick');
  const late = await join('/kick');
  await page.fill('dialog input[name=code]', '4007');
  await page.click('dialog .act');
  expect((await Promise.all(closes)).map(([code]) => code)).toEqual([4007, 4007, 4007]);
  await until(async () => (await page.textContent('.outcome')) === '3 connections closed.');
  expect([late.readyState, other.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
  expect(edge.events.filter((event) => event.kind === 'steered')).toHaveLength(1);
  await page.close();
  for (const socket of [late, other]) socket.terminate();
});
