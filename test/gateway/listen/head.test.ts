/**
 * `limits.head`: whatever fits passes, by each way that a head may come; what does not gets 431, and the log says by
 * which setting.
 */
import { afterEach, expect, test } from 'vitest';
import { acceptPeer, handshakeText } from '../../support/raw-peer.ts';
import { dialRaw, headEnd, rawServer } from '../../support/raw-socket.ts';
import { testPlan } from '../edge.ts';
import { cleanUp, edgeFor, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

async function edgeWith(headBytesMax: number) {
  // A server that takes any head: node:http's own ends at 16 KiB.
  const server = await rawServer((socket) => void acceptPeer(socket));
  onCleanUp(() => server.close());
  const plan = testPlan([server.url]);
  return edgeFor([], {}, { plan: { ...plan, limits: { ...plan.limits, headBytesMax } } });
}

/** A handshake of exactly so many bytes. */
function headOf(bytes: number): string {
  const padded = (length: number) => handshakeText({ headers: [`Cookie: ${'c'.repeat(length)}`] });
  return padded(bytes - padded(0).length);
}

async function answer(port: number, pieces: readonly string[]): Promise<string> {
  const raw = await dialRaw(port);
  onCleanUp(() => raw.socket.destroy());
  for (const piece of pieces) {
    raw.write(piece);
    await new Promise(setImmediate);
  }
  const end = await raw.until(headEnd);
  return raw.received.toString('latin1', 0, end);
}

const inPieces = (text: string, bytes: number) => text.match(new RegExp(`[\\s\\S]{1,${bytes}}`, 'g'))!;

test.each([
  ['the default', 16_384, 16_000],
  ['more than the default', 65_536, 65_000],
  ['less', 2048, 2000],
])('%s: a head that fits passes', async (_, limit, bytes) => {
  const edge = await edgeWith(limit);
  const text = headOf(bytes);
  expect(text.length).toBe(bytes);
  expect(await answer(edge.port, [text])).toMatch(/ 101 /);
  expect(await answer(edge.port, inPieces(text, Math.ceil(bytes / 5)))).toMatch(/ 101 /);
  // More pieces than the quick reader takes: node:http goes on with it.
  expect(await answer(edge.port, inPieces(text, Math.ceil(bytes / 40)))).toMatch(/ 101 /);
});

test.each([
  ['the default', 16_384],
  ['more than the default', 65_536],
  ['less', 2048],
])('%s: a larger one gets 431', async (_, limit) => {
  const edge = await edgeWith(limit);
  expect(await answer(edge.port, [headOf(limit + 200)])).toMatch(/ 431 /);
  const { refusal } = await edge.next('refused');
  expect(refusal).toMatchObject({
    outcome: 'bad-handshake',
    status: 431,
    detail: `the request head is larger than ${limit} bytes (limits.head)`,
  });
});
