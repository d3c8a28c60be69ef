// The page in front of a busy edge: how soon it shows something, whether it is fresh each second, how smoothly it
// scrolls, and what its viewers cost the supervisor. `npm run bench:page -- [connections] [messages a second]
// [directory for screenshots]`; loopback only, needs Chromium. With `hold` in place of the directory it measures
// nothing and leaves the edge for people to look at, until Ctrl-C.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const [connections = 10_000, perSecond = 2000] = process.argv.slice(2, 4).map(Number);
const shots = process.argv[4];
const here = import.meta.dirname;
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-page-'));
const children = [];

function child(file) {
  const made = fork(path.join(here, file), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(made);
  return made;
}
const told = (from) => new Promise((resolve) => from.once('message', resolve));

async function startEdge(servers) {
  const file = path.join(directory, 'holdline.yaml');
  const route = (name) => ({
    name,
    match: { host: `${name}.example.com`, path: '/' },
    upstream: name,
    origins: 'any',
    heartbeat: { every: '25s', timeout: '20s' },
  });
  writeFileSync(
    file,
    JSON.stringify({
      listen: '127.0.0.1:0',
      control: '127.0.0.1:0',
      workers: 2,
      trustedProxies: ['127.0.0.0/8'],
      upstreams: { chat: { servers }, feed: { servers: servers.slice(0, 1) } },
      routes: [route('chat'), route('feed')],
    }),
  );
  const edge = spawn(process.execPath, [path.join(here, '../../dist/cli/main.js'), 'up', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(edge);
  let said = '';
  edge.stdout.on('data', (chunk) => {
    said += chunk;
  });
  edge.stderr.pipe(process.stderr);
  for (let tries = 0; tries < 300; tries++) {
    const port = /edge +http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    const control = /control +(http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
    if (port !== undefined && control !== undefined) return { pid: edge.pid, port: Number(port), control };
    await delay(100);
  }
  throw new Error(`the edge did not start: ${said}`);
}

/** Of one core, over so many seconds. */
async function cpuShare(pid, seconds = 15) {
  const [before, start] = [cpuMs(pid), performance.now()];
  await delay(seconds * 1000);
  return (cpuMs(pid) - before) / (performance.now() - start);
}

/** Of all its threads, those that have ended included; in ticks of 10 ms. */
function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** What a page on its table asks for, without drawing it. */
function viewer(control, withTable) {
  const ended = new AbortController();
  void (async () => {
    const response = await fetch(`${control}/events`, {
      headers: { accept: 'text/event-stream' },
      signal: ended.signal,
    });
    for await (const _ of response.body) {
      // Once a second, as the stream comes.
      if (withTable) await (await fetch(`${control}/connections?sort=idle&order=up&offset=0&limit=90`)).arrayBuffer();
    }
  })().catch(() => undefined);
  return () => ended.abort();
}

const percent = (share) => `${(share * 100).toFixed(1)} % of a core`;

async function paints(browser, control, options, name) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const start = performance.now();
  await page.goto(`${control}/#now`, { waitUntil: 'commit' });
  await page.waitForFunction(() => /\d/.test(document.querySelector('.tile b')?.textContent ?? ''));
  const figuresMs = performance.now() - start;
  const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1);
  const fresh = await page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        const times = [];
        const seen = new MutationObserver(() => {
          const now = performance.now();
          if (times.length === 0 || now - times.at(-1) > 300) times.push(now);
        });
        seen.observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
        setTimeout(() => {
          const gaps = times.slice(1).map((time, at) => time - times[at]);
          resolve({ updates: times.length, longestMs: Math.round(Math.max(...gaps)) });
        }, ms);
      }),
    10_000,
  );
  console.log(
    `${name}: first paint ${Math.round(painted)} ms, figures after ${Math.round(figuresMs)} ms, ${fresh.updates} updates in 10 s, longest gap ${fresh.longestMs} ms`,
  );
  return { context, page };
}

async function scrolls(page, name) {
  await page.evaluate(() => {
    location.hash = '#connections';
  });
  await page.waitForFunction(() => (document.querySelector('.grid-row')?.textContent ?? '') !== '');
  const frames = await page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        const body = document.querySelector('.grid-body');
        const [times, start] = [[], performance.now()];
        let blank = 0;
        const step = (now) => {
          times.push(now);
          body.scrollTop += 45;
          const middle = document.elementFromPoint(200, 400)?.closest('.grid-row');
          if (middle !== null && middle !== undefined && middle.textContent === '') blank++;
          if (now - start < ms) requestAnimationFrame(step);
          else resolve({ gaps: times.slice(1).map((time, at) => time - times[at]), blank, to: body.scrollTop });
        };
        requestAnimationFrame(step);
      }),
    5000,
  );
  const sorted = [...frames.gaps].sort((a, b) => a - b);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(1);
  const seconds = frames.gaps.reduce((sum, gap) => sum + gap, 0) / 1000;
  console.log(
    `${name}: scrolled ${Math.round(frames.to)} px in ${seconds.toFixed(1)} s, ${frames.gaps.length} frames (${(frames.gaps.length / seconds).toFixed(1)}/s), p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms, ${frames.blank} with a blank row in the middle`,
  );
}

async function screenshots(browser, control) {
  for (const [colorScheme, width, height] of [
    ['light', 1280, 900],
    ['dark', 1280, 900],
    ['light', 390, 844],
    ['dark', 390, 844],
  ]) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height } });
    for (const view of ['now', 'connections?q=route:chat&sort=in&order=down', 'history', 'events']) {
      await page.goto(`${control}/#${view}`);
      await delay(2500);
      await page.screenshot({ path: path.join(shots, `${view.split('?')[0]}-${width}-${colorScheme}.png`) });
    }
    await page.goto(`${control}/#connections?sort=idle`);
    await delay(2500);
    await page.click('.grid-row');
    await page.getByText('Watch its frames').click();
    await delay(4000);
    await page.screenshot({ path: path.join(shots, `connection-${width}-${colorScheme}.png`) });
    await page.close();
  }
}

let browser;
process.once('SIGINT', () => {
  for (const each of children) each.kill();
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
try {
  const servers = [child('../edge/echo-server.mjs'), child('../edge/echo-server.mjs')];
  const ports = (await Promise.all(servers.map(told))).map(({ port }) => `http://127.0.0.1:${port}`);
  const { pid, port, control } = await startEdge(ports);
  const crowd = child('crowd.mjs');
  crowd.send({ port, count: connections, perSecond });
  await told(crowd);
  await delay(5000);
  const { now } = await (await fetch(`${control}/status`)).json();
  const { second } = now;
  console.log(
    `${second.connections} connections, ${Math.round(second.clientMessages)} messages/s in and ${Math.round(second.serverMessages)} out`,
  );
  if (shots === 'hold') {
    console.log(`the page is at ${control}`);
    await new Promise(() => undefined);
  }
  console.log(`supervisor without viewers: ${percent(await cpuShare(pid))}`);

  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  for (const [width, height] of [
    [1280, 900],
    [390, 844],
  ]) {
    const { context, page } = await paints(browser, control, { viewport: { width, height } }, `${width} px`);
    console.log(`supervisor with one page on its figures: ${percent(await cpuShare(pid))}`);
    await scrolls(page, `${width} px`);
    console.log(`supervisor with one page on its table: ${percent(await cpuShare(pid))}`);
    await context.close();
  }
  for (const withTable of [false, true]) {
    const leave = Array.from({ length: 10 }, () => viewer(control, withTable));
    await delay(2000);
    console.log(
      `supervisor with ten ${withTable ? 'on their tables' : 'on their figures'}: ${percent(await cpuShare(pid))}`,
    );
    for (const each of leave) each();
  }
  if (shots !== undefined) await screenshots(browser, control);
} finally {
  await browser?.close();
  for (const each of children.reverse()) each.kill();
  rmSync(directory, { recursive: true, force: true });
}
