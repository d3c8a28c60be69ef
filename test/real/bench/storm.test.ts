/** Storms against a server that keeps its own count. */
import { afterEach, describe, expect, test } from 'vitest';
import type { StormReport } from '../../../src/bench/run/report-parts.ts';
import { capture } from '../../cli/capture.ts';
import { countingServer, echo, refuseWhile, run } from './server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, each) => all + each, 0);

/** What must add up in every storm from which all come back. */
function expectWhole(storm: StormReport, connections: number): void {
  expect(storm).toMatchObject({ openBefore: connections, dropped: connections, returned: connections });
  expect(storm.attempts).toBe(storm.returned + sum(storm.refused));
  expect(storm.away.count).toBe(storm.returned);
  expect(storm.recoveredMs).toBeGreaterThanOrEqual(Math.floor(storm.away.max! / 1000));
  const { curve } = storm;
  for (const name of ['attempts', 'returned'] as const)
    expect(curve.reduce((all, row) => all + row[name], 0)).toBe(storm[name]);
  expect(curve.reduce((all, row) => all + row.refused, 0)).toBe(sum(storm.refused));
  expect([curve[0]!.open, Math.min(...curve.map(({ open }) => open)), curve.at(-1)!.open]).toEqual([
    connections,
    0,
    connections,
  ]);
}

const atOnce = { firstMs: 0, maxMs: 0 };

test('all cut, and all come back: the count of the server agrees, in two storms and two processes', async () => {
  const { count, wss, url } = await countingServer(echo, closing);
  const connections = 60;
  const report = await run({
    url,
    mode: 'hold',
    connections,
    durationMs: 2500,
    processes: 2,
    backoff: atOnce,
    storms: [
      { atMs: 200, command: null },
      { atMs: 1200, command: null },
    ],
  });
  expect(report.ended).toBe('complete');
  expect(report.storms).toHaveLength(2);
  for (const storm of report.storms) expectWhole(storm, connections);
  expect(count.connections).toBe(3 * connections);
  expect(report.connections).toMatchObject({ opened: 3 * connections, failed: 0, dropped: 0 });
  expect(report.series.reduce((all, { attempts }) => all + attempts, 0)).toBe(3 * connections);
  expect(report.series.reduce((all, { dropped }) => all + dropped, 0)).toBe(2 * connections);
  await expect.poll(() => wss.clients.size).toBe(0);
});

test('messages go on with the next that is due, and all numbers agree with the server', async () => {
  const { count, url } = await countingServer(echo, closing);
  // One message a second for each, spread over the second; what is under way when the storm comes is lost.
  const report = await run({
    url,
    connections: 20,
    durationMs: 4000,
    messagesPerSecond: 5,
    backoff: { firstMs: 300, maxMs: 300, jitter: 0 },
    storms: [{ atMs: 1000, command: null }],
  });
  const { intended, sent, unsent, received, lost } = report.messages!;
  expect([intended, sent + unsent, received + lost]).toEqual([400, 400, sent]);
  // Everybody was away for 300 ms at least, and is there again for the end.
  expect(unsent).toBeGreaterThanOrEqual(20);
  expect(report.series.at(-2)!.open).toBe(20);
  expect(count.messages).toBeGreaterThanOrEqual(received);
  expect(count.messages).toBeLessThanOrEqual(sent);
  expect(report.unexpected).toBe(0);
  expectWhole(report.storms[0]!, 20);
});

test('a server that refuses for a while: counted by reason, and tried again', async () => {
  const { count, wss, url } = await countingServer(echo, closing);
  let until = 0;
  const refusals = refuseWhile(wss, () =>
    Date.now() < until ? 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n' : null,
  );
  setTimeout(() => {
    until = Date.now() + 1500;
    for (const peer of wss.clients) peer.terminate();
  }, 1500);
  const report = await run({
    url,
    mode: 'hold',
    connections: 25,
    connectsPerSecond: 1000,
    durationMs: 6000,
    processes: 2,
    backoff: { firstMs: 100, maxMs: 400, jitter: 0.5 },
    // Nothing but the time from which drops belong to the storm: the server itself does it.
    storms: [{ atMs: 0, command: 'true' }],
  });
  const storm = report.storms[0]!;
  expectWhole(storm, 25);
  expect(storm.command).toEqual({ line: 'true', exitCode: 0 });
  expect(storm.refused).toEqual({ 'upgrade: status 503': refusals.refused });
  expect(refusals.refused).toBeGreaterThan(25);
  expect(count.connections).toBe(50);
  expect(report.connections).toMatchObject({ opened: 50, failed: 0, failures: {}, drops: {} });
  expect(report.series.reduce((all, { failed }) => all + failed, 0)).toBe(refusals.refused);
});

test('Retry-After is waited for when asked', async () => {
  const { wss, url } = await countingServer(echo, closing);
  let refusing = false;
  const refusals = refuseWhile(wss, () =>
    refusing
      ? 'HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
      : null,
  );
  wss.once('connection', () => {
    setTimeout(() => {
      refusing = true;
    }, 1000);
  });
  const running = run({
    url,
    mode: 'hold',
    connections: 10,
    durationMs: 5500,
    backoff: { ...atOnce, retryAfter: true },
    storms: [{ atMs: 1800, command: null }],
  });
  await expect.poll(() => refusals.refused, { timeout: 10_000 }).toBe(10);
  refusing = false;
  const { storms } = await running;
  // One refusal each: nobody tried again before it was time.
  expect(storms[0]!).toMatchObject({ refused: { 'upgrade: status 429': 10 }, attempts: 20, returned: 10 });
  expect(storms[0]!.away.min!).toBeGreaterThanOrEqual(2_000_000);
});

test('who does not come back in time: the storm has not recovered', async () => {
  const { wss, url } = await countingServer(echo, closing);
  const { code, out } = await capture([
    ...['bench', url, '-c', '5', '-d', '1500ms', '--mode', 'hold', '--backoff', '10s', '--jitter', '0'],
    ...['--storm', '300ms', '-t', 'recovered < 10s'],
  ]);
  expect(code).toBe(1);
  expect(out).toContain('not recovered when the load ended');
  expect(out).toContain('missed  recovered < 10s  (nothing was measured)');
  expect(wss.clients.size).toBe(0);
});

describe('a command', () => {
  test('that fails is told of, with what it said', async () => {
    const { url } = await countingServer(echo, closing);
    const { code, out, err } = await capture([
      ...['bench', url, '-c', '2', '-d', '1s', '--storm', '100ms', '--storm-command', 'echo gone >&2; exit 7'],
    ]);
    expect(code).toBe(0);
    expect(err).toContain('the command of the storm ended with exit code 7');
    expect(err).toContain('gone');
    expect(out).toContain('0 of 2 dropped');
  });

  test('that does not exist', async () => {
    const { url } = await countingServer(echo, closing);
    const { err } = await capture([
      ...['bench', url, '-c', '2', '-d', '500ms', '--storm-command', 'no-such-command-here'],
    ]);
    expect(err).toContain('ENOENT');
  });

  test('that hangs is ended with the load', async () => {
    const { url } = await countingServer(echo, closing);
    const { storms } = await run({
      url,
      connections: 1,
      durationMs: 500,
      storms: [{ atMs: 0, command: 'sleep 600' }],
    });
    expect(storms[0]!.command).toEqual({ line: 'sleep 600', exitCode: null });
  });
});

test('--reconnect: whoever is dropped outside of a storm comes back', async () => {
  const { count, wss, url } = await countingServer(echo, closing);
  setTimeout(() => {
    for (const peer of [...wss.clients].slice(0, 4)) peer.close(1012);
  }, 1500);
  const report = await run({
    url,
    mode: 'hold',
    connections: 10,
    connectsPerSecond: 1000,
    durationMs: 3500,
    reconnect: true,
    backoff: { firstMs: 100, maxMs: 100 },
  });
  expect(report.connections).toMatchObject({ opened: 14, failed: 0, dropped: 4, drops: { 'close 1012': 4 } });
  expect(count.connections).toBe(14);
  expect(report.series.at(-2)!.open).toBe(10);
});
