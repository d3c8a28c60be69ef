/**
 * A server that answers nothing for the first second of every five: what the bench says, and what a closed loop would
 * have said.
 */
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { countingServer, echo, run } from './server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const everyMs = 5000;
const stallMs = 1000;
const loadMs = 2 * everyMs;

/**
 * One client that waits for each answer before it sends the next message, a tenth of a second after the one before at
 * the earliest.
 */
async function closedLoop(url: string, durationMs: number): Promise<number[]> {
  const socket = new WebSocket(url);
  await new Promise((resolve) => socket.once('open', resolve));
  const latencies: number[] = [];
  const endMs = performance.now() + durationMs;
  for (let dueMs = performance.now(); dueMs < endMs; dueMs = Math.max(dueMs + 100, performance.now())) {
    await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
    const sentMs = performance.now();
    const answered = new Promise((resolve) => socket.once('message', resolve));
    socket.send('x');
    await answered;
    latencies.push(performance.now() - sentMs);
  }
  socket.terminate();
  return latencies.sort((a, b) => a - b);
}

test('latency follows the known schedule, and a closed loop hides it', async () => {
  const startMs = performance.now();
  // In order, as a server that really stands still would: what came later does not overtake.
  const waiting: (() => void)[] = [];
  const { url } = await countingServer((peer, data, binary) => {
    const inPeriodMs = (performance.now() - startMs) % everyMs;
    if (inPeriodMs >= stallMs && waiting.length === 0) return echo(peer, data, binary);
    if (waiting.push(() => echo(peer, data, binary)) > 1) return;
    setTimeout(
      () => {
        for (const answer of waiting.splice(0)) answer();
      },
      Math.max(0, stallMs - inPeriodMs),
    );
  }, closing);
  const [report, closed] = await Promise.all([
    run({ url, connections: 4, messagesPerSecond: 10, durationMs: loadMs }),
    closedLoop(url, loadMs),
  ]);
  const { latency, distribution, received } = report.messages!;
  expect([received, latency.count]).toEqual([400, 400]);
  // A fifth of all messages fell into a stall and waited from 0 to 1 s, evenly. A machine that is busy adds to some.
  const shareBelow = (ms: number) => distribution.findLast(({ us }) => us < ms * 1000)!.share;
  expect(shareBelow(250)).toBeGreaterThan(0.78);
  expect(shareBelow(250)).toBeLessThan(0.9);
  expect(shareBelow(750)).toBeGreaterThan(0.88);
  expect(shareBelow(750)).toBeLessThan(0.98);
  expect(latency.max!).toBeGreaterThan(900_000);
  // The closed loop sent one message into each stall and then waited: to it, a stall is one slow message.
  const slow = closed.filter((ms) => ms > 250).length;
  expect(slow).toBeGreaterThan(0);
  expect(slow / closed.length).toBeLessThan(0.1);
});
