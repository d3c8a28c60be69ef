/**
 * The page in Chromium: what clients send is text on it, a filter finds them, and what is closed are those that were
 * counted.
 */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type ControlServer, startControlServer } from '../../../src/control/api/server.ts';
import type { ControlTarget } from '../../../src/control/api/target.ts';
import type { ConnectionRow } from '../../../src/registry/row.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestEdge, type TestEdge, until } from './edge.ts';

let browser: TestBrowser;
let edge: TestEdge;
let api: ControlServer;

function serve(port: number, overrides: Partial<ControlTarget> = {}): Promise<ControlServer> {
  const reload = async () => ({ changed: [], lastChange: null, diagnostics: [] });
  const preview = async () => ({ changed: [], diagnostics: [], effects: [] });
  return startControlServer({
    target: { ...edge.supervisor, version: 'test', reload, preview, save: async () => undefined, ...overrides },
    address: { host: '127.0.0.1', port },
    tokens: { steer: null, read: null },
  });
}

beforeAll(async () => {
  [browser, edge] = await Promise.all([startBrowser(), startTestEdge()]);
  api = await serve(0);
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

test('markup in every field, of connections and of events, stays text', async () => {
  const hostile = (row: ConnectionRow): ConnectionRow => ({
    ...row,
    ...Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? markup : value]),
    ),
    id: row.id,
    state: row.state,
    origin: markup,
    userAgent: markup,
    subprotocol: markup,
    tags: { [markup]: markup },
  });
  const { supervisor } = edge;
  const other = await serve(0, {
    window: async (...asked) => {
      const window = await supervisor.window(...asked);
      return { ...window, rows: window.rows.map(hostile) };
    },
    connection: async (id) => {
      const row = await supervisor.connection(id);
      return row === null ? null : hostile(row);
    },
  });
  const socket = await join('/');
  supervisor.note({ kind: 'server-unreachable', atMs: Date.now(), server: markup, detail: markup });
  const { page, console } = await browser.page();
  await page.goto(`${other.url}/#connections`);
  await page.click('summary');
  for (const box of await page.locator('.chooser input').all()) await box.check();
  await page.click('summary');
  await until(async () => ((await page.textContent('.grid-space')) ?? '').split(markup).length > 8);
  await page.click('.grid-row');
  await until(async () => ((await page.textContent('dialog')) ?? '').split(markup).length > 8);
  await page.keyboard.press('Escape');
  await page.click('nav a[href="#events"]');
  await until(async () => (await page.textContent('.events'))?.includes(markup) ?? false);
  expect(await page.textContent('#problems')).toContain(markup);
  expect(await page.evaluate('window.harmed')).toBeUndefined();
  expect(await page.$$('body img, body script')).toEqual([]);
  expect(console.filter((line) => line.includes('thrown'))).toEqual([]);
  await page.close();
  socket.terminate();
  await other.close();
});

test('the gate of a route, and the drain of a server, each asked for first', async () => {
  const socket = await join('/');
  const closed = once(socket, 'close');
  const { page } = await browser.page();
  await page.goto(`${api.url}/#now`);
  const name = edge.plan.routes[0]!.name;
  await page.locator('.panel', { hasText: 'Routes' }).getByText('Gate…').click();
  expect(await page.textContent('dialog form')).toContain(`New handshakes on ${name} are refused`);
  expect(edge.supervisor.gates.state().routes).toEqual([]);
  await page.click('dialog .act');
  await until(() => edge.supervisor.gates.state().routes.includes(name));
  await page.keyboard.press('Escape');
  await until(async () => (await page.textContent('#problems'))?.includes(`the gate of ${name} is closed`) ?? false);
  await page.click('text=Open gate…');
  await page.click('dialog .act');
  await until(() => edge.supervisor.gates.state().routes.length === 0);
  await page.keyboard.press('Escape');

  const servers = page.locator('.panel', { hasText: 'Servers' });
  await servers.getByText('Drain…').click();
  expect(await page.textContent('dialog form')).toContain('1 connection that it has is closed');
  await page.fill('dialog input[name=code]', '4008');
  await page.click('dialog .act');
  // It is the only server of its upstream: the edge does not do that unasked.
  await until(async () => (await page.textContent('dialog .outcome'))?.includes('--force') ?? false);
  await page.keyboard.press('Escape');
  await page.locator('.panel', { hasText: 'Routes' }).getByText('Drain…').click();
  await page.fill('dialog input[name=code]', '4008');
  await page.click('dialog .act');
  expect((await closed)[0]).toBe(4008);
  await page.close();
});

test('the keyboard does it all, a link carries the filter, and frames are watched', async () => {
  const [socket, other] = [await join('/watched'), await join('/other')];
  const { page } = await browser.page();
  await page.goto(`${api.url}/#connections`);
  await page.waitForSelector('.grid-row');
  await page.keyboard.press('/');
  await page.keyboard.type('path:/watched');
  await page.keyboard.press('Enter');
  await until(async () => (await page.textContent('.matched')) === '1 connection');
  const link = await until(() => page.url().includes('q=path%3A%2Fwatched') && page.url());
  await page.focus('.grid-body');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog');
  await page.getByText('Watch its frames').focus();
  await page.keyboard.press('Enter');
  await until(async () => {
    socket.send('a secret');
    return ((await page.textContent('.tap')) ?? '').includes('← server');
  });
  expect(await page.textContent('.tap')).not.toContain('secret');
  await page.keyboard.press('Escape');
  await page.goto('about:blank');
  await page.goto(link);
  await until(async () => (await page.textContent('.matched')) === '1 connection');
  expect(await page.inputValue('input[type=search]')).toBe('path:/watched');
  await page.close();
  for (const each of [socket, other]) each.terminate();
});

test('it says since when it has no contact, and catches up', async () => {
  const { page } = await browser.page();
  await page.goto(`${api.url}/#events`);
  await until(async () => (await page.textContent('#contact'))?.startsWith('test, up for') ?? false);
  const port = Number(new URL(api.url).port);
  await api.close();
  await until(async () => (await page.textContent('#contact'))?.startsWith('no contact since') ?? false);
  edge.supervisor.note({ kind: 'reloaded', changed: ['what happened meanwhile'] });
  api = await serve(port);
  await until(async () => (await page.textContent('#contact'))?.startsWith('test, up for') ?? false);
  await until(async () => (await page.textContent('.events'))?.includes('what happened meanwhile') ?? false);
  await page.close();
});
