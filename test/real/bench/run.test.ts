/** Whole runs, in processes of their own, against servers that keep their own count. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, test } from 'vitest';
import { capture } from '../../cli/capture.ts';
import { type Answer, countingServer, echo, run } from './server.ts';

const read = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../../..', name), 'utf8');
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const server = (answer: Answer) => countingServer(answer, closing);

describe('a run agrees with the count of the server', () => {
  test.each([
    [{ connections: 30, processes: 2, messageBytes: 64, kind: 'text' }],
    [{ connections: 7, processes: 3, messageBytes: 70_000, kind: 'binary' }],
    [{ connections: 12, processes: 2, sources: ['127.0.0.7', '127.0.0.8'], messageBytes: 24 }],
  ] as const)('echo, %j', async (input) => {
    const { count, url } = await server(echo);
    const report = await run({ url, durationMs: 1000, messagesPerSecond: 20, ...input });
    expect(report.ended).toBe('complete');
    expect(count).toEqual({
      connections: input.connections,
      messages: report.messages!.sent,
      bytes: report.messages!.sentBytes,
    });
    const wanted = input.connections * 20;
    expect(report.messages).toMatchObject({
      intended: wanted,
      sent: wanted,
      received: wanted,
      lost: 0,
      unsent: 0,
      reach: 1,
      receivedBytes: count.bytes,
      sentBytes: wanted * input.messageBytes,
    });
    expect(report.messages!.latency.count).toBe(wanted);
    expect(report.connections).toMatchObject({ opened: input.connections, failed: 0, dropped: 0 });
  });

  test('fan-out to everybody, two who publish and ten who receive', async () => {
    const { url } = await server((_, data, binary, all) => {
      for (const peer of all) peer.send(data, { binary });
    });
    const input = { url, mode: 'fanout', connections: 12, publishers: 2, processes: 2 } as const;
    const report = await run({ ...input, durationMs: 1000, messagesPerSecond: 10 });
    expect(report.messages).toMatchObject({ sent: 20, expected: 200, received: 200, lost: 0, reach: 1 });
    expect(report.unexpected).toBe(0);
  });

  test('a server that keeps every third message to itself, and says something of its own', async () => {
    let number = 0;
    const { url } = await server((peer, data, binary) => {
      if (number++ % 3 === 2) peer.send('something else');
      else echo(peer, data, binary);
    });
    const report = await run({ url, connections: 3, durationMs: 1000, messagesPerSecond: 10, graceMs: 200 });
    expect(report.messages).toMatchObject({ sent: 30, received: 20, lost: 10, reach: 2 / 3 });
    expect(report.unexpected).toBe(10);
  });
});

test('a server that answers nothing for a second is charged for every message that was due meanwhile', async () => {
  let seen = 0;
  let stalled = false;
  const waiting: (() => void)[] = [];
  const { url } = await server((peer, data, binary) => {
    // The stall begins with the 41st message, a second after the first.
    if (++seen === 41) {
      stalled = true;
      setTimeout(() => {
        stalled = false;
        for (const answer of waiting.splice(0)) answer();
      }, 1000);
    }
    if (stalled) waiting.push(() => echo(peer, data, binary));
    else echo(peer, data, binary);
  });
  const report = await run({ url, connections: 1, durationMs: 4000, messagesPerSecond: 40 });
  const { latency } = report.messages!;
  expect(latency.count).toBe(160);
  // 40 of 160 messages fell into the stall and waited from 0 to 1 s: these bounds only hold when each is charged.
  expect(latency.p99!).toBeGreaterThan(900_000);
  expect(latency.p90!).toBeGreaterThan(500_000);
  expect(latency.p50!).toBeLessThan(500_000);
});

describe('targets', () => {
  test('that nobody listens on: said before anything is started', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const { code, err } = await capture(['bench', `ws://127.0.0.1:${port}/`]);
    expect([code, err]).toEqual([3, expect.stringContaining('[bench-target-unreachable]')]);
  });

  test('that are public', async () => {
    const { code, err } = await capture(['bench', 'ws://192.0.2.1/']);
    expect([code, err]).toEqual([3, expect.stringContaining('[bench-public-target]')]);
  });

  test('that vanish in the middle', async () => {
    const { url, wss } = await server(() => {
      for (const peer of wss.clients) peer.terminate();
    });
    const report = await run({ url, connections: 4, durationMs: 30_000, messagesPerSecond: 5 });
    expect(report.ended).toBe('target-gone');
    expect(report.connections).toMatchObject({ opened: 4, dropped: 4 });
  });

  test('that refuse the handshake', async () => {
    const { url, wss } = await server(echo);
    wss.shouldHandle = () => false;
    const { code, out, err } = await capture(['bench', url, '-c', '3']);
    expect([code, err]).toEqual([3, expect.stringContaining('[bench-nothing-opened]')]);
    expect(out).toContain('failed: 3 × upgrade: status 400');
  });
});

describe('the command', () => {
  const valid = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    JSON.parse(read('schema/bench-report.schema.json')),
  );

  test.each([
    [['-t', 'lost = 0', '-t', 'reach = 1', '-t', 'opened = 5'], 0],
    [['-t', 'p50 < 0us'], 1],
    [['--mode', 'hold', '-t', 'dropped = 0'], 0],
    [['--mode', 'hold', '-t', 'p99 < 1s'], 2],
    [['-t', 'lsot = 0'], 2],
    [['-c', '0'], 2],
    [['--processes', '1', '-c', '900000', '--connect-rate', '1000/s'], 3],
    [['--pid', '999999999'], 3],
  ])('%j ends with %d', async (argv, expected) => {
    const { url } = await server(echo);
    const result = await capture([
      'bench',
      url,
      '-c',
      '5',
      '-d',
      '500ms',
      '--pid',
      String(process.pid),
      '--json',
      ...argv,
    ]);
    expect(result.code, result.err).toBe(expected);
    if (expected >= 2) return expect(result.out).toBe('');
    expect(valid(JSON.parse(result.out)), JSON.stringify(valid.errors)).toBe(true);
  });

  test('keeps to 80 columns', async () => {
    const { url } = await server(echo);
    const { out } = await capture([
      'bench',
      url,
      '-c',
      '5',
      '-d',
      '500ms',
      '-t',
      'lost = 0',
      '--pid',
      String(process.pid),
    ]);
    expect(out).toContain('held    lost = 0');
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('shows a screen while it runs on a terminal, and takes it away', async () => {
    const { url } = await server(echo);
    const { err } = await capture(['bench', url, '-c', '5', '-d', '2s'], { isTTY: true });
    expect(err).toMatch(/(connecting|loading)\S* {2}1 s[\s\S]*\nopen \d[\s\S]*\np99 to /);
    expect(err.endsWith('\u001b[?25h')).toBe(true);
  });

  test('Ctrl-C ends it in order, with the report so far', async () => {
    const { url, count } = await server(echo);
    const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
    const child: ChildProcess = spawn(process.execPath, [main, 'bench', url, '-c', '5', '-d', '10m', '--json']);
    let out = '';
    child.stdout!.on('data', (chunk) => {
      out += chunk;
    });
    while (count.messages < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('close', resolve));
    const report = JSON.parse(out);
    expect(code).toBe(0);
    expect(report).toMatchObject({ ended: 'interrupted', messages: { sent: count.messages, lost: 0 } });
    expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  });
});
