// A rolling restart of a chat that Holdline starts itself, under clients: as many with ws as are asked for, and up to
// 200 sockets of a page in Chromium, once with `onServerLoss: close` and once with `move`. `node
// benchmarks/servers/restart.mjs [ws] [page]` after a build; loopback only; for the page apt-get install chromium.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { startEdge } from '../../dist/edge.js';
import { crowd } from './crowd.mjs';

const [wsClients = 400, pageClients = 100] = process.argv.slice(2).map(Number);
const rate = 100;
const browserPath = '/usr/bin/chromium';
const chat = path.join(import.meta.dirname, 'echo-command.mjs');

for (const onServerLoss of ['close', 'move']) {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-restart-'));
  writeFileSync(path.join(directory, 'name'), 'a');
  const edge = await startEdge(
    {
      listen: '127.0.0.1:0',
      workers: 2,
      upstreams: { chat: { command: `exec "${process.execPath}" "${chat}"`, instances: 2, directory } },
      routes: [{ upstream: 'chat', origins: 'any', onServerLoss, drain: { rate: `${rate}/s`, code: 1012 } }],
      drain: { deadline: '0s' },
    },
    { env: process.env, directory },
  );
  const url = `ws://127.0.0.1:${edge.addresses[0].port}/`;
  const page = existsSync(browserPath) ? await openPage(url) : null;
  if (page === null) console.log('Chromium is not installed (apt-get install chromium): without the page');
  const clients = await crowd(url, wsClients);
  const mark = clients.mark();
  await page?.mark();
  // Whoever the new instances greet hears another name.
  writeFileSync(path.join(directory, 'name'), 'b');
  const startedMs = performance.now();
  edge.restart('chat');
  while (!['done', 'failed'].includes(edge.managed()[0].restart.stage)) await pause(100);
  const tookMs = performance.now() - startedMs;
  await pause(3000);
  const ws = clients.seen(mark);
  const silences = ws.silence.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', ');
  console.log(`${onServerLoss}: ${edge.managed()[0].restart.stage} after ${(tookMs / 1000).toFixed(1)} s`);
  console.log(
    `  ws: ${ws.closedThere} of ${ws.there} closed, ${ws.codes}; most in a second ${ws.closesPeak}, at ${rate}/s; lost ${ws.lost}; silence p50, p99, worst ${silences}; on old instances ${ws.left}`,
  );
  if (page !== null) console.log(`  Chromium: ${JSON.stringify(await page.seen())}`);
  clients.close();
  await page?.close();
  await edge.close({ graceMs: 500, deadlineMs: 0 });
  rmSync(directory, { recursive: true, force: true });
}
process.exit(0);

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A page whose sockets send a message each second and come back after a close. */
async function openPage(url) {
  const server = http.createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>chat</title>');
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(
    async ([address, count]) => {
      const state = { closes: {}, opens: 0, sent: 0, echoed: 0, longestMs: 0 };
      globalThis.state = state;
      const open = () =>
        new Promise((resolve) => {
          const socket = new WebSocket(address);
          let heardMs = performance.now();
          const timer = setInterval(() => {
            if (socket.readyState !== WebSocket.OPEN) return;
            state.sent++;
            socket.send('x');
          }, 1000);
          socket.onopen = () => {
            state.opens++;
            resolve();
          };
          socket.onmessage = ({ data }) => {
            state.longestMs = Math.max(state.longestMs, performance.now() - heardMs);
            heardMs = performance.now();
            if (data === 'x') state.echoed++;
          };
          socket.onclose = ({ code }) => {
            clearInterval(timer);
            state.closes[code] = (state.closes[code] ?? 0) + 1;
            setTimeout(open, 500 + Math.random() * 1000);
            resolve();
          };
        });
      for (let index = 0; index < count; index += 20) await Promise.all(Array.from({ length: 20 }, open));
    },
    [url, pageClients],
  );
  return {
    mark: () =>
      page.evaluate(() => Object.assign(globalThis.state, { closes: {}, opens: 0, longestMs: 0, sent: 0, echoed: 0 })),
    seen: () => page.evaluate(() => globalThis.state),
    async close() {
      await browser.close();
      server.close();
    },
  };
}
