/** Chromium through the edge: the WebSocket of the browser itself, and Vite's page that reloads parts of itself. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer as createVite } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { startEdge, type TestEdge } from '../../gateway/edge.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function edgeTo(url: string): Promise<TestEdge> {
  const edge = await startEdge([url]);
  cleanups.push(() => edge.close());
  return edge;
}

/** A page and an echo on one port. */
async function pageAndEcho(): Promise<string> {
  const server = http.createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>echo</title><p>a page through the edge</p>');
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, binary) => {
      if (String(data) === 'close me') socket.close(4003, 'as you wish');
      else socket.send(data, { binary });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs in the page, where nothing of this file exists: the string is evaluated as it stands. */
const echoInPage = `(async () => {
  const socket = new WebSocket('ws://' + location.host + '/echo');
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = () => reject(new Error('no socket')); });
  const roundTrip = (message) => new Promise((resolve) => {
    socket.onmessage = (event) => resolve(event.data);
    socket.send(message);
  });
  const text = await roundTrip('h\\u00e9llo \\ud83d\\ude00');
  const binary = [...new Uint8Array(await roundTrip(new Uint8Array([0, 1, 254, 255])))];
  const megabyte = 'holdline'.repeat(131072);
  const large = await roundTrip(megabyte) === megabyte;
  const closed = new Promise((resolve) => { socket.onclose = (event) => resolve([event.code, event.reason, event.wasClean]); });
  socket.send('close me');
  return { text, binary, large, extensions: socket.extensions, closed: await closed };
})()`;

describe('the browser’s own WebSocket', () => {
  test('text, binary, a megabyte, compression, and the server’s close', async () => {
    const edge = await edgeTo(await pageAndEcho());
    const { page } = await browser.page();
    await page.goto(`http://127.0.0.1:${edge.port}/`);
    expect(await page.textContent('p')).toBe('a page through the edge');
    expect(await page.evaluate(echoInPage)).toEqual({
      text: 'héllo 😀',
      binary: [0, 1, 254, 255],
      large: true,
      extensions: 'permessage-deflate',
      closed: [4003, 'as you wish', true],
    });
    const { record, end } = await edge.ended();
    expect(record).toMatchObject({
      path: '/echo',
      origin: `http://127.0.0.1:${edge.port}`,
      compressed: true,
      clientMessages: 4,
      serverMessages: 3,
    });
    expect(record.userAgent).toMatch(/Chrome/);
    expect(end).toMatchObject({ cause: 'server-close', code: 4003 });
    await page.close();
  });

  test('a kick reaches the page with its code and reason', async () => {
    const edge = await edgeTo(await pageAndEcho());
    const { page } = await browser.page();
    await page.goto(`http://127.0.0.1:${edge.port}/`);
    const closed = page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket('ws://' + location.host + '/');
      socket.onclose = (event) => resolve([event.code, event.reason, event.wasClean]);
    })`);
    const { record } = await edge.next('opened');
    edge.gateway.closeConnection(record.id, { code: 4100, reason: 'out you go', cause: 'kick', by: 'operator' });
    expect(await closed).toEqual([4100, 'out you go', true]);
    await page.close();
  });

  test('a tab that is closed ends its connection', async () => {
    const edge = await edgeTo(await pageAndEcho());
    const { page } = await browser.page();
    await page.goto(`http://127.0.0.1:${edge.port}/`);
    await page.evaluate(
      `new Promise((resolve) => { (window.kept = new WebSocket('ws://' + location.host)).onopen = resolve; })`,
    );
    expect(edge.gateway.registry.size).toBe(1);
    await page.close();
    const { end } = await edge.ended();
    expect(['client-close', 'client-gone', 'client-reset']).toContain(end.cause);
  });
});

describe('Vite', () => {
  test('a changed module reaches the page through the edge, without a reload', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'holdline-vite-'));
    cleanups.push(() => rm(root, { recursive: true, force: true }));
    const greeting = (text: string) =>
      writeFile(path.join(root, 'greeting.js'), `export const greeting = ${JSON.stringify(text)};\n`);
    await greeting('before');
    await writeFile(
      path.join(root, 'index.html'),
      '<!doctype html><p></p><script type="module" src="/main.js"></script>',
    );
    await writeFile(
      path.join(root, 'main.js'),
      `import { greeting } from './greeting.js';
       const show = (text) => { document.querySelector('p').textContent = text; };
       show(greeting);
       window.loadedOnce = window.loadedOnce === undefined;
       window.mark = Math.random();
       import.meta.hot.accept('./greeting.js', (changed) => show(changed.greeting));`,
    );
    const vite = await createVite({
      root,
      configFile: false,
      logLevel: 'error',
      cacheDir: path.join(root, '.vite'),
      server: { host: '127.0.0.1', port: 0, strictPort: false },
    });
    await vite.listen();
    cleanups.push(() => vite.close());
    const edge = await edgeTo(`http://127.0.0.1:${(vite.httpServer!.address() as AddressInfo).port}`);

    const { page, console: lines } = await browser.page();
    await page.goto(`http://127.0.0.1:${edge.port}/`);
    await expect.poll(() => page.textContent('p'), { timeout: 20_000 }).toBe('before');
    const mark = await page.evaluate('window.mark');
    const { record } = await edge.next('opened');
    expect(record).toMatchObject({ subprotocol: 'vite-hmr' });
    await expect.poll(() => lines.join('\n'), { timeout: 20_000 }).toContain('[vite] connected.');

    const messagesBefore = record.serverMessages;
    await greeting('after');
    await expect.poll(() => page.textContent('p'), { timeout: 20_000 }).toBe('after');
    expect(record.serverMessages).toBeGreaterThan(messagesBefore);
    expect(await page.evaluate('window.mark')).toBe(mark);
    await page.close();
  });
});
