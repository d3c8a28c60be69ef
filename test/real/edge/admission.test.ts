/**
 * A burst of handshakes from many addresses onto two workers: caps hold exactly, refused clients are spread, who is in
 * stays in.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { route } from '../../control/plans.ts';
import { startTestEdge, type TestEdge } from './edge.ts';

const addresses = Array.from({ length: 50 }, (_, index) => `127.0.1.${index + 1}`);
const handshakes = 20_000;

test(`${handshakes} handshakes from ${addresses.length} addresses: both caps hold exactly`, async () => {
  const perAddress = 40;
  const ofRoute = 1000;
  const limits = { ...route().limits, connectionsPerAddress: perAddress, connections: ofRoute };
  const edge = await startTestEdge({ routes: [route({ limits })] });
  try {
    const inside = await edge.connect();
    const before = await roundTrips(inside, 1000);
    const burst = storm(edge);
    const during: number[] = [];
    while (!burst.ended) during.push(...(await roundTrips(inside, 20)));
    const answers = await burst.answers;
    console.log(
      `p99 of an open connection's round trip: ${p99(before).toFixed(1)} ms before, ${p99(during).toFixed(1)} ms under the burst (${during.length} round trips)`,
    );

    const admitted = answers.filter((answer) => answer.status === 101);
    // The connection that was there before counts for the route.
    expect(admitted).toHaveLength(ofRoute - 1);
    for (const address of addresses) {
      expect(admitted.filter((answer) => answer.address === address).length).toBeLessThanOrEqual(perAddress);
    }
    const refused = answers.filter((answer) => answer.status !== 101);
    expect(refused).toHaveLength(handshakes - admitted.length);
    expect(new Set(refused.map((answer) => answer.status))).toEqual(new Set([429, 503]));

    const waits = refused.map((answer) => answer.retryAfterSeconds);
    const counts = new Map<number, number>();
    for (const wait of waits) counts.set(wait, (counts.get(wait) ?? 0) + 1);
    console.log(`Retry-After: ${counts.size} different values from ${Math.min(...waits)} s to ${Math.max(...waits)} s`);
    expect(counts.size).toBeGreaterThan(15);
    expect(Math.max(...counts.values())).toBeLessThan(refused.length / 5);
  } finally {
    await edge.close();
  }
});

interface Answer {
  readonly address: string;
  readonly status: number;
  readonly retryAfterSeconds: number;
}

/** So many at a time that the edge always has a queue of them. */
const atOnce = 100;

function storm(edge: TestEdge): { readonly answers: Promise<Answer[]>; readonly ended: boolean } {
  const script = path.join(import.meta.dirname, '../support/burst.mjs');
  const child = spawn(process.execPath, [script, new URL(edge.url).port, String(handshakes), String(atOnce)]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let ended = false;
  let text = '';
  const answers = new Promise<Answer[]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the burst ended before it had its answers')));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.endsWith('\n')) return;
      ended = true;
      const rows = JSON.parse(text) as [string, number, number][];
      resolve(rows.map(([address, status, retryAfterSeconds]) => ({ address, status, retryAfterSeconds })));
    });
  });
  return {
    answers,
    get ended() {
      return ended;
    },
  };
}

async function roundTrips(socket: import('ws').WebSocket, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const sentMs = performance.now();
    const answered = new Promise((resolve) => socket.once('message', resolve));
    socket.send('x');
    await answered;
    times.push(performance.now() - sentMs);
  }
  return times;
}

function p99(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
}
