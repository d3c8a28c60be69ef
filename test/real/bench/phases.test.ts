/** Phases and searches against a server that keeps its own count. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { capture } from '../../cli/capture.ts';
import { countingServer, echo, run } from './server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

test('each phase has its own connections, rate and sizes; together they are what the server counted', async () => {
  const { count, url } = await countingServer(echo, closing);
  const report = await run({
    url,
    processes: 2,
    messagesPerSecond: 10,
    durationMs: 1000,
    thresholds: ['lost = 0', 'opened = 50'],
    phases: [
      { name: 'few', connections: 10, thresholds: ['rate > 50'] },
      {
        name: 'more',
        connections: 40,
        messagesPerSecond: 5,
        messageBytes: 100,
        thresholds: ['p99 < 1us', 'opened = 30'],
      },
      { name: 'fewer', connections: 5 },
      { name: 'more again', connections: 15, messageBytes: 24 },
    ],
  });
  expect(report.ended).toBe('complete');
  expect(report.phases.map(({ name, sent, received, lost, open }) => [name, sent, received, lost, open])).toEqual([
    ['few', 100, 100, 0, 10],
    ['more', 200, 200, 0, 40],
    ['fewer', 50, 50, 0, 5],
    ['more again', 150, 150, 0, 15],
  ]);
  const bytes = 100 * 64 + 200 * 100 + 50 * 64 + 150 * 24;
  expect(report.messages).toMatchObject({ intended: 500, sent: 500, received: 500, lost: 0, sentBytes: bytes });
  expect(count).toEqual({ connections: 50, messages: 500, bytes });
  // Who is closed because fewer are wanted has not been dropped.
  expect(report.connections).toMatchObject({ opened: 50, failed: 0, dropped: 0 });
  expect(report.phases.flatMap(({ thresholds }) => thresholds.map(({ held }) => held))).toEqual([true, false, true]);
  expect(report.thresholds.map(({ held }) => held)).toEqual([true, true]);
  const times = report.phases.flatMap(({ startMs, endMs }) => [startMs, endMs]);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(report.unexpected).toBe(0);
});

test('an answer that comes after its phase is lost, and is no surprise to the next', async () => {
  let held: (() => void)[] | null = [];
  const { url } = await countingServer((peer, data, binary) => {
    if (held === null) return echo(peer, data, binary);
    held.push(() => echo(peer, data, binary));
    if (held.length === 10)
      setTimeout(() => {
        const late = held!;
        held = null;
        for (const answer of late) answer();
      }, 1500);
  }, closing);
  const report = await run({
    url,
    connections: 1,
    messagesPerSecond: 10,
    durationMs: 1000,
    graceMs: 200,
    phases: [{ name: 'silent' }, { name: 'late' }, { name: 'well' }],
  });
  const [silent, , well] = report.phases;
  expect([silent!.received, silent!.lost, well!.received, well!.lost]).toEqual([0, 10, 10, 0]);
  expect(report.unexpected).toBe(0);
});

test('a scenario file, from the command; the threshold of a phase decides the exit code', async () => {
  const { url } = await countingServer(echo, closing);
  const directory = mkdtempSync(path.join(tmpdir(), 'bench-phases-'));
  closing.push(() => rmSync(directory, { recursive: true }));
  const file = path.join(directory, 'load.yaml');
  writeFileSync(
    file,
    `url: ${url}\nduration: 500ms\nconnections: 3\nphases:\n  - name: one\n    thresholds: [lost = 0]\n  - name: two\n    thresholds: [p50 < 0us]\n`,
  );
  const { code, out } = await capture(['bench', file]);
  expect([code, out]).toEqual([1, expect.stringContaining('missed  p50 < 0us')]);
  const json = await capture(['bench', file, '--json', '-r', '20/s']);
  expect(JSON.parse(json.out).phases).toMatchObject([
    { name: 'one', sent: 30 },
    { name: 'two', sent: 30 },
  ]);
});

test('a search finds what a server carries', async () => {
  // It lets 12 in and no more.
  const { wss, url } = await countingServer(echo, closing);
  wss.shouldHandle = () => wss.clients.size < 12;
  const report = await run({
    url,
    mode: 'hold',
    search: 'connections',
    connections: 4,
    durationMs: 200,
    thresholds: ['failed = 0'],
  });
  expect(report.search).toMatchObject({ of: 'connections', best: 12 });
  expect(report.search!.steps.map(({ value, kept }) => [value, kept])).toEqual([
    [4, true],
    [8, true],
    [16, false],
    [12, true],
    [14, false],
    [13, false],
  ]);
  expect(report.connections).toMatchObject({ opened: 12, failed: 0 });
});

test('a search of which not even the least is kept ends with 1', async () => {
  const { url } = await countingServer(echo, closing);
  const argv = ['bench', url, '--search', 'connections', '-c', '2', '-d', '200ms', '-t', 'p50 < 0us'];
  const { code, out } = await capture(argv);
  expect([code, out]).toEqual([1, expect.stringContaining('Not even the least')]);
});
