/** A burst of handshakes from many addresses onto two workers: caps hold exactly, refused clients are spread, who is in stays in. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { route } from '../control/plans.ts';
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
    const before = await roundTrips(inside, 500);
    const burst = storm(edge, handshakes);
    const during = await roundTrips(inside, 500);
    const answers = await burst;
    console.log(
      `p99 of an open connection's round trip: ${p99(before).toFixed(1)} ms before, ${p99(during).toFixed(1)} ms under the burst`,
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

/** Every second handshake comes from one of five greedy addresses, which reach their own cap before the route reaches its. */
function addressOf(index: number): string {
  return addresses[index % (index % 2 === 0 ? addresses.length : 10)]!;
}

/** So many at a time that the edge always has a queue of them. */
const atOnce = 100;

/** Makes handshakes from all addresses in turn; those that succeed stay open until the edge closes. */
async function storm(edge: TestEdge, count: number): Promise<Answer[]> {
  const port = Number(new URL(edge.url).port);
  const answers: Answer[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count) answers.push(await handshake(port, addressOf(next++)));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return answers;
}

function handshake(port: number, address: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress: address });
    socket.on('error', reject);
    socket.write(
      'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    socket.once('data', (chunk) => {
      const head = chunk.toString('latin1');
      const status = Number(head.slice(9, 12));
      if (status !== 101) socket.destroy();
      else socket.resume().unref();
      resolve({ address, status, retryAfterSeconds: Number(/^retry-after: (\d+)/im.exec(head)?.[1] ?? Number.NaN) });
    });
  });
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
