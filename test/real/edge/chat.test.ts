/** The example as a newcomer meets it: `holdline up`, two tabs, and the commands that steer them. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const main = path.join(root, 'dist/cli/main.js');
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-chat-'));
const spec = path.join(directory, 'holdline.yaml');

let edge: ChildProcess;
let output = '';
let browser: Browser;
let [port, control] = [0, 0];

beforeAll(async () => {
  [port, control] = await Promise.all([freePort(), freePort()]);
  writeFileSync(spec, specText());
  edge = spawn(process.execPath, [main, 'up', spec, '--log', path.join(directory, 'edge.log')]);
  edge.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  edge.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await shown(/Ctrl-C closes/);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser?.close();
  edge?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

test('it says what runs and where to click', () => {
  expect(output).toContain(`http://127.0.0.1:${port}/`);
  expect(output).toContain(`http://127.0.0.1:${control}`);
  expect(output).toMatch(/started {2}chat\/1 on http:\/\/127\.0\.0\.1:\d+/);
});

test('two tabs land on two instances and talk; ls lists them; send and kick reach the page', async () => {
  const [ann, bob] = [await openTab('Ann'), await openTab('Bob')];
  const instances = [await instanceOf(ann), await instanceOf(bob)];
  expect(instances.sort()).toEqual(['connected, instance 1', 'connected, instance 2']);

  await say(ann, 'hello Bob');
  await say(bob, 'hello Ann');
  for (const tab of [ann, bob]) {
    await tab.getByText('hello Bob').waitFor();
    await tab.getByText('hello Ann').waitFor();
  }

  const table = (await holdline('ls')).stdout.trimEnd().split('\n');
  expect(table[0]).toMatch(/^ID +AGE +IDLE +CLIENT +ROUTE +SERVER +IN +OUT$/);
  expect(table.at(-1)).toBe('2 connections');
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(80);
  const rows = (await holdline('ls', '--json', '--route', 'chat')).stdout.trimEnd().split('\n');
  const [oldest] = rows.map((row) => JSON.parse(row) as { id: string; path: string; origin: string });
  expect(oldest).toMatchObject({ path: '/chat', origin: `http://127.0.0.1:${port}` });

  expect((await holdline('send', '--route', 'chat', 'maintenance at noon')).stdout).toBe('sent to 2\n');
  await bob.getByText('maintenance at noon').waitFor();
  expect((await holdline('send', oldest!.id, '--binary', '00ff')).stdout).toBe('sent to 1\n');

  const kicked = await holdline('kick', oldest!.id, '--code', '4001', '--reason', 'please sign in again');
  expect(kicked.stdout).toBe('1 connection closed with 4001\n');
  await ann.getByText('closed with 4001: please sign in again').waitFor();
  expect(await bob.locator('#status').textContent()).toMatch(/^connected/);
  await ann.getByRole('button', { name: 'Connect again' }).click();
  await ann.getByText(/^connected, instance/).waitFor();
});

test('commands that say too little or something wrong', async () => {
  expect(await holdline('kick')).toMatchObject({ code: 2, stderr: expect.stringContaining('say which') });
  expect(await holdline('kick', 'nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('connection-unknown'),
  });
  expect(await holdline('send', '--all')).toMatchObject({ code: 2, stderr: expect.stringContaining('either a text') });
  const unused = await freePort();
  expect(await run('ls', '--control', String(unused))).toMatchObject({
    code: 3,
    stderr: expect.stringContaining(`no edge answers on 127.0.0.1:${unused} (ECONNREFUSED)`),
  });
});

test('the port of the edge taken by itself is a diagnostic, not a stack', async () => {
  const second = await run('up', spec);
  expect(second.code).toBe(3);
  expect(second.stderr).toMatch(/another program listens on 127\.0\.0\.1:\d+ already \[listen-port-taken\]/);
  expect(second.stderr).not.toMatch(/^\s+at /m);
});

test('the file is read again when it changes; errors in it change nothing', async () => {
  writeFileSync(spec, specText().replace('idleTimeout: 1h', 'idleTimeout: soon'));
  await shown(/idleTimeout/);
  writeFileSync(spec, specText().replace('idleTimeout: 1h', 'idleTimeout: 2h'));
  await shown(/reloaded routes chat/);
  expect((await holdline('reload')).stdout).toMatch(
    /^nothing has changed since .+, when the edge took over: routes chat\n$/,
  );
});

test('Ctrl-C: the pages are drained with 1012, the log has the last word of every connection, and the exit code is 0', async () => {
  const tab = await openTab('Eve');
  const exit = new Promise((resolve) => edge.once('exit', (code, signal) => resolve({ code, signal })));
  edge.kill('SIGINT');
  await tab.getByText(/closed with 1012/).waitFor();
  expect(await exit).toEqual({ code: 0, signal: null });
  const lines = readFileSync(path.join(directory, 'edge.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const opened = lines.filter((line) => line.event === 'open').map((line) => line.id);
  const closed = lines.filter((line) => line.event === 'close');
  expect(closed.map((line) => line.id).sort()).toEqual(opened.sort());
  expect(closed).toContainEqual(
    expect.objectContaining({ cause: 'kick', by: 'operator', code: 4001, reason: 'please sign in again' }),
  );
});

const instanceOf = (tab: Awaited<ReturnType<typeof openTab>>) => tab.locator('#status').textContent();

/**
 * The example as it is, on ports of its own, run from another directory, and by one worker: two hear of each other's
 * tabs twice a second.
 */
function specText(): string {
  return `workers: 1\n${readFileSync(path.join(root, 'examples/chat/holdline.yaml'), 'utf8')}`
    .replaceAll('8080', String(port))
    .replaceAll('4653', String(control))
    .replace('command: node server.js', `command: node server.js\n    directory: ${path.join(root, 'examples/chat')}`);
}

async function openTab(name: string): Promise<Page> {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(`http://127.0.0.1:${port}/`);
  await tab.getByLabel('Your name').fill(name);
  await tab.getByText(/^connected, instance/).waitFor();
  return tab;
}

async function say(tab: Page, text: string): Promise<void> {
  await tab.getByLabel('Message').fill(text);
  await tab.getByRole('button', { name: 'Send' }).click();
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function holdline(...args: string[]): Promise<Outcome> {
  return run(...args, '--control', `127.0.0.1:${control}`);
}

async function run(...args: string[]): Promise<Outcome> {
  const ran = promisify(execFile)(process.execPath, [main, ...args]);
  return ran.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: Outcome) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}

/** Waits until the edge has printed it; the test's own timeout is the bound. */
async function shown(wanted: RegExp): Promise<void> {
  while (!wanted.test(output)) {
    if (edge.exitCode !== null) throw new Error(`the edge ended:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function freePort(): Promise<number> {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as net.AddressInfo;
      server.close(() => resolve(free));
    });
  });
}
